"""How often a password may be tried: counted for a name at an address, and for the address.

No password is counted for a name alone: five wrong tries by somebody else would keep its owner out. The right password
from an address that did not guess always gets in. Codes of a second factor are counted for a name alone, too: a million
of them could be tried from many addresses, and only who knows the password gets as far as that.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

OF_AN_ADDRESS = 10
"""An address may try so many times as often as a name at it: many people may share it."""
CODES_PER_HOUR = 30
"""Codes of a second factor that may be tried for a user, from wherever: who tries them knows the password."""
NETWORK_BITS = 64
"""Who has one IPv6 address has all of its network."""


class Attempts:
    """The attempts of the last minute, in memory.

    Parameters
    ----------
    per_minute
        Attempts a minute with one name from one address.
    """

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_pair = RateLimitItemPerMinute(per_minute)
        self._per_address = RateLimitItemPerMinute(per_minute * OF_AN_ADDRESS)
        self._codes = RateLimitItemPerHour(CODES_PER_HOUR)

    def may_try(self, name: str, address: str) -> bool:
        """Count an attempt; False where there were too many."""
        place = network(address)
        if not self._limiter.hit(self._per_address, "address", place):
            return False
        return self._limiter.hit(self._per_pair, "pair", name.casefold(), place)

    def may_try_code(self, name: str, address: str) -> bool:
        """Count an attempt with a code of a second factor; False where there were too many."""
        return self.may_try(name, address) and self._limiter.hit(self._codes, "code", name.casefold())

    def succeeded(self, name: str, address: str) -> None:
        """Forget the attempts with this name at this address: its owner mistyped."""
        self._limiter.clear(self._per_pair, "pair", name.casefold(), network(address))


def network(address: str) -> str:
    """The address; of one in IPv6 its network of 64 bits, and the IPv4 address that it holds where it holds one."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(IPv6Address(int(known) >> NETWORK_BITS << NETWORK_BITS))
