"""Odd sources end in a list or in a refusal (`python -m benchmarks.fuzz`): a quick part of it, all with RIND_FUZZ=1/1.

RIND_FUZZ=2/4 runs every fourth change from the second on, as first and as second week.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.fuzz import FIRST, SECOND, Fuzz, Outcome, chosen, odd_words, quiet_output, summary
from benchmarks.fuzz_sources import Change, changes, company
from benchmarks.remembered import Remembered
from rind.common.errors import UsageError
from rind.features.tables import TABLES
from rind.pipelines.workspace import Workspace

QUICK = (  # the older registered adoption model still wants what is gone here; and the days that nobody pays on
    "product_features: gone", "usage.user_id: all null", "usage.feature: constant", "everybody left",
    "subscriptions.notice_on: constant",
)  # fmt: skip
WITH_THE_BENCHMARKS = ("usage.user_id: all null", "usage.feature: constant")
"""Two columns of usage; `make bench` runs them. What families make of use without user ids, `families/` tests."""
SLICE = os.environ.get("RIND_FUZZ", "")


def cases() -> list[Any]:
    if SLICE:
        return list(chosen(SLICE))
    late = dict.fromkeys(WITH_THE_BENCHMARKS, pytest.mark.bench)
    return [pytest.param(c, marks=late.get(c.name, ())) for c in changes() if c.name in QUICK]


WEEKS = (SECOND, FIRST) if SLICE else (SECOND,)


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Fuzz:
    with quiet_output():
        return Fuzz(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.slow
@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("change", cases(), ids=lambda change: change.name)
def test_an_odd_source_ends_in_a_list_or_in_a_refusal_that_says_what_to_do(
    fuzz: Fuzz, change: Change, week: str
) -> None:
    with quiet_output():
        (outcome,) = fuzz.outcomes(change, (week,))
    assert outcome.kind in ("result", "refusal"), outcome.words


def test_every_column_of_every_table_is_changed_and_the_slices_are_all_of_it() -> None:
    names = [change.name for change in changes()]
    assert len(names) == len(set(names))
    for table, spec in TABLES.items():
        assert {f"{table}: gone", f"{table}: no rows", f"{table}: one row"} <= set(names)
        for column in spec.columns:
            assert {f"{table}.{column.name}: {how}" for how in ("all null", "constant")} <= set(names)
    assert {*QUICK, "one account", "nobody left", "everybody left"} <= set(names)
    assert sorted(change.name for part in "1234" for change in chosen(f"{part}/4")) == sorted(names)


def test_a_change_does_what_its_name_says() -> None:
    tables = company(accounts=40, years=1.0)
    assert set(tables) == set(TABLES)
    made = {change.name: change.of(dict(tables)) for change in changes()}
    assert not made["usage.user_id: all null"]["usage"]["user_id"].drop_null().to_pylist()
    assert len(made["usage.feature: constant"]["usage"]["feature"].unique()) == 1
    assert "tickets" not in made["tickets: gone"]
    assert [len(made[f"tickets: {rows}"]["tickets"]) for rows in ("no rows", "one row")] == [0, 1]
    assert len(made["one account"]["accounts"]) == 1
    assert made["nobody left"]["subscriptions"].num_rows > 0
    assert made["everybody left"]["subscriptions"]["ended_on"].null_count == 0
    assert made["as it is"] == tables


@dataclass
class Counting:
    """A stage that copies what it reads, and counts how often."""

    name: str = "labels"
    reads: tuple[str, ...] = ("dates",)
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ("labels",)
    unwatched: tuple[str, ...] = ()
    family: str = ""
    watches_source: bool = False
    error: Exception | None = None
    runs: int = 0

    def run(self, space: Workspace, params: Any, progress: Any) -> None:
        del params, progress
        self.runs += 1
        if self.error:
            raise self.error
        space.labels.write_bytes(space.dates.read_bytes())


def run(stage: Remembered, folder: Path, read: str) -> str:
    folder.mkdir(exist_ok=True)
    space: Any = Workspace(folder, folder)
    space.dates.write_text(read)
    params: Any = None
    stage.run(space, params, lambda _: None)
    return str(space.labels.read_text())


@pytest.mark.parametrize(("more", "runs"), [({}, 2), ({"watches_source": True}, 4), ({"unwatched": ("tracking",)}, 4)])
def test_a_stage_runs_once_for_each_content_that_it_reads(tmp_path: Path, more: dict[str, Any], runs: int) -> None:
    counting: Any = Counting(**more)
    stage = Remembered(counting, tmp_path / "memory")
    assert [run(stage, tmp_path / str(n), text) for n, text in enumerate("abab")] == list("abab")
    assert counting.runs == runs


def test_an_error_that_nobody_foresaw_is_kept_and_one_of_purpose_is_not(tmp_path: Path) -> None:
    for error, kept in ((ValueError("cannot convert float NaN to integer"), 1), (UsageError("x", "y"), 0)):
        counting: Any = Counting(error=error)
        stage = Remembered(counting, tmp_path / "memory")
        with pytest.raises(type(error)):
            run(stage, tmp_path / "week", "a")
        assert len(stage.unforeseen) == kept


@pytest.mark.parametrize(
    ("text", "odd"),
    [("fell to nan days", True), ("since NaT", True), ("None of the 3 seats", False),
     ("None this week.", False), ("Nan Desu Ltd", False),
     ("of None days", True), ("fell to -inf %", True), ("<style>inf </style>infinite", False)],
)  # fmt: skip
def test_the_word_of_a_missing_value_is_seen_in_a_page(tmp_path: Path, text: str, odd: bool) -> None:
    (tmp_path / "risk_list.html").write_text(f"<p>{text}</p>")
    assert bool(odd_words(tmp_path)) is odd


def test_the_summary_counts_each_case_once() -> None:
    kinds = ("result", "result", "refusal", "unexpected")
    assert summary([Outcome("a", FIRST, kind) for kind in kinds]) == (
        "cases: 4   results: 2   refusals: 1   unexpected: 1"
    )
