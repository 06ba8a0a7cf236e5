"""The health score from the source's rows: through the families and the shipped curves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
from builders import snapshots, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.families import CATALOGUE, tickets
from rind.models.health.score import fit_answers, score
from rind.pipelines.family_settings import family_settings
from rind.pipelines.params import load

HEALTH = load().health
SPEC = HEALTH.changed(segments={}, fit_usage_factor={})
AS_OF = date(2024, 6, 3)
SUBSCRIPTION = {"subscription_id": "s", "account_id": "a", "seats": 10, "mrr": 1, "starts_on": "2023-01-01"}
ages = st.lists(st.tuples(st.integers(1, 300), st.sampled_from(["low", "normal", "high", "urgent"]), st.booleans()),
                min_size=0, max_size=5)  # fmt: skip


def ticket(number: int, age_days: int, priority: str, solved: bool) -> dict[str, Any]:
    opened = AS_OF - timedelta(days=age_days)
    row = {"ticket_id": f"t{number}", "account_id": "a", "opened_at": f"{opened}T09:00:00", "priority": priority}
    return row | ({"resolved_at": f"{opened}T21:00:00"} if solved else {})


def health(con: Any, rows: list[dict[str, Any]]) -> float:
    built = tickets.build(
        snapshots(con, ("a", str(AS_OF))),
        tables(con, subscriptions=[SUBSCRIPTION], tickets=rows),
        family_settings(load()),
    ).to_pandas()
    others = {"usage__active_days__28d": 10.0, "surveys__nps_mean__364d": 8.0}
    return float(score(built.assign(**others), SPEC)["health_score"].iloc[0])


@settings(deadline=None, max_examples=6)
@given(ages, st.lists(st.integers(1, 90), min_size=1, max_size=3))
def test_more_unresolved_urgent_tickets_never_raise_the_health_score(
    duckdb_engine: Any, had: list[tuple[int, str, bool]], more: list[int]
) -> None:
    before = [ticket(n, *t) for n, t in enumerate(had)]
    after = before + [ticket(100 + n, age, "urgent", solved=False) for n, age in enumerate(more)]
    assert health(duckdb_engine, after) <= health(duckdb_engine, before) + 1e-9


def test_no_shipped_curve_holds_good_what_the_catalogue_says_can_only_speak_for_leaving() -> None:
    rises = {name: good > bad for name, (bad, good) in HEALTH.curves.items()}
    claimed = {name: CATALOGUE[name].direction for name in rises if CATALOGUE[name].direction}
    assert len(claimed) > 10
    assert {name: -1 if rises[name] else 1 for name in claimed} == claimed


def test_an_answer_counts_from_the_day_after_until_it_is_too_old_and_only_once_recorded() -> None:
    rows = pd.DataFrame({"account_id": "a", "as_of": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-03-02"])})
    own = pd.DataFrame({"account_id": ["a"], "as_of": ["2024-01-01"], "score": [50.0], "fit": ["no"]})
    assert [None if pd.isna(v) else v for v in fit_answers(rows, own, 60)] == [None, "no", None]
    late = own.assign(recorded_at=pd.to_datetime(["2024-02-20"]))
    assert [None if pd.isna(v) else v for v in fit_answers(rows, late, 90)] == [None, None, "no"]
    assert fit_answers(rows, None, 90).isna().all()


def test_a_later_score_without_an_answer_leaves_the_answer_before_it_standing() -> None:
    rows = pd.DataFrame({"account_id": ["a"], "as_of": pd.to_datetime(["2024-01-20"])})
    own = pd.DataFrame({"account_id": "a", "as_of": ["2024-01-01", "2024-01-08"], "score": 50.0, "fit": ["no", None]})
    assert fit_answers(rows, own, 90).tolist() == ["no"]
