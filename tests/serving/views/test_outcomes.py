"""What else may become of an account, as its page and the model page tell it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rind.serving.views.outcomes import account_outcomes, outcome_figures

FALLS = {
    "name": "contraction", "when": "mrr_falls", "share": 0.1, "state": "shown", "happened_accounts": 131,
    "base_rate": 0.02, "auc": {"value": 0.64, "low": 0.6, "high": 0.68}, "model": "contraction-90d version 2",
}  # fmt: skip
HIDDEN = {**FALLS, "name": "expansion", "when": "mrr_rises", "state": "no_skill", "model": "expansion-90d version 2"}


def week(*summaries: dict[str, Any]) -> Any:
    return SimpleNamespace(document={"outcome_summary": {"outcomes": list(summaries)}}.get)


def test_an_account_stands_beside_the_median_of_the_list_with_what_makes_it_likelier() -> None:
    row = {"contraction_probability": 0.1, "contraction_reasons": "A; B"}
    line, *_ = account_outcomes(week(FALLS), row, {"contraction_probability": 0.15}.get)
    assert line == ("stays and pays at least 10 % less", 0.1, 0.15, "A; B", "")


def test_without_proven_skill_the_page_says_so_in_place_of_a_number() -> None:
    line, *_ = account_outcomes(week(HIDDEN), {"expansion_probability": None}, {}.get)
    assert (line.words, line.value, line.why_not) == ("stays and pays at least 10 % more", None, "no skill shown")
    assert outcome_figures(week(HIDDEN))[0]["note"] == "no skill shown"


def test_the_model_page_says_what_must_happen_and_how_far_it_is_foreseen() -> None:
    (line,) = outcome_figures(week(FALLS))
    assert (line["title"], line["note"]) == ("Contraction", "contraction-90d version 2")
    assert line["definition"] == "ARR falls by 10 % or more and the account stays"
    assert (line["auc"].value, line["auc"].low) == (0.64, 0.6)


def test_a_week_of_an_older_version_has_none() -> None:
    nothing: Any = SimpleNamespace(document=lambda _: None)
    assert account_outcomes(nothing, {}, {}.get) == []
    assert outcome_figures(nothing) == []
