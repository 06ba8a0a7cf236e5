from __future__ import annotations

import pytest

from rind.common.facts.health import Evidence, Reason, Verdict
from rind.reports.health_text import THRESHOLDS_STAND, shares_compared, verdict_words

GAIN = {"value": 0.03, "low": 0.01, "high": 0.05}


def evidence(level: float = 0.95) -> Evidence:
    same = {"auc": 0.7, "auc_same_calendar": 0.6, "green_churn_recall": 0.4, "green_churn_rate": 0.1}
    return {
        "current": dict(same), "proposed": dict(same), "difference": dict.fromkeys(same, GAIN),
        "ranks_from": 0.55, "level": level,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (
            Verdict(Reason.BETTER),
            "On later dates the proposal ranks accounts better: its AUC is 0.030 higher (+0.010 to +0.050), which is "
            "beyond chance.",
        ),
        (
            Verdict(Reason.CHANCE),
            "On later dates the proposal ranks accounts better: its AUC is 0.030 higher (+0.010 to +0.050), "
            "which may be chance; today's weights stand.",
        ),
        (
            Verdict(Reason.BETTER, weights_first=True),
            "On later dates the proposal ranks accounts better: its AUC is 0.030 higher (+0.010 to +0.050), "
            "which is beyond chance; but it was judged "
            "beside weights for all that are not recommended, so it is not either.",
        ),
        (Verdict(Reason.SAME_AS_TODAY), "The fit comes out at today's weights; they stand."),
        (
            Verdict(Reason.TOO_FEW_DEPARTED, False, 3, 12, 20),
            "Too little to judge: 3 accounts left in the dates to learn from and 12 in the later ones to test on; 20 "
            "of each are needed.",
        ),
    ],
)
def test_a_verdict_says_what_changed_and_what_holds(verdict: Verdict, words: str) -> None:
    assert verdict_words(verdict, evidence()) == words


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason: Reason) -> None:
    assert verdict_words(Verdict(reason), evidence()).endswith(".")


def test_one_of_several_questions_names_its_level_and_curves_speak_of_thresholds() -> None:
    words = verdict_words(Verdict(Reason.WORSE), evidence(level=1 - 0.05 / 3), THRESHOLDS_STAND)
    assert "at 98.3 % as one of several questions), which is beyond chance; today's thresholds stand." in words


def test_only_families_of_which_shap_and_the_fit_disagree_are_named() -> None:
    sentences = shares_compared({"usage": 0.6, "tickets": 0.4}, {"usage": 0.2, "tickets": 0.45})
    assert len(sentences) == 1
    assert sentences[0].startswith("usage: 20 % of what moves the model, 60 % of the fit; its curves alone say much")
    assert shares_compared({"usage": 1.0}, {"usage": 0.95}) == ["SHAP and the fit agree within 10 % on every family."]
    assert shares_compared({}, {"usage": 1.0}) == ["Nothing was fitted."]
    assert shares_compared({"usage": 1.0}, {}) == ["SHAP had nothing to say before the dates of the evidence."]
