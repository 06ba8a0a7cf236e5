"""Each guard on a few lines: silent where all is well, alarmed by the one fault, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from rind.common.guards import Finding
from rind.features.guards.feeds import last_weeks
from rind.features.guards.late import late_rows
from rind.features.guards.source import source_guards
from rind.features.problems import Problem
from rind.pipelines.params import load
from tests.builders import tables

SETTINGS = load().guards.source
END = date(2026, 6, 28)
MONTHS = [date(2024 + m // 12, m % 12 + 1, 1) for m in range(30)]
Rows = list[dict[str, Any]]


def checked(con: Any, present: Iterable[str], end: date = END, **rows: Rows) -> dict[str, Finding]:
    findings = source_guards(tables(con, **rows), set(present), end, end, 30, SETTINGS)
    return {finding.guard: finding for finding in findings}


def alarms(con: Any, **rows: Rows) -> set[str]:
    return {name for name, finding in checked(con, rows, **rows).items() if finding.fired}


def monthly_terms(accounts: int = 60, leavers: int = 30, gap: int = 0) -> Rows:
    """Monthly terms, a row each; the first ``leavers`` accounts leave after 6 to 20 months at a term's end."""
    made: Rows = []
    for a in range(accounts):
        last = 6 + a % 15 if a < leavers else len(MONTHS)
        for m in range(last):
            end = MONTHS[m + 1] if m + 1 < len(MONTHS) else date(2026, 7, 1)
            closed = m + 1 < len(MONTHS)
            made.append(
                {
                    "subscription_id": f"S{a}-{m}", "account_id": f"A{a}", "plan": "pro", "mrr": 50.0,
                    "starts_on": MONTHS[m], "term_ends_on": end,
                    "ended_on": end - timedelta(days=gap) if closed else None,
                }
            )  # fmt: skip
    return made


def leaked(terms: Rows) -> Rows:
    """Stripe's current_period_end as it is today, written on all earlier terms of the subscription."""
    latest = {t["account_id"]: t["term_ends_on"] for t in terms}
    return [{**t, "term_ends_on": latest[t["account_id"]]} for t in terms]


def one_row_each(terms: Rows) -> Rows:
    """A Stripe subscription as it is exported: one row over all its terms."""
    first: dict[str, dict[str, Any]] = {}
    for t in terms:
        first.setdefault(t["account_id"], dict(t)).update(term_ends_on=t["term_ends_on"], ended_on=t["ended_on"])
    return list(first.values())


def test_sound_terms_alarm_nobody(con: Any) -> None:
    findings = checked(con, ["subscriptions"], subscriptions=monthly_terms())
    assert {name for name, finding in findings.items() if finding.fired} == set()
    measured = findings["term_leak"].measured
    assert measured["share_survived"] == pytest.approx(1 - 30 / measured["passed_terms"])


def test_a_period_end_written_over_all_earlier_terms_is_a_leak(con: Any) -> None:
    finding = checked(con, ["subscriptions"], subscriptions=leaked(monthly_terms()))["term_leak"]
    assert finding.fired
    assert finding.kind == "too good"
    assert finding.measured["share_survived"] == 0
    assert finding.measured["share_overlong"] > 0.9
    assert "current_period_end" in finding.check


def test_a_subscription_of_one_row_with_its_present_period_end_is_a_leak(con: Any) -> None:
    finding = checked(con, ["subscriptions"], subscriptions=one_row_each(monthly_terms()))["term_leak"]
    assert finding.fired
    assert finding.measured["passed_terms"] == 30
    assert finding.measured["running_terms"] == 30


def test_with_few_passed_terms_nothing_is_said_of_a_leak(con: Any) -> None:
    terms = one_row_each(monthly_terms(leavers=19))
    assert not checked(con, ["subscriptions"], subscriptions=terms)["term_leak"].fired


