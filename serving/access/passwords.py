"""Passwords: their length, and their Argon2 hashes."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rind.common.errors import UsageError

SHORTEST, LONGEST = 12, 200
"""Characters of a password."""


class Passwords:
    """Hashes passwords and checks them; the hasher sets the cost (None: the library's own)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._hash_of_nobody = self._hasher.hash(secrets.token_hex())

    def hashed(self, password: str) -> str:
        """The hash to keep; refuses a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsageError(
                f"a password of {len(password)} characters",
                f"give {SHORTEST} to {LONGEST} characters; four random words do",
            )
        return self._hasher.hash(password)

    def matches(self, password: str, kept_hash: str | None) -> bool:
        """Whether the password belongs to the hash.

        Without a hash (an unknown user) the check takes as long and fails, so that nobody can tell which users exist.
        """
        try:
            self._hasher.verify(kept_hash or self._hash_of_nobody, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return kept_hash is not None

    def renewed(self, password: str, kept_hash: str) -> str | None:
        """A new hash where the kept one was made at another cost than today's; else None."""
        return self._hasher.hash(password) if self._hasher.check_needs_rehash(kept_hash) else None
