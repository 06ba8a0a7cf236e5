"""The next step follows the first reason, the days left, what runs already, and the band; law over drawn accounts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.themes import MATTERS
from rind.pipelines.params import load
from rind.reports.playbooks import advice_of, choose
from rind.reports.settings import PlaybookRule

TABLE = (
    PlaybookRule(days_left_at_most=14, do="decide"),
    PlaybookRule(matter="champion", band="red", starts="executive_call", do="find a champion"),
    PlaybookRule(theme="people", do="meet two more"),
    PlaybookRule(family="tickets", segment="enterprise", do="visit"),
    PlaybookRule(band="red", do="call"),
)
ACCOUNT = {
    "theme": "people", "matter": "champion", "family": "contacts", "segment": "enterprise", "band": "red",
    "days_left": 90.0,
}  # fmt: skip
NOTHING_RUNS = pd.DataFrame(columns=["account_id", "playbook", "started_on"])


def chosen(under_way: pd.DataFrame = NOTHING_RUNS, table: tuple[PlaybookRule, ...] = TABLE, **account: Any) -> str:
    facts = pd.DataFrame([ACCOUNT | account], index=pd.Index(["a"], name="account_id"))
    return str(choose(facts, under_way, table)["a"])


def judged(verdict: str) -> Any:
    return [{"playbook": "Executive Call", "verdict": verdict, "effect": -0.04, "low": -0.07, "high": -0.012}]


@pytest.mark.parametrize(
    ("verdict", "advice"),
    [
        ("helps", "find a champion. Executive Call helped before: -4 points (-7 to -1.2)"),
        ("harms", "meet two more"),
        ("none_shown", "find a champion"),
        ("cannot_tell", "find a champion"),
    ],
)
def test_what_helped_before_says_so_and_what_harmed_is_advised_to_nobody(verdict: str, advice: str) -> None:
    facts = pd.DataFrame([ACCOUNT], index=pd.Index(["a"], name="account_id"))
    assert choose(facts, NOTHING_RUNS, TABLE, judged(verdict))["a"] == advice
    running = choose(facts, runs("training"), TABLE, judged(verdict))["a"]
    assert running == f"{advice}. Under way: training since 15 June"
    assert advice_of(running) == advice.partition(". Executive")[0]


def runs(*playbooks: str, account: str = "a") -> pd.DataFrame:
    started = pd.Timestamp("2026-06-15")
    return pd.DataFrame({"account_id": account, "playbook": list(playbooks), "started_on": started})


def test_the_first_line_that_fits_decides() -> None:
    assert chosen() == "find a champion"
    assert chosen(band="amber") == "meet two more"
    assert chosen(theme="friction", matter="tickets", family="tickets") == "visit"


@pytest.mark.parametrize(
    ("days", "advice"), [(14.0, "decide"), (15.0, "find a champion"), (float("nan"), "find a champion")]
)
def test_two_weeks_or_less_before_the_end_is_the_time_to_decide(days: float, advice: str) -> None:
    assert chosen(days_left=days) == advice


def test_an_account_without_a_reason_gets_no_step_that_answers_one() -> None:
    assert chosen(theme=None, matter=None, family=None) == "call"
    assert chosen(theme=None, matter=None, family=None, band="amber") == ""


def test_a_green_account_gets_none_even_where_something_runs() -> None:
    assert chosen(band="green") == ""
    assert chosen(runs("training"), band="green") == ""


def test_what_is_under_way_is_told_and_not_begun_again() -> None:
    assert chosen(runs("Executive Call")) == "meet two more. Under way: Executive Call since 15 June"
    assert chosen(runs("success_plan")) == "find a champion. Under way: success plan since 15 June"
    assert chosen(runs("executive_call", account="b")) == "find a champion"


def test_two_starts_of_one_playbook_are_told_once_by_the_first() -> None:
    twice = pd.concat([runs("training").assign(started_on=pd.Timestamp("2026-06-20")), runs("training")])
    assert chosen(twice) == "find a champion. Under way: training since 15 June"


def test_where_only_something_under_way_is_known_that_is_told() -> None:
    assert chosen(runs("training"), table=()) == "Under way: training since 15 June"


def test_accounts_are_matched_by_id_not_by_place() -> None:
    facts = pd.DataFrame([ACCOUNT, ACCOUNT | {"band": "green"}], index=["b", "a"])
    assert choose(facts, runs("training", account="b"), TABLE).to_dict() == {
        "b": "find a champion. Under way: training since 15 June", "a": "",
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.none(), st.sampled_from([m for m in MATTERS if m.theme != "context"])),
    st.sampled_from(["red", "amber", "green"]),
    st.one_of(st.none(), st.integers(0, 400)),
    st.sets(st.sampled_from(["training", "executive_call", "support_sprint", "discount", "success_plan"])),
)
def test_no_step_of_params_yaml_lacks_its_reason_comes_too_late_or_runs_already(
    matter: Any, band: str, days: int | None, running: set[str]
) -> None:
    table = tuple(load().playbooks)
    account = {"theme": matter and matter.theme, "matter": matter and matter.name, "family": None}
    advice = chosen(
        runs(*sorted(running)), table, **account, band=band, days_left=float("nan") if days is None else days
    )
    if band == "green":
        assert advice == ""
        return
    rule = next(rule for rule in table if advice.split(". Under way:")[0] == rule.do and _fits(rule, account, band))
    assert rule.starts not in running or not rule.starts
    if days is not None and days <= 14:
        assert rule.days_left_at_most == 14
    assert ("Under way" in advice) == bool(running)


def _fits(rule: PlaybookRule, account: dict[str, Any], band: str) -> bool:
    named = {"theme": rule.theme, "matter": rule.matter}
    return rule.band in ("*", band) and all(want in ("*", account[name]) for name, want in named.items())


@pytest.mark.parametrize(
    ("playbook", "advice"),
    [("Call today. Under way: success plan since 15 June", "Call today"), ("Under way: call since 1 May", ""),
     ("Call today", "Call today"), ("", "")],
)  # fmt: skip
def test_what_is_under_way_is_no_name_for_what_begins_next(playbook: str, advice: str) -> None:
    assert advice_of(playbook) == advice
