from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
from report_examples import AS_OF, facts, lists

from rind.reports.charts import family_importance
from rind.reports.page import PageContext, render_page
from rind.reports.risk_list import changes
from rind.reports.summary import summarise

GOLDEN = Path(__file__).parent / "golden"


EVIL = "<script>alert(1)</script>"


def page(accounts: int = 12, top: int = 8, skill: bool = True, first: bool = False, name: str = "") -> str:
    listed, previous = lists(accounts)
    if name:
        listed.loc[0, ["name", "reason_1", "playbook"]] = name
    moved = changes(listed, None if first else previous, top)
    chart = family_importance(pd.DataFrame({"family": ["usage"], "importance": [0.5]}))
    context = PageContext(facts(skill), listed, summarise(listed, AS_OF), moved, {"Families": chart}, top)
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
    assert "The 8 riskiest of 12 accounts; the other 4 are in risk_list.xlsx and risk_list.csv." in text
    assert "riskiest of" not in words(page(accounts=12, top=12))


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
