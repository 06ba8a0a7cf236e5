"""Reductions of some days each, put together, are the reduction of all days."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import ibis.expr.types as ir
import pytest

from rind.features.families.activity_intervals import joined_spells
from rind.features.families.usage_depth import numbered
from rind.features.families.usage_reduced import (
    ACCOUNT_DAYS,
    FEATURES_USED,
    SPAN_DAYS,
    USER_REACH,
    USER_SPANS,
    account_days,
    known_day,
    merged,
    used_features,
    user_reach,
    user_spans,
)
from tests.builders import midnight, tables

START = midnight(date(2024, 1, 1))


def use(random: Random) -> dict[str, Any]:
    happened = START + timedelta(minutes=random.randrange(300 * 1440))
    late = random.choice((None, None, happened + timedelta(days=random.choice((0, 3, 90, 120)))))
    return {
        "account_id": random.choice("AB"),
        "user_id": random.choice(("U1", "U2", None)),
        "feature": random.choice(("login", "export", "report")),
        "occurred_at": happened,
        "quantity": random.choice((None, 1.0, 2.5)),
        "recorded_at": late,
    }


@pytest.fixture
def made(con: Any) -> dict[str, ir.Table]:
    random = Random(5)
    return tables(con, recorded=["usage"], usage=[use(random) for _ in range(150)], product_features=[
        {"feature": "login", "released_on": "2024-04-01"}, {"feature": "unused"},
    ])  # fmt: skip


def in_parts(usage: ir.Table) -> ir.Table:
    """Usage with a column that says which of four parts of its days a row is in."""
    return usage.mutate(part=known_day(usage) % 4)


def rows(table: ir.Table) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.values()) for row in table.to_pyarrow().to_pylist()), key=repr)


@pytest.mark.parametrize("name", [FEATURES_USED, ACCOUNT_DAYS, USER_SPANS, USER_REACH])
def test_parts_put_together_are_the_whole(name: str, made: dict[str, ir.Table]) -> None:
    usage, numbers = made["usage"], numbered(used_features(made["usage"]), made["product_features"])
    make: dict[str, Any] = {
        FEATURES_USED: used_features,
        ACCOUNT_DAYS: lambda some, *by: account_days(some, numbers, *by),
        USER_SPANS: user_spans,
        USER_REACH: user_reach,
    }
    whole, parts = make[name](usage), make[name](in_parts(usage), "part")
    assert parts.part.nunique().to_pyarrow().as_py() == 4
    together = merged(name, parts.drop("part"))
    if name == USER_REACH:
        whole, together = joined_spells(whole), joined_spells(together)
    columns = sorted(whole.columns)
    assert rows(together.select(columns)) == rows(whole.select(columns))


def test_a_row_is_in_the_span_of_the_day_on_which_it_was_known(con: Any) -> None:
    first = SPAN_DAYS * 120  # 2025-03-10
    day = midnight(date(1970, 1, 1)) + timedelta(days=first)
    happened = [day - timedelta(seconds=1), day, day - timedelta(days=9)]
    recorded = [None, None, day + timedelta(days=57)]
    made = tables(con, recorded=["usage"], usage=[
        {"account_id": "A", "user_id": "U", "feature": "login", "occurred_at": at, "recorded_at": late}
        for at, late in zip(happened, recorded, strict=True)
    ])  # fmt: skip
    assert rows(user_spans(made["usage"]).order_by("span")) == [
        ("A", "U", 119, 0, 0, 1 << 55),
        ("A", "U", 120, 1, 1 << 1, 0),
    ]


def test_a_new_feature_leaves_the_places_of_the_others_as_they_are(con: Any) -> None:
    def places(*features: str) -> dict[str, int]:
        made = tables(con, usage=[
            {"account_id": "A", "feature": name, "occurred_at": START + timedelta(days=day)}
            for day, name in enumerate(features)
        ])  # fmt: skip
        numbers = numbered(used_features(made["usage"]), made["product_features"])
        return {row["feature"]: row["feature_bit"] for row in numbers.to_pyarrow().to_pylist()}

    before, after = places("login", "report"), places("login", "report", "admin")
    assert after == before | {"admin": 4}
