"""The provider's tokens: encrypted in the access file with a key that only the browser's session token gives."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field

from cryptography.fernet import Fernet, InvalidToken


@dataclass(frozen=True)
class ProviderTokens:
    """What the provider gave for one person; "" for what it did not give. Never printed."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    identity: str = field(default="", repr=False)


def sealed(tokens: ProviderTokens, session_token: str) -> str:
    """The tokens as the access file keeps them."""
    return _cipher(session_token).encrypt(json.dumps(asdict(tokens)).encode()).decode()


def opened(text: str, session_token: str) -> ProviderTokens:
    """The tokens behind what `sealed` made for the same session; empty ones where the text was made for another."""
    try:
        return ProviderTokens(**json.loads(_cipher(session_token).decrypt(text.encode())))
    except InvalidToken:
        return ProviderTokens()


def _cipher(session_token: str) -> Fernet:
    key = hashlib.sha256(b"provider tokens of a session\0" + session_token.encode("utf-8", "surrogatepass")).digest()
    return Fernet(urlsafe_b64encode(key))
