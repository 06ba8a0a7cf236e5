"""What somebody says of a change, on the command line or in a file, and how wrong ways are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rind.common.errors import UsageError
from rind.pipelines.experiment_plan import Plan, accounts_of, expectations, plan_of

CUSTOMERS = pd.DataFrame(
    {"account_id": ["a", "b", "c"], "commercial__segment__now": ["small", "big", None], "commercial__plan__now": "team"}
)


def given(**more: Any) -> dict[str, Any]:
    return {"name": "Chatbot", "date": "2026-01-12", "accounts": "pilot.csv"} | more


@pytest.mark.parametrize(
    ("text", "outcome", "effect"),
    [("nps +5", "nps", 5.0), ("churn -2 points", "churn", -0.02), ("MRR 3.5 %", "mrr", 0.035),
     ("active_days 0", "active_days", 0.0), ("  ces -1 point ", "ces", -1.0)],
)  # fmt: skip
def test_what_was_expected_is_told_in_the_unit_of_the_page(text: str, outcome: str, effect: float) -> None:
    assert expectations([text]) == {outcome: pytest.approx(effect)}


@pytest.mark.parametrize("text", ["", "nps", "nps five", "nps nan", "nps inf", "sales +5", "nps +5 apples", "+5 nps"])
def test_an_expectation_that_says_nothing_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="nps") as refused:
        expectations([text])
    assert "churn, active_days, tickets" in refused.value.hint


def test_an_outcome_is_expected_once() -> None:
    with pytest.raises(UsageError, match="twice"):
        expectations(["nps +5", "nps 3"])


def test_a_plan_may_lie_in_a_file_and_options_stand_above_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(
        "name: Chatbot\ndate: 2026-01-12\naccounts: pilot.csv\ncost: 100\nexpect: {churn: -2}\nwhere: {wave: 1}\n"
    )
    plan = plan_of(path, {"cost": 50.0}, (), ())
    assert (plan.date, plan.accounts, plan.cost) == (date(2026, 1, 12), tmp_path / "pilot.csv", 50.0)
    assert (plan.expect, plan.where) == ({"churn": -0.02}, {"wave": "1"})


@pytest.mark.parametrize(
    "text", ["", "- a\n", "name: [", "name: x\ndate: 2026-01-12\naccounts: a.csv\nwhere: small\n", "name: x\nfoo: 1\n",
             "name: x\ndate: soon\naccounts: a.csv\n", "name: x\ndate: 2026-01-12\naccounts: a.csv\ncost: -1\n",
             "name: x\ndate: 2026-01-12\naccounts: a.csv\ncost: .nan\n", "name: x\ndate: 2026-01-12\n",
             "name: x\ndate: 2026-01-12\naccounts: a.csv\nwhere: {wave: [1]}\n", "[" * 500],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(UsageError):
        plan_of(path, {}, (), ())


def test_a_change_without_accounts_or_with_a_filter_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="no account is named"):
        plan_of(None, {"name": "x", "date": "2026-01-12"}, (), ())
    with pytest.raises(UsageError, match="COLUMN=VALUE"):
        plan_of(None, given(), ["segment"], ())


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Chatbot", "chatbot"),
        ("../../etc/passwd", "etc-passwd"),
        ("A <b>& B", "a-b-b"),
        ("Über", "ber"),
        ("日本", "change"),
    ],
)
def test_files_are_named_after_the_change_and_lie_where_they_should(name: str, file: str) -> None:
    assert plan_of(None, given(name=name), (), ()).file_name == f"experiment-{file}"


def test_accounts_are_those_of_the_file_in_the_spelling_of_the_results(tmp_path: Path) -> None:
    path = tmp_path / "pilot.csv"
    path.write_text("\ufeffaccount_id,wave\n 17.0 ,1\n007,2\nA1,1\n,1\nA1,1\n", encoding="utf-8")
    plan = Plan(name="x", date=date(2026, 1, 12), accounts=path)
    assert plan.starts(CUSTOMERS) == dict.fromkeys(("17", "007", "A1"), date(2026, 1, 12))
    assert set(plan.model_copy(update={"where": {"wave": "1"}}).starts(CUSTOMERS)) == {"17", "A1"}


def test_accounts_of_a_file_may_get_the_change_on_days_of_their_own_the_first_of_which_counts(tmp_path: Path) -> None:
    path = tmp_path / "waves.csv"
    path.write_text("account_id,started_on\na,\nb,2026-03-02\nc,2026-03-02\nc, 2026-02-01 00:00:00\n")
    plan = Plan(name="x", date=date(2026, 1, 12), accounts=path)
    assert plan.starts(CUSTOMERS) == {"a": date(2026, 1, 12), "b": date(2026, 3, 2), "c": date(2026, 2, 1)}
    path.write_text("account_id,started_on\na,soon\n")
    with pytest.raises(UsageError, match="started_on holds no day"):
        plan.starts(CUSTOMERS)


def test_days_in_a_parquet_file_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "waves.parquet"
    days = pd.to_datetime(["2026-03-02", None])
    pd.DataFrame({"account_id": ["a", "b"], "started_on": days}).to_parquet(path)
    plan = Plan(name="x", date=date(2026, 1, 12), accounts=path)
    assert plan.starts(CUSTOMERS) == {"a": date(2026, 3, 2), "b": date(2026, 1, 12)}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"id\n1\n", b"account_id\n", b"account_id\n  \n", b"\xff\xfe\x00i", b'a,b\n"1',
        b"account_id,wave\nA1,1,\nA2,1,\n", b"account_id, account_id\nA1,A2\n",
    ],
)  # fmt: skip
def test_a_file_without_accounts_is_refused_with_what_it_must_hold(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pilot.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        accounts_of(path)
    assert "account_id" in refused.value.hint


def test_without_a_file_accounts_are_chosen_by_what_was_known_of_the_customers_on_the_day() -> None:
    plan = Plan(name="x", date=date(2026, 1, 12), where={"segment": "small"})
    assert plan.starts(CUSTOMERS) == {"a": date(2026, 1, 12)}
    for where in ({"segment": "tiny"}, {"csm": "Ann"}, {"commercial__segment__now": "small"}):
        with pytest.raises(UsageError):
            plan.model_copy(update={"where": where}).starts(CUSTOMERS)
