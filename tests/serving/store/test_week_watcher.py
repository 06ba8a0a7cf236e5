"""The thread that looks for the next week."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from benchmarks.made_results import make_results
from rind.serving.store.folder import FolderStore
from rind.serving.store.protocols import Week


def spoil(folder: Path, **changed: Any) -> None:
    """Change what run.json says, as another version of Rind might."""
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(run | changed))


@pytest.mark.parametrize("changed", [{"as_of": None}, {"as_of": ["2026"]}, {"manifest": 7}])
def test_a_week_that_cannot_be_understood_is_looked_at_once_and_the_old_one_is_served_on(
    tmp_path: Path, changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0)
    old = store.current()
    spoil(tmp_path, **changed)
    assert not store.refresh()
    with monkeypatch.context() as patched:
        patched.setattr(store, "_load", lambda _: pytest.fail("it was looked at again"))
        assert not store.refresh()
    assert store.current() is old
    make_results(tmp_path, accounts=12, weeks=20, seed=9)
    assert store.refresh()
    assert store.current() is not old


def test_why_newer_results_are_not_served_is_known_until_they_are(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0)
    assert store.problem() is None
    spoil(tmp_path, as_of=None)
    for _ in range(2):  # it is looked at once, and known on
        store.refresh()
        problem = store.problem()
        assert problem is not None
        assert "run.json is no record of a run" in problem.message
    make_results(tmp_path, accounts=12, weeks=20, seed=9)
    assert store.refresh()
    assert store.problem() is None


def test_a_folder_that_was_away_and_is_back_is_no_problem_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0)
    with monkeypatch.context() as patched:
        patched.setattr(store, "_mark", lambda: (_ for _ in ()).throw(OSError("stale file handle")))
        store.refresh()
        assert store.problem() is not None
    assert not store.refresh()
    assert store.problem() is None


def test_a_disk_that_was_away_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0)
    old = store.current()
    make_results(tmp_path, accounts=12, weeks=20, seed=9)
    with monkeypatch.context() as patched:
        patched.setattr(
            "rind.serving.store.folder.load_week", lambda *_: (_ for _ in ()).throw(OSError("stale file handle"))
        )
        assert not store.refresh()
    assert store.current() is old
    assert store.refresh()


def test_a_week_that_cannot_be_prepared_does_not_end_the_looking(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0.02)
    try:
        old = store.current()
        tried, prepared = threading.Event(), threading.Event()

        def prepare(week: Week) -> None:
            if week is old:
                return
            if not tried.is_set():
                tried.set()
                raise KeyError("a column that nobody has heard of")
            prepared.set()

        store.prepare_with(prepare)
        make_results(tmp_path, accounts=12, weeks=20, seed=9)
        assert tried.wait(30)
        assert store.current() is old
        make_results(tmp_path, accounts=12, weeks=20, seed=10)
        assert prepared.wait(30)
    finally:
        store.close()


def test_the_store_looks_by_itself(tmp_path: Path) -> None:
    import time

    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0.02)
    try:
        old = store.current().version
        make_results(tmp_path, accounts=12, weeks=20, seed=9)
        until = time.monotonic() + 20
        while store.current().version == old and time.monotonic() < until:
            time.sleep(0.02)
        assert store.current().version != old
    finally:
        store.close()
