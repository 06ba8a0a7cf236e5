"""The file of a backup: a tar, compressed by zstd or gzip, that begins with the list of its files and their hashes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from pyarrow import lib as pa

from rind.common.errors import UsageError
from rind.common.files import atomic_path, sha256
from rind.pipelines.scratch import scratch

HEAD = "backup.json"
SCHEMA = 1
SUFFIXES = (".tar.zst", ".tar.gz")
LONGEST_HEAD = 64 * 2**20
BLOCK = 2**20


@dataclass(frozen=True)
class Backup:
    """What an archive holds: by which Rind it was made when, of which week, path -> bytes, sha256, modified_ns."""

    schema: int
    made_at: str
    rind: str
    as_of: str
    files: dict[str, dict[str, Any]]

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(int(file["bytes"]) for file in self.files.values())


def write_archive(folder: Path, file: Path, as_of: str) -> Backup:
    """Write all files of a folder into an archive, whole or not at all; only its owner may read it.

    Raises
    ------
    UsageError
        The name does not end in one of `SUFFIXES`.
    """
    if not file.name.endswith(SUFFIXES):
        raise UsageError(f"{file.name} ends in none of {', '.join(SUFFIXES)}", "for example --out monday.tar.zst")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = {path.relative_to(folder).as_posix(): _listed(path) for path in paths}
    backup = Backup(SCHEMA, datetime.now(UTC).isoformat(timespec="seconds"), version("rind"), as_of, listed)
    with atomic_path(file) as temporary:
        os.close(os.open(temporary, os.O_CREAT | os.O_WRONLY, 0o600))
        with _compressed(temporary, file.name) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
            head = json.dumps(asdict(backup)).encode()
            tar.addfile(_member(HEAD, len(head)), io.BytesIO(head))
            for name in listed:
                with (folder / name).open("rb") as content:
                    tar.addfile(_member(name, listed[name]["bytes"]), content)
    return backup


def _listed(path: Path) -> dict[str, Any]:
    """What the list says of a file; servers tell weeks apart by the times of their files."""
    stat = path.stat()
    return {"bytes": stat.st_size, "sha256": sha256(path), "modified_ns": stat.st_mtime_ns}


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def _compressed(path: Path, name: str) -> Iterator[Any]:
    codec = "zstd" if name.endswith(".zst") else "gzip"
    with pa.OSFile(str(path), "wb") as raw, pa.CompressedOutputStream(raw, codec) as stream:
        yield stream


@contextmanager
def read_archive(file: Path, beside: Path) -> Iterator[tuple[Backup, Path]]:
    """What an archive holds, and its files in a new folder in ``beside``, which is deleted at the end.

    Every file is one that the list names, of that size and hash, and none is missing: else nothing is handed out.

    Raises
    ------
    UsageError
        It is no backup, or a broken one; it was made by a later Rind; or a name in it leads out of the folder.
    """
    with scratch(beside, ".rind-restore-") as folder:
        try:
            with _opened(file) as tar:
                backup = _unpack(tar, folder)
        except (OSError, tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
            raise _broken(file, f"{type(error).__name__}: {error}") from error
        except UsageError as error:
            raise _broken(file, error.message) from error
        yield backup, folder


def _broken(file: Path, reason: str) -> UsageError:
    return UsageError(f"{file} cannot be restored: {reason}", "take another backup; nothing was changed")


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    with file.open("rb") as raw:
        codec = "zstd" if raw.read(4) == b"\x28\xb5\x2f\xfd" else "gzip"
    with (
        pa.OSFile(str(file), "rb") as whole,
        pa.CompressedInputStream(whole, codec) as stream,
        tarfile.open(fileobj=_Reader(stream), mode="r|") as tar,
    ):
        yield tar


class _Reader(io.RawIOBase):
    """An Arrow stream as Python reads one."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        return bytes(self._stream.read(None if size < 0 else size))


def _unpack(tar: tarfile.TarFile, folder: Path) -> Backup:
    backup = _head(tar)
    missing = set(backup.files)
    while (member := tar.next()) is not None:
        listed = backup.files.get(member.name)
        if listed is None or member.name not in missing or not member.isreg():
            raise UsageError(f"it holds {member.name!r}, which its list does not name, or twice, or as no file")
        content = tar.extractfile(member)
        assert content is not None  # a regular file
        _write(content, folder / member.name, int(listed["bytes"]), str(listed["sha256"]))
        os.utime(folder / member.name, ns=(int(listed["modified_ns"]),) * 2)
        missing.discard(member.name)
    if missing:
        raise UsageError(
            f"{len(missing)} of its {len(backup.files)} files are missing, {sorted(missing)[0]} among them"
        )
    return backup


def _head(tar: tarfile.TarFile) -> Backup:
    """The list that an archive begins with; every name in it stays within a folder."""
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.isreg() else None
    if first is None or content is None or first.name != HEAD or first.size > LONGEST_HEAD:
        raise UsageError("it does not begin with the list of a backup")
    record = json.loads(content.read())
    if record["schema"] != SCHEMA:
        raise UsageError(f"it has the schema {record['schema']}, this Rind knows {SCHEMA}: use the Rind that made it")
    backup = Backup(**record)
    for name in backup.files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or "\\" in name or str(path) != name:
            raise UsageError(f"the name {name!r} leads out of the folder")
    return backup


def _write(content: Any, path: Path, size: int, digest: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    hashed, written = hashlib.sha256(), 0
    with path.open("xb") as file:
        while block := content.read(BLOCK):
            written += len(block)
            hashed.update(block)
            file.write(block)
    if (written, hashed.hexdigest()) != (size, digest):
        raise UsageError(f"{path.name} is not what the list says")
