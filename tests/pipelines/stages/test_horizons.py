"""Other horizons in a run: what the list gets where there is a past, and where there is none."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.common.files import write_json
from rind.pipelines.data import read, read_json
from rind.pipelines.params import load
from rind.pipelines.stages import horizons
from rind.pipelines.workspace import Workspace

AS_OF = date(2026, 6, 1)
DAYS = ("probability_30d", "churn_probability", "probability_180d", "probability_365d")


def company(root: Path, accounts: int, leaving: bool) -> Workspace:
    """Scores of 26 past weeks in which the riskier half of the accounts leaves one by one, or nobody does."""
    space = Workspace(root, root / "mlruns")
    rng = np.random.default_rng(1)
    ids = np.array([f"a{n}" for n in range(accounts)])
    gone = {a: AS_OF - timedelta(days=60 + n) for n, a in enumerate(ids[: accounts // 2])} if leaving else {}
    frames = []
    for week in range(27):
        day = AS_OF - timedelta(days=7 * week)
        here = [a for a in ids if day < gone.get(a, AS_OF + timedelta(days=1))]
        risk = np.where(np.isin(here, ids[: accounts // 2]), 0.4, 0.05) + rng.uniform(0, 0.05, len(here))
        frames.append(pd.DataFrame({"account_id": here, "as_of": day, "churn_probability": risk}))
    scores = pd.concat(frames, ignore_index=True)
    past = scores[scores["as_of"] < AS_OF]
    past = past.assign(
        fold=0, trained_as_of=AS_OF - timedelta(days=28), reported=True, churned=np.nan,
        boosting_probability=0.1, logistic_probability=0.1,
    )  # fmt: skip
    past.to_parquet(space.predictions)
    scores[scores["as_of"] == AS_OF].assign(model_version="1").to_parquet(space.scores)
    end, length, mrr = ("commercial__days_to_term_end__now", "commercial__term_days__now", "commercial__mrr__now")
    scores[["account_id", "as_of"]].assign(**{end: 20.0, length: 30.0, mrr: 10.0}).to_parquet(space.features)
    scores[["account_id", "as_of"]].assign(churned=0).to_parquet(space.labels)
    left = scores["account_id"].map(gone)
    known = scores[left.notna()].assign(churned=1, known_until=None)
    known["days_to_churn"] = [(gone[a] - d).days for a, d in zip(known["account_id"], known["as_of"], strict=True)]
    known["known_from"] = [gone[a] + timedelta(days=31) for a in known["account_id"]]
    known["known_until"] = pd.Series(pd.NaT, index=known.index)
    known.to_parquet(space.known_labels)
    catalogue: Any = {"features": [{"name": name} for name in (end, length, mrr)]}
    write_json(space.catalogue, catalogue)
    write_json(space.dates, {name: str(AS_OF) for name in ("as_of", "data_end", "previous")})
    space.model.mkdir()
    write_json(space.model / "scorer.json", {"notes": {"churned_accounts": 50}})
    return space


def test_the_list_gets_probabilities_that_grow_with_time_and_the_past_is_measured(tmp_path: Path) -> None:
    space = company(tmp_path, 120, leaving=True)
    horizons.run(space, load(None), lambda _: None)
    listed = read(space.horizons).merge(read(space.scores), on=["account_id", "as_of"])
    assert len(listed) == 60
    assert (np.diff(listed[list(DAYS)].to_numpy(), axis=1) >= 0).all()
    assert listed["churn_probability"].between(listed["probability_low"], listed["probability_high"]).all()
    assert listed["renewal_probability"].between(0, 1).all()
    month = read_json(space.horizon_figures)["horizons"][0]
    assert (month["days"], month["churned_accounts"] > 0) == (30, True)


@pytest.mark.parametrize("way", [horizons.run, horizons.fall_back])
def test_without_departures_the_columns_are_empty_and_the_interval_stands(tmp_path: Path, way: Any) -> None:
    space = company(tmp_path, 6, leaving=False)
    params = load(None)
    way(space, params, lambda _: None) if way is horizons.run else way(space, params)
    listed = read(space.horizons)
    assert listed[["probability_30d", "probability_180d", "renewal_probability"]].isna().all().all()
    assert listed["probability_low"].notna().all()
    assert read_json(space.horizon_figures)["renewal"]["model"] == {}


@pytest.mark.parametrize("gone", ["predictions", "labels", "known_labels", "catalogue"])
def test_whatever_of_the_past_made_it_fail_the_list_gets_its_columns(tmp_path: Path, gone: str) -> None:
    space = company(tmp_path, 6, leaving=False)
    getattr(space, gone).unlink()
    horizons.fall_back(space, load(None))
    assert len(read(space.horizons)) == 6
    assert [part["rows"] for part in read_json(space.horizon_figures)["horizons"]] == [0, 0, 0]


def test_what_is_learned_only_later_changes_no_probability(tmp_path: Path) -> None:
    space = company(tmp_path, 120, leaving=True)
    horizons.run(space, load(None), lambda _: None)
    before = read(space.horizons)
    day = pd.Timestamp(AS_OF - timedelta(days=7))
    later = (
        read(space.known_labels)
        .iloc[:1]
        .assign(account_id="a119", as_of=day, days_to_churn=3, known_from=pd.Timestamp(AS_OF + timedelta(days=2)))
    )
    both = pd.concat([read(space.known_labels), later])
    both.to_parquet(space.known_labels)
    horizons.run(space, load(None), lambda _: None)
    pd.testing.assert_frame_equal(read(space.horizons), before)
