from __future__ import annotations

import re
from datetime import date

import pytest

from rind.common.guards import Finding
from rind.common.profile import ColumnProfile, CompanyProfile, Gain, MonthProfile, SourceProfile, TableProfile
from rind.reports.profile_page import render_profile
from rind.reports.profile_text import facts, next_command, term_words, verdict
from rind.reports.sparklines import bars, blocks

EVIL = "<script>alert(1)</script>"
ALARM = Finding("mrr_invoices", "too odd", "stamp", True, "Invoices are 12 times mrr.", "Is mrr a year's amount?")


def company(left: int = 150) -> CompanyProfile:
    months = tuple(MonthProfile(date(2024, m, 1), 10, 9, 900.0, 900.0) for m in (1, 2, 3))
    return CompanyProfile(months, {2023: left}, 2, None, {}, {1: 2, 12: 30, None: 1})


def source(name: str = "tables", left: int = 150, **changed: object) -> SourceProfile:
    columns = (
        ColumnProfile("account_id", "used", 0.0, required=True),
        ColumnProfile("mrr", "used", 0.004),
        ColumnProfile("resolved_at", "missing"),
        ColumnProfile("solved_at", "unused", looks_like="resolved_at"),
    )
    table = TableProfile("tickets", 3, columns, date(2024, 1, 1), date(2024, 3, 1), ((date(2024, 1, 1), 3),))
    values = {
        "url": name,
        "data_end": date(2024, 3, 1),
        "tables": (table,),
        "company": company(left),
        "families": (Gain("usage", True, "46 features"), Gain("contacts", False, "needs contacts")),
        "outcomes": (Gain("churn", True, "leaves"),),
        "pages": (Gain("risk list", True, "who"),),
        "next_tables": (Gain("contacts", False, "the family contacts"), Gain("surveys", False, "nps")),
        **changed,
    }
    return SourceProfile(**values)


def test_the_verdict_says_what_it_gives_what_is_missing_what_is_wrong_and_what_to_run() -> None:
    words = verdict(source(), [ALARM])
    assert "1 of 2 feature families (usage)" in words[0]
    assert "10 accounts are active, 9 of them pay, 900 a month together; 150 have left" in words[1]
    assert "Missing most: the table contacts (the family contacts)." in words[2]
    assert "solved_at (is it resolved_at?)" in words[3]
    assert words[4] == "Looks wrong (too odd): Invoices are 12 times mrr. Is mrr a year's amount?"
    assert words[-1] == "Next: rind run --source tables --out results/"


def test_nothing_looks_wrong_only_where_no_rule_and_no_guard_says_so() -> None:
    assert "Nothing looks wrong." in verdict(source())
    assert "Nothing looks wrong." not in verdict(source(), broken=2)
    assert "Nothing looks wrong." not in verdict(source(), [ALARM])


def test_without_a_required_table_there_is_no_list_yet() -> None:
    gap = Gain("usage", False, "nothing can be made without it")
    assert verdict(source(next_tables=(gap,)))[0] == "These tables give no list yet: usage is missing."


@pytest.mark.parametrize(("left", "words"), [(19, "too few to measure"), (20, "wide intervals"), (100, "from them.")])
def test_few_departures_are_told(left: int, words: str) -> None:
    assert words in verdict(source(left=left))[1]


def test_the_next_command_can_be_pasted_whatever_the_folder_is_called() -> None:
    assert next_command(source("my tables")) == "rind run --source 'my tables' --out results/"
    assert next_command(source(), broken=1) == "rind validate --source tables"


def test_the_page_needs_nothing_else_and_escapes_what_comes_from_outside() -> None:
    page = render_profile(source(EVIL), [ALARM], 1, f"report {EVIL}")
    assert EVIL not in page
    assert not re.search(r"<script|https?://|<link|src=", page)
    assert "prefers-color-scheme: dark" in page
    assert "max-width: 760px" in page
    assert "Is mrr a year&#39;s amount?" in page
    assert "solved_at not read: is it resolved_at?" in page


@pytest.mark.parametrize(
    "place", ["/srv/acme/tables", "duckdb:////srv/acme/crm.db", "postgres://me@db.acme.example/crm"]
)
def test_the_page_names_no_place_of_the_machine_that_made_it(place: str) -> None:
    page = render_profile(source(place), title="tables")
    assert "acme" not in page
    assert "rind run --source SOURCE --out results/" in page


def test_the_page_of_an_empty_source_is_a_page() -> None:
    assert "What this source is" in render_profile(SourceProfile("x", None, (), None, (), (), (), ()))


def test_terms_name_the_usual_lengths_and_sum_up_the_others() -> None:
    assert term_words(company()) == "1 month 2, 12 months 30, no end agreed 1"
    assert facts(source())["mrr beside invoices"] == "1,800 invoiced against 1,800 mrr in 2 months (1.00 times)"


def test_a_sparkline_is_as_high_as_its_share_of_the_most_and_blank_for_nothing() -> None:
    assert blocks([0, 1, 4, 8]) == " ▂▅█"
    assert blocks([]) == ""
    assert blocks([0, 0]) == "  "
    svg = bars([0, 1, 2], 'a "b"')
    assert svg.count("<rect") == 3
    assert 'class="now"' in svg
    assert 'aria-label="a &#34;b&#34;"' in svg