def test_an_upgrade_in_the_middle_of_a_yearly_term_is_no_leak(con: Any) -> None:
    terms = []
    for a in range(60):
        term = {"account_id": f"A{a}", "plan": "pro", "mrr": 1.0}
        first = date(2024, 1, 1) + timedelta(days=a)
        upgraded, second = first + timedelta(days=90), first + timedelta(days=365)
        terms += [
            {**term, "subscription_id": f"{a}a", "starts_on": first, "term_ends_on": second, "ended_on": upgraded},
            {**term, "subscription_id": f"{a}b", "starts_on": upgraded, "term_ends_on": second, "ended_on": second},
            {**term, "subscription_id": f"{a}c", "starts_on": second, "term_ends_on": second + timedelta(days=365)},
        ]
    assert not checked(con, ["subscriptions"], subscriptions=terms)["term_leak"].fired


def test_a_gap_of_one_day_at_every_renewal_means_inclusive_ends(con: Any) -> None:
    assert alarms(con, subscriptions=monthly_terms(gap=1)) == {"inclusive_ends"}


def test_coming_back_after_any_number_of_days_is_no_sign_of_inclusive_ends(con: Any) -> None:
    terms = [
        {"subscription_id": f"{a}{part}", "account_id": f"A{a}", "mrr": 1.0, "starts_on": start, "ended_on": end}
        for a in range(90)
        for part, start, end in (
            ("a", date(2025, 1, 1), date(2025, 3, 1)),
            ("b", date(2025, 3, 2) + timedelta(days=a % 30), None),
        )
    ]
    assert not checked(con, ["subscriptions"], subscriptions=terms)["inclusive_ends"].fired


@pytest.mark.parametrize(("left_open", "fires"), [(2, False), (5, True)])
def test_terms_left_open_after_their_successor_started_are_counted_by_account(
    con: Any, left_open: int, fires: bool
) -> None:
    terms = monthly_terms()
    for term in terms:
        a, m = term["subscription_id"].removeprefix("S").split("-")
        if int(a) >= 60 - left_open and m == "10":
            term["ended_on"] = term["term_ends_on"] = None
    finding = checked(con, ["subscriptions"], subscriptions=terms)["open_terms"]
    assert (finding.fired, finding.measured["accounts"]) == (fires, left_open)


def test_a_term_left_open_that_its_successor_closes_is_not_odd(con: Any) -> None:
    terms = [{**term, "ended_on": None} for term in monthly_terms()]
    assert all(term["term_ends_on"] for term in terms)
    assert not checked(con, ["subscriptions"], subscriptions=terms)["open_terms"].fired


def test_a_second_subscription_that_runs_beside_the_first_is_not_a_term_left_open(con: Any) -> None:
    terms = [
        {"subscription_id": f"{a}{i}", "account_id": f"A{a}", "plan": "pro", "mrr": 1.0, "starts_on": start,
         "term_ends_on": "2026-12-31"}
        for a in range(10)
        for i, start in enumerate(("2026-01-01", "2026-03-01"))
    ]  # fmt: skip
    assert not checked(con, ["subscriptions"], subscriptions=terms)["open_terms"].fired


@pytest.mark.parametrize(("free", "fires"), [(19, False), (20, True)])
def test_many_accounts_that_pay_nothing_are_odd(con: Any, free: int, fires: bool) -> None:
    terms = [
        {"subscription_id": f"S{a}", "account_id": f"A{a}", "mrr": 0.0 if a < free else 9.0, "starts_on": "2026-01-01"}
        for a in range(100)
    ]
    assert checked(con, ["subscriptions"], subscriptions=terms)["zero_mrr"].fired is fires


def bills(factor: float, copies: int = 1) -> Rows:
    return [
        {"invoice_id": f"I{a}-{m}-{c}", "account_id": f"A{a}", "issued_on": day, "due_on": day, "amount": 50.0 * factor}
        for a in range(30, 60)
        for m, day in enumerate(MONTHS)
        for c in range(copies)
    ]


@pytest.mark.parametrize(
    ("factor", "words"), [(100, "in cents"), (0.01, "mrr in cents"), (1 / 12, "a year's amount"), (2, "there twice")]
)
def test_mrr_is_held_against_a_years_invoices(con: Any, factor: float, words: str) -> None:
    finding = checked(con, ["subscriptions", "invoices"], subscriptions=monthly_terms(), invoices=bills(factor))
    assert finding["mrr_invoices"].fired
    assert words in finding["mrr_invoices"].words


