"""What leavers said beside what was seen of them."""

from __future__ import annotations

import pandas as pd

from rind.models.book.said_and_seen import by_reason, said_and_seen


def seen(*rows: tuple[str, str, bool, str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["account_id", "left_on", "caught", "told_family"])
    return made.assign(left_on=pd.to_datetime(made["left_on"]), health_score=80.0, mrr=10.0)


def said(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "left_on", "reason"]).assign(comment=None)


def test_the_statement_nearest_to_the_departure_counts() -> None:
    green = seen(("a", "2025-03-01", True, "usage"), ("a", "2024-03-01", False, ""), ("b", "2025-03-01", False, ""))
    told = said(("a", "2025-03-05", "price"), ("a", "2025-03-20", "bugs"), ("b", "2025-04-01", "bugs"))
    joined = said_and_seen(green, told, 30)
    assert list(joined["reason"]) == ["price", "", ""]
    assert list(joined["comment"]) == ["", "", ""]


def test_reasons_are_counted_and_rare_ones_are_not_named() -> None:
    green = seen(*((name, "2025-03-01", name == "a", "usage" if name != "c" else "") for name in "abcde"))
    told = said(*((name, "2025-03-01", "price" if name != "e" else "my boss Ms Meier") for name in "abcde"))
    rows = by_reason(said_and_seen(green, told, 30), 2)
    assert [row["reason"] for row in rows] == ["price", ""]
    first = rows[0]
    assert (first["departures"], first["flagged"], first["silent"], first["families"]) == (4, 1, 1, {"usage": 3})


def test_nothing_said_is_nothing_joined() -> None:
    joined = said_and_seen(seen(("a", "2025-03-01", True, "usage")), said(), 30)
    assert list(joined["reason"]) == [""]
    assert by_reason(joined, 2) == []
