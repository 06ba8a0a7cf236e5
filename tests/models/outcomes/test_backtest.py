"""An outcome is rolled as churn is: on what was known at each training date, and never on too few."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from model_frames import OUTCOME, QUICK, SETTINGS, dates, matrix

from rind.models.common.frames import KEYS
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import rolling_folds
from rind.models.outcomes.backtest import AS_CHURN, COLUMNS, OF_OUTCOME, has_skill, measured, roll_outcome
from rind.models.outcomes.settings import OutcomeModelSettings

OWN = OutcomeModelSettings(every_days=7, refit_every_days=56, bags=1, fewest_accounts=5)
FOLDS = rolling_folds(dates(), OUTCOME, 56, 4)


def answers(rows: pd.DataFrame) -> pd.DataFrame:
    """What happened, known when its horizon and grace have passed."""
    known = rows.loc[rows["churned"].notna(), [*KEYS, "churned"]].rename(columns=OF_OUTCOME)
    since = known["as_of"] + OUTCOME.observed_after + timedelta(days=1)
    return known.assign(known_from=since, known_until=pd.NaT)


def rolled(known: pd.DataFrame, rows: pd.DataFrame, fewest: int = 5) -> pd.DataFrame | None:
    own = OWN.model_copy(update={"fewest_accounts": fewest})
    unknown = Snapshots.held(rows.assign(churned=float("nan")))
    made = roll_outcome(unknown, known, FOLDS, date(2025, 1, 1), {}, QUICK, SETTINGS, own, threads=1, seed=7)
    return None if made is None else made.predictions.rename(columns=OF_OUTCOME)


def test_its_predictions_have_its_own_names_and_foretell_what_can_be_foretold() -> None:
    rows = matrix()
    predictions = rolled(answers(rows), rows)
    assert predictions is not None
    assert set(COLUMNS) <= set(predictions)
    metrics = measured(predictions.assign(mrr=1.0), 40, 7)
    assert has_skill(metrics)
    known = predictions.groupby("as_of").filter(lambda day: day["happened"].notna().all())
    assert metrics["rows"]["base_rate"] == pytest.approx(known["happened"].mean())
    assert metrics["rows"]["happened_accounts"] == known.loc[known["happened"] == 1, "account_id"].nunique()


def test_an_answer_learned_after_a_training_date_changes_no_prediction_of_that_model() -> None:
    rows = matrix()
    known, late = answers(rows), pd.Timestamp(FOLDS[-1].trained_as_of)
    turned = known.assign(happened=known["happened"].where(known["known_from"] < late, 1 - known["happened"]))
    before, after = rolled(known, rows), rolled(turned, rows)
    assert before is not None
    assert after is not None
    same = before["fold"] < FOLDS[-1].number
    assert before.loc[same, "probability"].tolist() == after.loc[same, "probability"].tolist()


def test_too_few_accounts_make_no_model() -> None:
    rows = matrix()
    assert rolled(answers(rows), rows, fewest=1000) is None


def test_chance_is_no_skill() -> None:
    rows = matrix()
    predictions = rolled(answers(rows), rows)
    assert predictions is not None
    shuffled = predictions["probability"].sample(frac=1, random_state=3).to_numpy()
    assert not has_skill(measured(predictions.assign(mrr=1.0, probability=shuffled), 40, 7))


def test_where_nothing_is_known_yet_every_figure_is_empty() -> None:
    rows = matrix()
    predictions = rolled(answers(rows), rows)
    assert predictions is not None
    metrics = measured(predictions.assign(mrr=1.0, happened=float("nan")), 20, 7)
    assert metrics["model"]["auc"] == {"value": None, "low": None, "high": None}
    assert metrics["rows"]["base_rate"] is None
    assert not has_skill(metrics)
    assert set(AS_CHURN) == {"happened", "probability"}
