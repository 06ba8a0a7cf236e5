"""The page of a change."""

from __future__ import annotations

from typing import Any

from experiment_examples import document, outcome

from rind.reports.experiment_page import render_experiment


def test_the_page_needs_nothing_else_and_escapes_what_it_is_given() -> None:
    made: Any = document(outcome(), name="<b>Chatbot</b> & Co", words=["As of 2026-06-28 it rose."])
    page = render_experiment(made, "Hearth & Co")
    assert "<b>Chatbot" not in page
    assert "&lt;b&gt;Chatbot" in page
    assert "Hearth &amp; Co" in page
    assert "http" not in page
    assert "<script" not in page
    assert "+5.0 points (+1.0 to +9.0)" in page
    assert "28 Jun 2026" in page
    assert "@media print" in page


def test_the_page_stands_where_nothing_is_measured() -> None:
    nothing = dict.fromkeys(("own", "without", "raw", "effect", "low", "high", "placebo", "placebo_p", "expected"))
    empty = outcome(direction="cannot_tell", why_not="no_data", against_expected="", **nothing)
    page = render_experiment(document(empty, dropped=None, overlap=[], cost=None), "Hearth")
    assert "cannot be told" in page
    assert "None" not in page
    assert "nan" not in page
