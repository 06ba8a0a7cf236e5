"""Folders for what is unpacked or copied on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from rind.common.errors import UsageError
from rind.pipelines import scratch as room
from rind.pipelines.backup import restore
from rind.pipelines.params import load
from rind.pipelines.places import places_of
from rind.pipelines.scratch import KINDS, clear_leftovers, scratch
from rind.pipelines.weeks import HIDDEN, RESTORED, alone


def leftover(folder: Path) -> Path:
    """As a killed process leaves it."""
    folder.mkdir(parents=True)
    (folder / "access.sqlite").write_text("names")
    return folder


def test_a_folder_is_there_while_it_is_used_and_gone_afterwards(tmp_path: Path) -> None:
    with scratch(tmp_path / "new", KINDS[0]) as folder:
        (folder / "x").touch()
        assert folder.parent == tmp_path / "new"
    assert list((tmp_path / "new").iterdir()) == []
    with pytest.raises(OSError, match="full"), scratch(tmp_path / "new", KINDS[0]):
        raise OSError("full")
    assert list((tmp_path / "new").iterdir()) == []


def test_what_a_killed_process_left_is_cleared_and_what_another_one_uses_is_not(tmp_path: Path) -> None:
    left = [leftover(tmp_path / f"{kind}abc") for kind in KINDS]
    kept = [leftover(tmp_path / name) for name in ("restore-abc", "mlruns")]
    with scratch(tmp_path, KINDS[0]) as used:
        clear_leftovers(tmp_path)
        assert used.is_dir()
    assert [folder.exists() for folder in (*left, *kept)] == [False, False, True, True]


def test_beside_a_folder_of_results_a_restore_clears_what_restores_left_and_no_backup_of_somebody(
    tmp_path: Path,
) -> None:
    theirs, ours = (leftover(tmp_path / name) for name in (".rind-backup-2026-06-29", ".rind-restore-abc"))
    (tmp_path / "broken.tar.zst").touch()
    with pytest.raises(UsageError, match="cannot be restored"):
        restore(tmp_path / "broken.tar.zst", tmp_path / "results", lambda: places_of(tmp_path, load(None)))
    assert [folder.exists() for folder in (theirs, ours)] == [True, False]


def test_a_link_or_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    theirs = leftover(tmp_path / "theirs")
    (tmp_path / f"{KINDS[0]}link").symlink_to(theirs)
    (tmp_path / f"{KINDS[0]}file").touch()
    clear_leftovers(tmp_path)
    assert (theirs / "access.sqlite").exists()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_is_cleared_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, tried = room._lock, list[Path]()

    def late(folder: Path) -> int:
        tried.append(folder)
        if len(tried) == 1:
            folder.rmdir()
        return locked(folder)

    monkeypatch.setattr(room, "_lock", late)
    with scratch(tmp_path, KINDS[0]) as folder:
        assert folder.is_dir()
    assert len(tried) == 2


def test_whoever_changes_a_folder_of_results_clears_what_was_left_there(tmp_path: Path) -> None:
    left = [leftover(tmp_path / HIDDEN / name) for name in (f"{KINDS[0]}a", f"{KINDS[1]}b", RESTORED)]
    with alone(tmp_path):
        assert [folder.exists() for folder in left] == [False] * 3
