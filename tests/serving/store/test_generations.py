"""A weekly run into the served folder: the old week or the new one, never half of one."""

from __future__ import annotations

import gc
import json
import os
import shutil
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest

from benchmarks.made_results import make_results
from rind.common.results import public_paths
from rind.serving.store.folder import READ, FolderStore
from rind.serving.store.protocols import NoResultsError, Week
from rind.serving.views.run_facts import facts_of


def first_and_second(tmp_path: Path) -> tuple[Path, Path]:
    """Two published weeks of the same accounts."""
    first, second = tmp_path / "first", tmp_path / "second"
    make_results(first, accounts=12, weeks=20, mark=" (first)")
    make_results(second, accounts=12, weeks=20, seed=8, mark=" (second)")
    return first, second


def test_at_every_step_of_a_publication_one_whole_week_is_served(tmp_path: Path) -> None:
    first, second = first_and_second(tmp_path)
    store = FolderStore(first, 0)
    old = store.current().version
    for name in [n for n in public_paths() if n != "run.json" and (first / n).exists()]:
        os.replace((second / name).resolve(), (first / name).resolve())
        assert not store.refresh()
        assert store.current().version == old
        if name in READ:
            with pytest.raises(NoResultsError, match="not of the same run"):
                FolderStore(first, 0).current()
    os.replace((second / "run.json").resolve(), (first / "run.json").resolve())
    assert store.refresh()
    assert store.current().version != old
    assert store.current().risk_list["name"].str.endswith("(second)").all()


def test_a_week_that_a_reader_holds_stays_as_it_was(tmp_path: Path) -> None:
    first, _ = first_and_second(tmp_path)
    store = FolderStore(first, 0)
    held = store.current()
    before = held.history("A00003").copy(), held.explanation("A00003").copy()
    make_results(first, accounts=12, weeks=20, seed=9)
    assert store.refresh()
    assert store.current() is not held
    assert held.history("A00003").equals(before[0])
    assert held.explanation("A00003").equals(before[1])


@pytest.mark.parametrize("broken", ["risk_list.parquet", "features.parquet", "metrics.json", "plots/gains.csv"])
def test_a_file_that_is_not_what_the_manifest_says_is_not_served(tmp_path: Path, broken: str) -> None:
    first, second = first_and_second(tmp_path)
    shutil.copy(second / broken, first / broken)
    if broken.endswith(("json", "csv")):
        (first / broken).write_text((first / broken).read_text() + " ")
    with pytest.raises(NoResultsError, match="not of the same run"):
        FolderStore(first, 0).current()


def test_without_a_manifest_the_folder_is_believed(tmp_path: Path) -> None:
    first, _ = first_and_second(tmp_path)
    run = json.loads((first / "run.json").read_text())
    del run["manifest"]
    (first / "run.json").write_text(json.dumps(run))
    assert len(FolderStore(first, 0).current().risk_list) == 12


def test_a_folder_that_gets_its_first_results_is_served_from_then_on(tmp_path: Path) -> None:
    store = FolderStore(tmp_path, 0)
    with pytest.raises(NoResultsError, match=r"run\.json"):
        store.current()
    make_results(tmp_path, accounts=12, weeks=20)
    assert store.refresh()
    assert len(store.current().risk_list) == 12


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


def test_a_week_that_nobody_reads_any_more_is_given_back(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0)
    facts_of(store.current())
    left = weakref.ref(store.current())
    make_results(tmp_path, accounts=12, weeks=20, seed=9)
    assert store.refresh()
    gc.collect()
    assert left() is None
