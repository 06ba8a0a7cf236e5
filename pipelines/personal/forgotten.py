"""The list of who was forgotten, so that the next run leaves them out: hashes with a key of this folder, no ids.

Whoever holds the list can try an id against it, and where ids are numbered can try them all: it hides an id from
somebody who looks at the file, not from somebody who searches.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from rind.common.errors import UsageError
from rind.common.files import atomic_path

NAME = "forgotten.json"
SCHEMA = 1
Kind = Literal["account", "contact"]


class Mark(NamedTuple):
    """One who was forgotten: account or contact, the hash of the id, and the day (UTC)."""

    kind: str
    digest: str
    day: str


@dataclass(frozen=True)
class ForgottenList:
    """Who was forgotten in one folder of results."""

    key: bytes
    marks: tuple[Mark, ...] = ()

    def digest(self, kind: Kind, id_: str) -> str:
        """What the list keeps of an id."""
        return hmac.new(self.key, f"{kind}\0{id_}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def among(self, kind: Kind, ids: Collection[str]) -> frozenset[str]:
        """Those of the ids that are on the list."""
        digests = {mark.digest for mark in self.marks if mark.kind == kind}
        return frozenset(id_ for id_ in ids if digests and self.digest(kind, id_) in digests)

    def with_ids(self, kind: Kind, ids: Collection[str]) -> ForgottenList:
        """The list with further ids; those that are on it stay as they are."""
        new = set(ids) - self.among(kind, ids)
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        return replace(self, marks=(*self.marks, *sorted(Mark(kind, self.digest(kind, id_), day) for id_ in new)))

    def has(self, kind: Kind) -> bool:
        """Whether anybody of that kind is on it."""
        return any(mark.kind == kind for mark in self.marks)


def read_forgotten(out: Path) -> ForgottenList:
    """The list of a folder of results; an empty one with a new key where there is none.

    Raises
    ------
    UsageError
        It cannot be read: a run must not bring back who was forgotten.
    """
    path = out / NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        marks = tuple(Mark(*(str(mark[name]) for name in Mark._fields)) for mark in record["forgotten"])
        if record["schema"] != SCHEMA:
            raise UsageError(f"{path} has the schema {record['schema']}", "use the version of Rind that wrote it")
        return ForgottenList(bytes.fromhex(record["key"]), marks)
    except FileNotFoundError:
        return ForgottenList(secrets.token_bytes(32))
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "restore it from a backup; without it a run would bring back who was forgotten"
        raise UsageError(f"{path} cannot be read: {type(error).__name__}", hint) from error


def write_forgotten(out: Path, listed: ForgottenList) -> None:
    """Write the list, atomically; only its owner may read it."""
    record = {"schema": SCHEMA, "key": listed.key.hex(), "forgotten": [mark._asdict() for mark in listed.marks]}
    with atomic_path(out / NAME) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
