"""Accounts in addresses: any id has a link that browsers, proxies and routes leave as it is.

An id that would not survive is written as ``~`` and its base64: ``..`` (browsers go up a folder, however it is
escaped), line ends and other control characters, and slashes (proxies unescape them).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import quote

MARK = "~"


def account_segment(account_id: str) -> str:
    """The id as one part of a path, escaped."""
    plain = account_id.isprintable() and account_id.strip(".") and not set(account_id) & {"/", "\\"}
    if plain and not account_id.startswith(MARK):
        return quote(account_id, safe="")
    return MARK + urlsafe_b64encode(account_id.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def account_of(segment: str) -> str:
    """The id that a part of a path names, unescaped; what `account_segment` did not write is an id as it stands."""
    if not segment.startswith(MARK):
        return segment
    encoded = segment.removeprefix(MARK)
    try:
        account_id = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("utf-8", "surrogatepass")
    except ValueError:
        return segment
    return account_id if account_id and account_segment(account_id) == segment else segment
