"""Keyed pseudonyms: the same id gives the same pseudonym in every file and every week, and only the key leads back."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from rind.common.errors import UsageError

VARIABLE = "RIND_PSEUDONYM_KEY"
NAME = "pseudonym.key"
SHORTEST_KEY = 16
HEX_DIGITS = 16
Kind = Literal["account", "staff"]
PREFIXES: dict[Kind, str] = {"account": "a_", "staff": "s_"}


def pseudonym_key(out: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """The key of a folder of results: of the environment, else of a file beside the results, which is made once.

    Raises
    ------
    UsageError
        The key is too short to keep anybody from guessing it, or the file cannot be read.
    """
    given = environment.get(VARIABLE, "").strip()
    if not given:
        given = _key_of_file(out / NAME)
    if len(given) < SHORTEST_KEY:
        hint = f'make one: {VARIABLE}=$(python -c "import secrets; print(secrets.token_hex(32))")'
        raise UsageError(f"the key of the pseudonyms has fewer than {SHORTEST_KEY} signs", hint)
    return given.encode()


def _key_of_file(path: Path) -> str:
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", f"set {VARIABLE}") from error
    return path.read_text().strip()


def pseudonym(key: bytes, kind: Kind, value: object) -> str:
    """What stands for an id or a name; 64 bits: two of a million meet with a chance of one in thirty million."""
    text = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
    return PREFIXES[kind] + hmac.new(key, text, hashlib.sha256).hexdigest()[:HEX_DIGITS]
