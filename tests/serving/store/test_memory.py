"""A week in memory."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from result_folders import first_and_second

from benchmarks.made_results import make_results
from rind.serving.store.folder import FolderStore
from rind.serving.views.run_facts import facts_of


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


def test_a_week_that_nobody_reads_any_more_is_given_back(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    store = FolderStore(tmp_path, 0)
    facts_of(store.current())
    left = weakref.ref(store.current())
    make_results(tmp_path, accounts=12, weeks=20, seed=9)
    assert store.refresh()
    gc.collect()
    assert left() is None