@pytest.mark.parametrize("factor", [1, 1.3, 4])
def test_invoices_that_differ_from_mrr_by_no_usual_mistake_are_left_alone(con: Any, factor: float) -> None:
    finding = checked(con, ["subscriptions", "invoices"], subscriptions=monthly_terms(), invoices=bills(factor))
    assert not finding["mrr_invoices"].fired
    assert finding["mrr_invoices"].measured["median_ratio"] == pytest.approx(factor, rel=0.03)


def test_invoices_that_were_loaded_twice_are_there_twice_under_other_ids(con: Any) -> None:
    alike = checked(con, ["subscriptions", "invoices"], subscriptions=monthly_terms(), invoices=bills(1, copies=2))
    assert alike["loaded_twice"].fired
    assert "invoices are there 2 times" in alike["loaded_twice"].evidence


def use(day: date, account: int) -> dict[str, Any]:
    return {"account_id": f"A{account}", "user_id": "U", "feature": "login", "occurred_at": f"{day}T10:00:00"}


def test_some_like_rows_are_chance_and_a_month_of_pairs_is_a_second_load(con: Any) -> None:
    days = [date(2026, 4, 1) + timedelta(days=d) for d in range(61)]
    rows = [use(day, a) for day in days for a in range(5)]
    chance = rows + rows[:60]
    assert not checked(con, ["usage"], usage=chance)["loaded_twice"].fired
    again = rows + [r for r in rows if "2026-05" in r["occurred_at"]]
    finding = checked(con, ["usage"], usage=again)["loaded_twice"]
    assert finding.fired
    assert "of May 2026 in usage are there 2 times" in finding.evidence


def test_names_that_differ_in_case_and_legal_form_are_one_account(con: Any) -> None:
    names = [f"Müller & Sons {a}" for a in range(100)]
    same = [f"{name.upper()}, Inc." for name in names[:5]]
    rows = [{"account_id": f"A{i}", "name": n, "signed_on": "2024-01-01"} for i, n in enumerate([*names, *same])]
    finding = checked(con, ["accounts"], accounts=rows)["two_ids"]
    assert (finding.fired, finding.measured["accounts"]) == (True, 5)
    assert not checked(con, ["accounts"], accounts=rows[:-1])["two_ids"].fired


def weekly(until: date, weeks: int = 60, rows: int = 100) -> dict[date, int]:
    return {until - timedelta(days=7 * w): rows for w in range(weeks)}


LIMITS = SETTINGS.stopped_usage


@pytest.mark.parametrize(("now", "fires"), [(49, True), (51, False), (0, True)])
def test_a_feed_that_falls_below_half_of_its_usual_least_is_odd(now: int, fires: bool) -> None:
    days = weekly(END)
    days |= {END: now, END - timedelta(days=7): now}
    ratio = last_weeks(days, END, LIMITS)
    assert ratio is not None
    assert (ratio["share"] < LIMITS.share_of_usual * ratio["least"]) is fires


def test_a_quiet_season_a_year_ago_makes_the_same_one_today_usual() -> None:
    days = weekly(END, weeks=70)
    quiet = [END - timedelta(days=7 * w) for w in (0, 1, 52, 53)]
    ratio = last_weeks(days | dict.fromkeys(quiet, 30), END, LIMITS)
    assert ratio is not None
    assert ratio["share"] == ratio["least"] == 0.3


def test_a_feed_that_died_months_ago_is_held_against_the_weeks_when_it_lived() -> None:
    ratio = last_weeks(weekly(END - timedelta(days=140)), END, LIMITS)
    assert ratio is not None
    assert ratio["share"] == 0
    assert ratio["least"] == 1


def test_a_table_of_few_rows_or_weeks_has_no_rhythm() -> None:
    assert last_weeks(weekly(END, weeks=LIMITS.fewest_weeks - 1), END, LIMITS) is None
    assert last_weeks(weekly(END, rows=LIMITS.fewest_rows_a_week - 1), END, LIMITS) is None
    assert last_weeks({}, END, LIMITS) is None


