"""The next step follows the first reason, the days left, what runs already, and the band; law over drawn accounts."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.themes import MATTERS
from rind.pipelines.params import load
from rind.reports.playbooks import advice_of, choose, people
from rind.reports.settings import Need, PlaybookRule

TABLE = (
    PlaybookRule(days_left_at_most=14, do="decide"),
    PlaybookRule(matter="champion", band="red", starts="executive_call", do="find a champion"),
    PlaybookRule(theme="people", do="meet two more"),
    PlaybookRule(family="tickets", segment="enterprise", do="visit"),
    PlaybookRule(band="red", do="call"),
)
ACCOUNT = {
    "theme": "people", "matter": "champion", "family": "contacts", "segment": "enterprise", "band": "red",
    "days_left": 90.0, "people": 5.0, "contacts": 3.0, "decision_makers": 1.0,
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


PRESUMES: dict[Need, re.Pattern[str]] = {
    "team": re.compile(r"team|those who|who says yes|decision path|whoever decides|Executive outreach"),
    "contacts": re.compile(r"active contacts|two contacts"),
    "decision maker": re.compile(r"the decision maker|a decision maker"),
    "term": re.compile(r"renew"),
}
"""Words of the table of params.yaml that make no sense to an account without it."""


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.none(), st.sampled_from([m for m in MATTERS if m.theme != "context"])),
    st.sampled_from(["red", "amber"]),
    st.one_of(st.none(), st.integers(0, 400)),
    st.integers(0, 3), st.integers(0, 3), st.booleans(),
    st.sets(st.sampled_from(["training", "executive_call", "support_sprint", "success_plan"])),
)  # fmt: skip
def test_no_step_of_params_yaml_presumes_a_team_a_contact_or_a_term_that_the_account_has_not(
    matter: Any, band: str, days: int | None, seats: int, contacts: int, decides: bool, running: set[str]
) -> None:
    known = {"people": max(seats, contacts), "contacts": contacts, "decision_makers": int(decides and contacts > 0)}
    account = {"theme": matter and matter.theme, "matter": matter and matter.name, "family": None, "band": band}
    left = float("nan") if days is None else days
    step = advice_of(chosen(runs(*sorted(running)), tuple(load().playbooks), **account, **known, days_left=left))
    assert step
    has = {"team": known["people"] >= 2, "contacts": contacts >= 2, "decision maker": known["decision_makers"],
           "term": days is not None}  # fmt: skip
    assert [need for need, words in PRESUMES.items() if words.search(step) and not has[need]] == []


def test_one_seat_is_one_person_however_nobody_is_known_by_name() -> None:
    values = pd.DataFrame(
        {"commercial__seats__now": [1, None, None, 1], "usage__active_users__91d": [1, None, 0, 4],
         "contacts__active__now": [0, None, 2, 0], "contacts__decision_makers__now": [0, None, 1, 0]}
    )  # fmt: skip
    assert people(values).to_numpy().tolist() == [[1, 0, 0], [0, 0, 0], [2, 2, 1], [4, 0, 0]]
    assert people(values[[]]).to_numpy().tolist() == [[0, 0, 0]] * 4


def test_a_line_fits_nobody_of_whom_its_need_is_not_known() -> None:
    table = (
        PlaybookRule(needs=("contacts", "decision maker"), do="both"), PlaybookRule(needs=("term",), do="renew"),
        PlaybookRule(do="call"),
    )  # fmt: skip
    assert chosen(table=table) == "both"
    assert chosen(table=table, decision_makers=0.0) == "renew"
    assert chosen(table=table, contacts=1.0, days_left=float("nan")) == "call"
    assert chosen(table=table, contacts=1.0, days_left=-3.0) == "call"


@pytest.mark.parametrize(
    ("playbook", "advice"),
    [("Call today. Under way: success plan since 15 June", "Call today"), ("Under way: call since 1 May", ""),
     ("Call today", "Call today"), ("", "")],
)  # fmt: skip
def test_what_is_under_way_is_no_name_for_what_begins_next(playbook: str, advice: str) -> None:
    assert advice_of(playbook) == advice
