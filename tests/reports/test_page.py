from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from null_parts import complaint_of
from report_examples import AS_OF, facts, lists

from rind.common.results import RESULTS
from rind.reports.charts import family_importance
from rind.reports.facts import Interval, Measure, RunFacts
from rind.reports.ledger import change_split
from rind.reports.page import PageContext, render_page
from rind.reports.risk_list import changes
from rind.reports.summary import summarise

GOLDEN = Path(__file__).parent / "golden"


EVIL = "<script>alert(1)</script>"


def page(
    accounts: int = 12, top: int = 8, skill: bool = True, first: bool = False, name: str = "", currency: str = ""
) -> str:
    listed, previous = lists(accounts)
    if name:
        listed.loc[0, ["name", "reason_1", "playbook"]] = name
    moved = changes(listed, None if first else previous, top)
    chart = family_importance(pd.DataFrame({"family": ["usage"], "importance": [0.5]}))
    context = PageContext(
        replace(facts(skill), currency=currency), listed, summarise(listed, AS_OF), moved, {"Families": chart}, top
    )
    return render_page(context)


class _Text(HTMLParser):
    """The words of a page, one line per piece, without its styles and pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.hidden += tag in ("style", "svg")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "svg")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.hidden:
            self.lines.append(" ".join(data.split()))


def words(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return "\n".join(parser.lines) + "\n"


def test_the_words_of_a_small_page_are_as_agreed() -> None:
    assert words(page()) == (GOLDEN / "risk_list.txt").read_text()


def test_the_page_needs_no_address_and_no_script() -> None:
    html = page().replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    assert not re.findall(r"https?:|//[a-z]+\.|<script|<link|@import|url\((?!#)", html)


def test_segments_are_named_as_a_reader_would_in_every_table() -> None:
    listed, _ = lists(12)
    listed["segment"] = listed["segment"].str.replace(r"[ -]", "_", regex=True)
    context = PageContext(facts(), listed, summarise(listed, AS_OF), changes(listed, None, 8), {}, 8)
    text = words(render_page(context))
    assert "small business" in text
    assert "small_business" not in text


def test_names_from_outside_are_escaped_wherever_they_stand() -> None:
    html = page(name=EVIL)
    assert EVIL not in html
    assert html.count("&lt;script&gt;") >= 3


def test_the_page_is_a_document_that_screen_readers_can_use() -> None:
    html = page()
    assert html.startswith("<!doctype html>\n<html lang=")
    assert html.count("<h1>") == 1
    assert html.count("<table") == html.count("<caption")
    headers = re.findall(r"<th\b[^>]*>", html)
    assert headers
    assert all("scope=" in header for header in headers)
    assert 'role="img" aria-label="Families"' in html


def test_only_the_top_is_shown_and_the_rest_is_said_to_be_elsewhere() -> None:
    text = words(page(accounts=12, top=8))
    assert "The first 8 of 12 accounts; the other 4 are in risk_list.xlsx and risk_list.csv." in text
    assert "of 12 accounts; the other" not in words(page(accounts=12, top=12))


def test_paper_has_the_red_the_amber_and_the_watermelons_and_says_where_the_others_are() -> None:
    listed, previous = lists(12)
    listed["risk_band"], listed["watermelon"] = "green", False
    listed.loc[:1, "risk_band"], listed.loc[2, "watermelon"] = ["red", "amber"], True

    def made(rows: pd.DataFrame) -> str:
        moved = changes(rows, previous, 8)
        return render_page(PageContext(facts(True), rows, summarise(rows, AS_OF), moved, {}, 8))

    some = made(listed)
    assert "On paper: the 3 accounts that are red or amber, or a watermelon. The other 5 are in the file." in words(
        some
    )
    assert some.count('<tr class="calm">') == 5
    assert 'class="risk some"' in some
    calm = made(listed.assign(risk_band="green", watermelon=False))
    assert "On paper" not in words(calm)
    assert 'class="risk"' in calm


def test_the_first_run_says_that_there_is_nothing_to_compare_with() -> None:
    assert "There is no earlier date" in page(first=True)
    assert "There is no earlier date" not in page()
    assert ">new<" not in page(first=True)


def test_without_skill_the_page_says_not_to_act_on_the_order() -> None:
    assert "do not act on the order of this list" in page(skill=False)
    assert "do not act" not in page()


def test_an_empty_cohort_makes_a_page_too() -> None:
    listed = lists(5)[0].iloc[:0]
    context = PageContext(facts(), listed, summarise(listed, AS_OF), changes(listed, None, 5))
    assert "No account is in the cohort" in render_page(context)


OPTIONAL = [column.name for column in RESULTS["risk_list"].columns if column.may_be_empty]
SINCE = "2026-02-23"
LINE = {
    "kind": "gave_notice", "account_id": "A0000", "name": "North Foods", "segment": "enterprise", "csm": "Li Na",
    "arr": 1200.0, "day": SINCE, "contract_ends_on": "2026-08-01", "notice_on": SINCE,
}  # fmt: skip


def weekly_page(now: pd.DataFrame, before: pd.DataFrame, run: RunFacts, line: dict[str, Any]) -> str:
    record = {"since": SINCE, "as_of": str(AS_OF), "lines": [line], "save_or_close": [line]}
    moved, split = changes(now, before, 8), change_split(now, before, record)
    context = PageContext(run, now, summarise(now, AS_OF), moved, {}, 8, ledger=record, split=split)
    return render_page(context)


@pytest.mark.parametrize("column", OPTIONAL)
def test_a_column_of_the_list_that_may_be_empty_leaves_a_page(column: str) -> None:
    now, before = lists(12)
    empty = now.assign(**{column: None})
    gone = before.assign(**{column: None}) if column in before else before
    for listed, previous in ((empty, before), (now, gone), (empty, gone)):
        assert complaint_of(lambda _: weekly_page(listed, previous, facts(), LINE), None) == ""  # noqa: B023


@pytest.mark.parametrize("field", ["name", "segment", "csm", "contract_ends_on"])
def test_a_line_of_the_ledger_without_a_field_leaves_a_page(field: str) -> None:
    assert complaint_of(lambda line: weekly_page(*lists(12), facts(), line), LINE | {field: None}) == ""


@pytest.mark.parametrize("measure", [m.name for m in facts().measures])
@pytest.mark.parametrize("left", [None, Interval(0.5), "no baseline"])
def test_a_figure_that_was_not_measured_or_has_no_interval_leaves_a_page(measure: str, left: Any) -> None:
    run = facts()
    kept = [m for m in run.measures if m.name != measure]
    if left is not None:
        own = next(m.model for m in run.measures if m.name == measure)
        kept.append(Measure(measure, own if left == "no baseline" else left))
    changed = replace(run, measures=tuple(kept))
    assert complaint_of(lambda facts_: weekly_page(*lists(12), facts_, LINE), changed) == ""


def test_money_has_the_sign_of_the_contracts_currency_and_counts_have_none() -> None:
    plain, signed = page(), page(currency="EUR")
    assert "\N{EURO SIGN}" not in words(plain)
    assert words(signed).replace("\N{EURO SIGN}", "") == words(plain)
    lines = words(signed).splitlines()
    shown = {title: lines[lines.index(title) + 1] for title in ("ARR at risk", "Red accounts", "Amber accounts")}
    assert ["\N{EURO SIGN}" in line for line in shown.values()] == [True, False, False]
    assert not re.search("\N{EURO SIGN}[\\d,]+ (accounts|are|of)", words(signed))
    sums = re.findall(r'<table class="plain sums">.*?</table>', signed, re.DOTALL)
    rows = [re.findall(r"<td.*?>(.*?)</td>", row) for table in sums for row in re.findall(r"<tr>.*?</tr>", table)]
    assert {tuple("\N{EURO SIGN}" in cell for cell in row[:3]) for row in rows if row} == {(False, False, True)}
