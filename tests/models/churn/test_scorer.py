from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shap
from model_frames import DIRECTIONS, QUICK, SETTINGS, fit, matrix
from sklearn.tree import DecisionTreeClassifier

from rind.models.churn.scorer import Scorer

BLEND, LOGISTIC_ONLY, OWN = "blend", "logistic", "own"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return matrix(accounts=80, weeks=20)


@pytest.fixture(scope="module")
def scorers(rows: pd.DataFrame) -> dict[str, Scorer]:
    train = rows[rows["churned"].notna()]
    few = SETTINGS.model_copy(update={"min_churned_for_boosting": 10_000})
    blend = replace(fit(train, DIRECTIONS, QUICK, SETTINGS), slope=0.8, intercept=-0.3)
    own = fit(train, DIRECTIONS, QUICK, SETTINGS, partial(DecisionTreeClassifier, max_depth=4))
    return {
        BLEND: blend,
        OWN: replace(own, slope=1.1),
        LOGISTIC_ONLY: replace(fit(train, DIRECTIONS, QUICK, few), slope=1.3, intercept=0.2),
    }


def odd(rows: pd.DataFrame) -> pd.DataFrame:
    """Unknown levels, missing values where training had none, missing and further columns, values out of range."""
    odd = rows.tail(40).drop(columns="surveys__nps__364d").assign(more__of__it=1)
    odd["commercial__segment__now"] = odd["commercial__segment__now"].replace("big", "never seen")
    odd.loc[odd.index[:10], "tickets__open__now"] = np.nan
    odd.loc[odd.index[5:15], "usage__fell__28d"] = 1e9
    return odd


@pytest.mark.parametrize("kind", [BLEND, LOGISTIC_ONLY, OWN])
@pytest.mark.parametrize("frame", ["as in training", "odd"])
def test_shap_values_and_base_add_up_to_the_margin(
    rows: pd.DataFrame, scorers: dict[str, Scorer], kind: str, frame: str
) -> None:
    scorer, given = scorers[kind], rows if frame == "as in training" else odd(rows)
    shap_values, base = scorer.contributions(given)
    assert np.abs(shap_values.sum(axis=1) + base - scorer.margin(given)).max() < 1e-6
    assert list(shap_values.columns) == scorer.features
    assert shap_values.index.equals(given.index)
    assert np.isfinite(shap_values.to_numpy()).all()
    assert (shap_values.abs().sum() > 0).sum() >= 3


def test_the_base_value_is_the_mean_margin_of_the_logistic_in_training(
    rows: pd.DataFrame, scorers: dict[str, Scorer]
) -> None:
    train = rows[rows["churned"].notna()]
    shap_values, base = scorers[LOGISTIC_ONLY].contributions(train)
    assert np.abs(shap_values.mean()).max() < 1e-6
    assert base == pytest.approx(scorers[LOGISTIC_ONLY].margin(train).mean(), abs=1e-6)


@pytest.mark.filterwarnings("ignore:LightGBM binary classifier with TreeExplainer")  # says what type it returns
def test_the_part_of_the_trees_is_what_shap_itself_computes(rows: pd.DataFrame, scorers: dict[str, Scorer]) -> None:
    trees = replace(scorers[BLEND], weight=1.0, slope=1.0, intercept=0.0)
    encoded = trees.encode(rows.head(50))
    explained = [shap.TreeExplainer(booster) for booster in trees.boosters]
    ours, base = trees.contributions(rows.head(50))
    theirs = pd.DataFrame(
        np.mean([np.asarray(e.shap_values(encoded)) for e in explained], axis=0), columns=trees.encoded
    )
    grouped = theirs.T.groupby(lambda name: name.split("=")[0]).sum().T[ours.columns]
    assert ours.to_numpy() == pytest.approx(grouped.to_numpy(), abs=1e-9)
    assert base == pytest.approx(np.mean([np.ravel(e.expected_value)[-1] for e in explained]), abs=1e-9)


@pytest.mark.parametrize("kind", [BLEND, LOGISTIC_ONLY, OWN])
def test_a_saved_scorer_predicts_the_same_after_loading(
    rows: pd.DataFrame, scorers: dict[str, Scorer], kind: str, tmp_path: Path
) -> None:
    scorer = scorers[kind]
    scorer.save(tmp_path / "model")
    again = Scorer.load(tmp_path / "model")
    assert (again.margin(odd(rows)) == scorer.margin(odd(rows))).all()
    assert again.contributions(rows)[0].equals(scorer.contributions(rows)[0])
    assert (again.features, again.levels, again.weight) == (scorer.features, scorer.levels, scorer.weight)
    kept = {path.suffix for path in (tmp_path / "model").iterdir()}
    assert kept <= {".json", ".txt", *([".skops"] if kind == OWN else [])}, "nothing that can hold code"


def test_a_probability_is_the_sigmoid_of_the_margin(rows: pd.DataFrame, scorers: dict[str, Scorer]) -> None:
    margin = scorers[BLEND].margin(rows)
    assert scorers[BLEND].probability(rows) == pytest.approx(1 / (1 + np.exp(-margin)))


def test_an_unknown_level_and_a_missing_text_are_no_level_at_all(scorers: dict[str, Scorer]) -> None:
    scorer = scorers[BLEND]
    given = pd.DataFrame({"commercial__segment__now": ["big", "never seen", None, np.nan, pd.NA, ""]})
    encoded = pd.DataFrame(scorer.encode(given), columns=scorer.encoded)
    indicators = encoded[[c for c in scorer.encoded if "=" in c]]
    assert indicators.sum(axis=1).tolist() == [1, 0, 0, 0, 0, 0]
    assert encoded["tickets__open__now"].isna().all()


def test_a_classifier_of_ones_own_learns_alone_beside_the_logistic_baseline(scorers: dict[str, Scorer]) -> None:
    own = scorers[OWN]
    assert (own.boosters, own.weight, own.notes["model"]) == ((), 1.0, "DecisionTreeClassifier")
    assert own.logistics


@pytest.mark.parametrize("kind", [BLEND, LOGISTIC_ONLY, OWN])
def test_no_rows_have_no_parts_and_no_margin(rows: pd.DataFrame, scorers: dict[str, Scorer], kind: str) -> None:
    parts, _ = scorers[kind].contributions(rows.head(0))
    assert list(parts.columns) == scorers[kind].features
    assert len(parts) == len(scorers[kind].margin(rows.head(0))) == 0


class Stranger(DecisionTreeClassifier):
    """A classifier of a package that nobody named."""


def test_a_saved_classifier_of_a_package_that_is_not_trusted_is_refused_by_its_name(
    rows: pd.DataFrame, tmp_path: Path
) -> None:
    train = rows[rows["churned"].notna()]
    fit(train, DIRECTIONS, QUICK, SETTINGS, partial(Stranger, max_depth=2)).save(tmp_path / "model")
    package = Stranger.__module__.split(".")[0]
    with pytest.raises(ValueError, match=f"classes of {package}"):
        Scorer.load(tmp_path / "model")
    assert isinstance(Scorer.load(tmp_path / "model", trusted=[package]).own, Stranger)