def test_use_that_stops_while_tickets_go_on_is_told_though_the_data_end_is_its_own_last_day(con: Any) -> None:
    days = [END - timedelta(days=d) for d in range(300)]
    tickets = [
        {"ticket_id": f"T{d}-{i}", "account_id": "A1", "opened_at": f"{d}T09:00:0{i}"} for d in days for i in range(4)
    ]
    rows = [use(day, a) for day in days[35:] for a in range(5)]
    findings = checked(con, ["usage", "tickets"], end=days[35], usage=rows, tickets=tickets)
    assert findings["stopped_usage"].fired
    assert not findings["stopped_feed"].fired
    assert "2026-05-24" in findings["stopped_usage"].evidence
    whole = checked(con, ["usage"], end=days[35], usage=rows)
    assert not whole["stopped_usage"].fired


def test_a_scoring_date_made_of_one_stray_row_is_told(con: Any) -> None:
    days = [END - timedelta(days=d) for d in range(300)]
    rows = [use(day, a) for day in days for a in range(5)]
    stray = END + timedelta(days=60)
    assert checked(con, ["usage"], end=stray, usage=[*rows, use(stray, 1)])["stopped_usage"].fired


def test_money_of_a_currency_that_no_rate_converts_alarms_until_a_rate_is_there(con: Any) -> None:
    terms = [{**t, "currency": "USD" if t["account_id"] == "A59" else "EUR"} for t in monthly_terms()]
    finding = checked(con, ["subscriptions"], subscriptions=terms)["mixed_currencies"]
    assert (finding.fired, finding.answer) == (True, "stamp")
    assert "EUR (1,260 terms), USD (30 terms); as no rate is there, 1 USD counts as 1 EUR" in finding.evidence
    assert "mapping.yaml" in finding.check
    rates = [{"currency": "USD", "as_of": date(2020, 1, 1), "rate": 0.9}]
    assert not checked(con, ["subscriptions", "rates"], subscriptions=terms, rates=rates)["mixed_currencies"].fired


@pytest.mark.parametrize(("rate", "fires"), [(0.01, False), (None, True)])
def test_mrr_is_held_against_invoices_in_the_own_currency(con: Any, rate: float | None, fires: bool) -> None:
    terms = [{**t, "currency": "JPY"} for t in monthly_terms()]
    rates = [{"currency": "JPY", "as_of": date(2020, 1, 1), "rate": rate}] if rate else []
    finding = checked(
        con, ["subscriptions", "invoices", "rates"], subscriptions=terms, invoices=bills(0.01), rates=rates
    )
    assert finding["mrr_invoices"].fired == fires


def test_one_currency_alone_is_not_mixed(con: Any) -> None:
    terms = [{**t, "currency": "USD"} for t in monthly_terms()]
    assert not checked(con, ["subscriptions"], subscriptions=terms)["mixed_currencies"].fired


def set_aside(rule: str, count: int, share: float, table: str = "usage") -> Problem:
    return Problem(table, "occurred_at", rule, count, share=share)


@pytest.mark.parametrize(
    ("rule", "rows", "share", "fires"),
    [
        ("in the future", 10, 0.0011, True),
        ("in the future", 9, 0.0011, False),
        ("in the future", 10, 0.001, False),
        ("long after all other rows", 10, 0.0011, True),
        ("after the data end 2026-06-28", 10, 0.0011, True),
        ("years before all other rows", 10, 0.0011, False),
        ("value not allowed", 10, 0.0011, False),
    ],
)
def test_rows_that_come_too_late_stamp_the_list_from_one_in_a_thousand_on(
    rule: str, rows: int, share: float, fires: bool
) -> None:
    finding = late_rows([set_aside(rule, rows, share)], SETTINGS.late_rows)
    assert (finding.guard, finding.kind, finding.answer) == ("late_rows", "too late", "stamp")
    assert finding.fired is fires
    assert ("data end that was given" in finding.check) is rule.startswith("after the data end")


def test_late_rows_are_summed_within_a_table_and_not_over_tables() -> None:
    both = ("in the future", "long after all other rows")
    finding = late_rows([set_aside(rule, 6, 0.0008) for rule in both], SETTINGS.late_rows)
    assert finding.fired
    assert finding.measured == {"usage": 0.0016}
    assert "6 rows of usage (0.1%) with occurred_at in the future" in finding.evidence
    apart = [set_aside("in the future", 6, 0.0008, table) for table in ("usage", "tickets")]
    assert not late_rows(apart, SETTINGS.late_rows).fired
