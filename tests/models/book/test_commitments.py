"""Commitments against what came."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rind.models.book.commitments import commitment_record

QUARTER = pd.Timestamp("2026-01-01")
END = pd.Timestamp("2026-04-30")
"""30 days after the quarter's last day."""


def standing(*accounts: tuple[str, str, float, float, float | None], made_on: str = "2025-12-29") -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"account_id": account, "csm": csm, "mrr": mrr, "mrr_leaving": 0.0, "mrr_end": end, "churn_probability": risk,
         "made_on": pd.Timestamp(made_on), "quarter": QUARTER, "last_day": pd.Timestamp("2026-03-31")}
        for account, csm, mrr, end, risk in accounts
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"churn_probability": "float64"})


def commitments(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(account, QUARTER, category, pd.Timestamp(at)) for account, category, at in rows],
        columns=["account_id", "quarter", "category", "recorded_at"],
    )


BOOK = standing(
    ("A", "Ana", 100, 110, 0.1), ("B", "Ana", 100, 0, 0.3), ("C", "Ben", 50, 40, None), ("D", "", 10, 10, 0)
)


def test_each_category_is_held_against_what_its_accounts_paid_at_the_end() -> None:
    given = commitments(("A", "commit", "2025-12-01"), ("B", "commit", "2025-12-31 23:59:59"))
    whole, none, own, *rest = commitment_record(given, BOOK, END, 30)
    assert (whole["csm"], whole["category"], whole["accounts"]) == ("all", "commit", 2)
    assert (whole["quarter"], whole["arr"], whole["arr_actual"], whole["kept"]) == ("2026-01-01", 2400, 1320, 0.5)
    assert whole["kept_by_model"] == pytest.approx(0.8)
    assert (none["category"], none["accounts"], none["kept_by_model"]) == ("none", 2, 1.0)
    assert (own["csm"], own["category"], rest) == ("Ana", "commit", [])


def test_what_was_said_within_the_quarter_is_not_judged_and_the_last_word_before_it_is() -> None:
    late = commitments(("A", "at_risk", "2026-01-01"))
    assert commitment_record(late, BOOK, END, 30) == []
    twice = commitments(("A", "commit", "2025-12-02"), ("A", "best_case", "2025-12-01"), ("A", "at_risk", "2026-01-02"))
    assert commitment_record(twice, BOOK, END, 30)[0]["category"] == "commit"


def test_a_quarter_is_judged_once_its_grace_is_over_and_by_its_first_forecast() -> None:
    given = commitments(("A", "commit", "2025-12-01"))
    assert commitment_record(given, BOOK, END - pd.Timedelta(days=1), 30) == []
    later = standing(("A", "Ana", 900, 0, 0.9), made_on="2026-02-02")
    first = commitment_record(given, pd.concat([later, BOOK]), END, 30)[0]
    assert first["arr"] == 1200


def test_who_has_given_notice_counts_as_leaving_on_both_sides() -> None:
    """The model scores nobody who has given notice; left out of its share alone, it would look too hopeful."""
    noticed = standing(("A", "Ana", 100, 0, None), ("B", "Ana", 100, 100, 0.1)).assign(mrr_leaving=[100.0, 0.0])
    given = commitments(("A", "at_risk", "2025-12-01"), ("B", "at_risk", "2025-12-01"))
    whole = commitment_record(given, noticed, END, 30)[0]
    assert (whole["kept"], whole["kept_by_model"]) == (0.5, pytest.approx(0.45))


def test_without_commitments_or_accounts_there_is_no_record() -> None:
    assert commitment_record(commitments(), BOOK, END, 30) == []
    assert commitment_record(commitments(("Z", "commit", "2025-12-01")), BOOK, END, 30) == []
    assert commitment_record(commitments(("A", "commit", "2025-12-01")), BOOK.iloc[:0], END, 30) == []
    nothing = standing(("A", "Ana", 0, 0, None))
    assert commitment_record(commitments(("A", "commit", "2025-12-01")), nothing, END, 30) == []
