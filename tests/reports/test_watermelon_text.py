from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.watermelons import WatermelonFigures
from rind.reports.watermelon_text import missing_words, watermelon_sentences, worth


def rows(**more: object) -> pd.DataFrame:
    row = {
        "watermelon": True, "health_score": 82.0, "health_source": "own", "health_usage": 91.0, "health_tickets": 20.0,
        "health_surveys": 78.0, "health_fit": None, "churn_probability": 0.34, "segment_risk": 0.04, "times_base": 6.8,
        "alike_left": 0.31, "alike_low": 0.22, "alike_high": 0.4, "alike_accounts": 120.0, **more,
    }  # fmt: skip
    return pd.DataFrame([row, row | {"watermelon": False}], index=pd.Index(["a", "b"], name="account_id"))


TOTALS = pd.DataFrame({"usage": [-0.5, 0.0], "tickets": [0.9, 0.0], "contacts": [0.4, 0.0]}, index=["a", "b"])


FACTS = pd.Series({"a": "The oldest open ticket has waited for 23 days"})
OF = pd.Series({"a": "tickets"})
NONE = pd.Series(dtype=str)


def test_a_watermelon_is_told_in_two_sentences_and_other_accounts_in_none() -> None:
    sentences = watermelon_sentences(rows(), TOTALS, FACTS, OF, 65)
    assert sentences.loc["a", "watermelon_outside"] == (
        "Outside green: the company's own health score is 82, and usage (91), surveys (78) look good."
    )
    assert sentences.loc["a", "watermelon_inside"] == (
        "Inside red: the churn risk is 34 %, 6.8 times that of all accounts; in the rest of its segment it is 4 %. "
        "Tickets and contacts lift it: the oldest open ticket has waited for 23 days. "
        "Of 120 green accounts with such a risk on past dates 31 % left (22 % to 40 %)."
    )
    assert sentences.loc["b"].tolist() == ["", ""]


@pytest.mark.parametrize(("family", "words"), [
    ("contacts", "Contacts and tickets lift it: "), ("usage", "Tickets and contacts lift it, and one fact of usage: "),
])  # fmt: skip
def test_the_family_of_the_fact_that_is_told_is_named_first(family: str, words: str) -> None:
    inside = watermelon_sentences(rows(), TOTALS, FACTS, pd.Series({"a": family}), 65).loc["a", "watermelon_inside"]
    assert f"{words}the oldest open ticket" in inside


@pytest.mark.parametrize(("risk", "words"), [(0.41, "fewer than its own risk says"), (0.40, "(22 % to 40 %)."),
                                            (0.21, "more than its own risk says")])  # fmt: skip
def test_a_risk_outside_the_interval_of_its_neighbours_is_told_as_such(risk: float, words: str) -> None:
    inside = watermelon_sentences(rows(churn_probability=risk), TOTALS, FACTS, OF, 65).loc["a", "watermelon_inside"]
    assert words in inside
    assert ("own risk" in inside) is ("own risk" in words)


@pytest.mark.parametrize(("band", "words"), [("amber", "amber"), ("red", "red"), ("green", "riskier than it looks")])
def test_inside_has_the_colour_of_the_risk_and_is_never_called_green(band: str, words: str) -> None:
    inside = watermelon_sentences(rows(risk_band=band), TOTALS, FACTS, OF, 65).loc["a", "watermelon_inside"]
    assert inside.startswith(f"Inside {words}: the churn risk is 34 %")


def test_what_is_not_known_is_not_said_and_a_doubted_use_is() -> None:
    silent = rows(segment_risk=np.nan, times_base=np.nan, alike_left=np.nan, health_fit="no")
    sentences = watermelon_sentences(silent, TOTALS, NONE, NONE, 65)
    assert sentences.loc["a", "watermelon_outside"].endswith("look good; the CSM says that the use does not fit.")
    assert (
        sentences.loc["a", "watermelon_inside"] == "Inside red: the churn risk is 34 %. Tickets and contacts lift it."
    )


def test_a_family_looks_good_from_where_the_score_is_green_and_a_new_one_is_named_too() -> None:
    new = rows(health_rind=99.0, health_partners=80.0, health_surveys=np.nan, health_missing="surveys")
    outside = {
        limit: watermelon_sentences(new, TOTALS, FACTS, OF, limit).loc["a", "watermelon_outside"]
        for limit in (80, 80.5, 95)
    }
    assert outside[80].endswith("and usage (91), partners (80) look good.")
    assert outside[80.5].endswith("and usage (91) looks good.")
    assert outside[95].endswith("though no family looks good.")


def test_families_without_data_are_said_once_for_all_and_counted_for_some() -> None:
    assert missing_words(pd.Series(["", ""])) == ""
    sentence = missing_words(pd.Series(["surveys", "surveys, contacts"]))
    assert "surveys (all accounts); contacts (1 account)." in sentence
    sentence = missing_words(pd.Series(["partners, partner_usage", "partner_usage", "partners, partner_usage"]))
    assert "partner_usage (all accounts); partners (2 accounts)." in sentence


FIGURES: WatermelonFigures = {
    "precision": 0.31, "base_rate": 0.05, "calendar_rate": 0.12, "dates": 40, "withheld_dates": 0, "skill": True,
    "intervals": {"precision": {"low": 0.2, "high": 0.42}},
}  # fmt: skip


def test_the_worth_of_the_flags_is_one_sentence_and_claims_no_skill_that_was_not_shown() -> None:
    facts = "31 % of the watermelons left (20 % to 42 %), against 5 % of all green ones and 12 % of the green ones"
    assert worth(FIGURES) == f"{facts} whose renewal is as near; the difference is beyond chance."
    assert worth({**FIGURES, "skill": False}).endswith("so the flags have no proven skill here.")
    withheld = worth({**FIGURES, "skill": False, "withheld_dates": 10})
    assert "On 25 % of the past dates nobody was flagged" in withheld
    nothing: WatermelonFigures = {**FIGURES, "precision": None, "skill": False}
    assert worth(nothing).endswith("so nothing can be claimed.")
    assert worth({**nothing, "withheld_dates": 40}).startswith("On 100 % of the past dates nobody was flagged")
