"""Each state of an outcome in one sentence."""

from __future__ import annotations

import pytest

from rind.common.facts.outcomes import OutcomeSummary
from rind.reports.outcome_text import definition, outcome_notes, outcome_words

SHOWN = OutcomeSummary(
    name="contraction", when="mrr_falls", share=0.1, state="shown", happened_accounts=131, base_rate=0.019,
    mean_change=-0.18, auc={"value": 0.64, "low": 0.6, "high": 0.68}, model="contraction-90d version 1", words="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Contraction: on past dates its AUC is 0.64 (0.60 to 0.68); it happens to 1.9 % of the accounts within "
             "90 days."),
        ({"state": "no_skill"}, "No skill shown for contraction: on past dates its AUC is 0.64 (0.60 to 0.68); it "
                                "happens to 1.9 % of the accounts within 90 days."),
        ({"state": "no_skill", "auc": None, "base_rate": None},
         "No skill shown for contraction: too few past dates have their outcome."),
        ({"state": "too_few", "happened_accounts": 7},
         "Contraction happened to 7 accounts so far; Rind learns it from 40 on."),
        ({"name": "nonpayment", "state": "no_table"},
         "Nonpayment is left out: the source has no table invoices."),
    ],
)  # fmt: skip
def test_an_outcome_says_how_far_it_can_be_foreseen(change: dict[str, object], words: str) -> None:
    assert outcome_words({**SHOWN, **change}, 90, 40) == words  # type: ignore[typeddict-item]


def test_the_list_is_told_of_outcomes_that_it_says_nothing_of() -> None:
    shown, hidden = {**SHOWN, "words": "a"}, {**SHOWN, "state": "no_skill", "words": "b"}
    assert outcome_notes([shown, hidden]) == ["b"]  # type: ignore[list-item]


def test_the_definition_names_share_and_direction() -> None:
    assert definition("mrr_falls", 0.1) == "ARR falls by 10 % or more and the account stays"
    assert definition("mrr_rises", 0.25) == "ARR rises by 25 % or more and the account stays"
    assert definition("leaves_unpaid", None) == "the account leaves with an invoice overdue"
