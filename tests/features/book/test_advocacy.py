"""Answers, questions and use of dearer plans, with their boundaries by hand."""

from __future__ import annotations

from typing import Any

from builders import snapshots, tables

from rind.features.book.advocacy import higher_plan_use, last_asked, last_nps
from rind.features.customers import prepared

DAY = "2025-07-01"


def answer(name: str, day: str | None, score: float | None, kind: str = "nps", sent: str = "2025-01-01") -> Any:
    return {"response_id": name, "account_id": name[0], "kind": kind, "sent_at": sent, "responded_at": day,
            "score": score}  # fmt: skip


def rows(table: Any) -> dict[str, dict[str, Any]]:
    made = table.drop("as_of").to_pyarrow().to_pylist()
    return {row.pop("account_id"): row for row in made}


def test_the_last_answer_counts_and_none_of_as_of_or_later(con: Any) -> None:
    made = tables(con, surveys=[
        answer("a1", "2025-05-01", 3), answer("a2", "2025-06-30", 9), answer("a3", "2025-07-01", 0),
        answer("b1", "2025-06-01", 8), answer("b2", "2025-06-01", 10), answer("b3", "2025-06-20", 5, "csat"),
        answer("c1", None, None),
    ])  # fmt: skip
    spine = snapshots(con, ("a", DAY), ("b", DAY), ("c", DAY))
    assert rows(last_nps(spine, made)) == {"a": {"nps": 9.0, "nps_days": 1}, "b": {"nps": 9.0, "nps_days": 30}}


def test_a_question_counts_from_the_day_it_was_sent_and_a_reference_by_its_playbook(con: Any) -> None:
    made = tables(
        con,
        surveys=[answer("a1", None, None, sent="2025-06-30"), answer("b1", None, None, sent="2025-07-01")],
        interventions=[
            {"intervention_id": "i1", "account_id": "b", "playbook": "reference", "started_on": "2025-06-21"},
            {"intervention_id": "i2", "account_id": "c", "playbook": "training", "started_on": "2025-06-21"},
        ],
    )
    asked = rows(last_asked(snapshots(con, ("a", DAY), ("b", DAY), ("c", DAY)), made, ("reference",)))
    assert asked == {"a": {"survey_days": 1, "reference_days": None}, "b": {"survey_days": None, "reference_days": 10}}


def test_a_feature_of_a_dearer_plan_counts_within_the_window(con: Any) -> None:
    def term(account: str, plan: str, mrr: float) -> Any:
        return {"subscription_id": f"{account}1", "account_id": account, "plan": plan, "seats": 10, "mrr": mrr,
                "starts_on": "2025-01-01"}  # fmt: skip

    used = [("a", "gold", "2025-04-01"), ("a", "tin", "2025-06-01"), ("b", "gold", "2025-06-01"),
            ("c", "gold", "2025-03-31"), ("c", "other", "2025-06-30"), ("a", "gold", "2025-07-01")]  # fmt: skip
    made = prepared(
        tables(
            con,
            accounts=[{"account_id": name, "name": name, "signed_on": "2025-01-01"} for name in "abc"],
            subscriptions=[term("a", "small", 10), term("b", "large", 90), term("c", "small", 10)],
            product_features=[{"feature": "gold", "plan": "large"}, {"feature": "tin", "plan": "small"}],
            usage=[{"account_id": a, "feature": f, "occurred_at": day, "quantity": 1} for a, f, day in used],
        )
    )
    spine = snapshots(con, ("a", DAY), ("b", DAY), ("c", DAY))
    assert rows(higher_plan_use(spine, made, 91)) == {"a": {"higher_features": 1}}
