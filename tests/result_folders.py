"""Folders of results as `rind run` leaves them, made up and small, for who publishes, delivers and serves."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from report_examples import AS_OF, facts, lists

from benchmarks.made_results import make_results
from rind.common.columns import Kind
from rind.common.results.result import HORIZONS, OUTCOMES
from rind.pipelines.data import write

FEATURES = ("usage__active_users__28d", "contacts__has_champion__now", "commercial__plan__now")
INTERVAL = {"value": 0.81, "low": 0.78, "high": 0.84}


def write_results(folder: Path, as_of: date = AS_OF, accounts: int = 12, *, auc: Any = INTERVAL, **cells: Any) -> Path:
    """A whole run: lists, explanations, backtest, adoption, documents, curves; ``cells`` overwrite row 0."""
    now, before = lists(accounts)
    shift = timedelta(days=(as_of - AS_OF).days)
    for frame in (now, before):
        frame["term_ends_on"] = pd.to_datetime(frame["term_ends_on"]) + shift
    for name, value in cells.items():
        now.loc[0, name] = value
    folder.mkdir(parents=True, exist_ok=True)
    write(with_outlook(now), folder / "risk_list.parquet")
    day = pd.Timestamp(as_of)
    before = before.drop(
        columns=[c for c in before if c.startswith(("reason_", "moved_")) or c in ("playbook", "rank_change")]
    )
    before = before.assign(as_of=day - pd.Timedelta(days=7), published_probability=np.nan)
    write(before, folder / "previous_list.parquet")
    write(explanations(now).assign(as_of=day), folder / "explanations.parquet")
    write(backtest(now, as_of), folder / "backtest.parquet")
    write(features(now, as_of), folder / "features.parquet")
    write(adoption(now).assign(as_of=day), folder / "adoption.parquet")
    (folder / "plots").mkdir(exist_ok=True)
    (folder / "plots/gains.csv").write_text(
        "model,share_of_accounts,share_of_churn\nmodel,0.0,0.0\nmodel,0.1,0.42\nbaseline,0.1,\n"
    )
    documents(folder, as_of, auc)
    return folder


def with_outlook(listed: pd.DataFrame) -> pd.DataFrame:
    """The list with the columns on when, and on what else, that it does not have: empty."""
    empty: dict[Kind | None, Any] = {Kind.TEXT: pd.Series(None, index=listed.index, dtype="str"), Kind.YES_NO: False}
    outlook = {c.name: empty.get(c.kind, np.nan) for c in (*HORIZONS, *OUTCOMES) if c.name not in listed}
    return listed.assign(**outlook)


def explanations(listed: pd.DataFrame) -> pd.DataFrame:
    """Three features an account, one of them a text."""
    rows = []
    for account, p in zip(listed["account_id"], listed["churn_probability"], strict=True):
        margin = float(np.log(p / (1 - p)))
        for place, feature in enumerate(FEATURES):
            text = "gold" if feature == FEATURES[2] else None
            value = None if text else float(place)
            part = (margin + 3.0) / 3
            rows.append((account, feature, feature.split("__")[0], value, text, part, -3.0, margin))
    columns = ["account_id", "feature", "family", "value", "value_text", "shap_value", "base_value", "margin"]
    return pd.DataFrame(rows, columns=columns).assign(apart=0.0, moved_points=0.0)


def backtest(listed: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Five past weeks an account."""
    weeks = [
        listed[["account_id", "churn_probability", "health_score", "health_band", "watermelon", "mrr"]].assign(
            as_of=pd.Timestamp(as_of) - pd.Timedelta(days=7 * back),
            fold=1, trained_as_of=pd.Timestamp(as_of) - pd.Timedelta(days=91),
            churned=None if back < 3 else 0.0, days_to_churn=np.nan, boosting_margin=0.25,
        )
        for back in range(1, 6)
    ]  # fmt: skip
    return pd.concat(weeks, ignore_index=True).astype({"churned": "float64"})


def features(listed: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Four weeks of three features; the last date is the scoring date."""
    weeks = [
        listed[["account_id"]].assign(
            as_of=pd.Timestamp(as_of) - pd.Timedelta(days=7 * back),
            usage__active_users__28d=np.arange(len(listed)) + back / 3,
            surveys__nps_mean__364d=np.nan,
            commercial__segment__now=listed["segment"],
        )
        for back in range(3, -1, -1)
    ]
    return pd.concat(weeks, ignore_index=True)


def adoption(listed: pd.DataFrame) -> pd.DataFrame:
    """Two young accounts."""
    young = listed[["account_id", "segment"]].tail(2).reset_index(drop=True)
    left = pd.array([10, None], dtype="Int64")
    said = {"next_step": "Invite three people", "basis": "segment", "moment_status": "open"}
    return young.assign(adoption_probability=[0.7, 0.8], age_days=[20, 40], days_left=left, **said)


def documents(folder: Path, as_of: date, auc: Any) -> None:
    """The JSON results, run.json with its manifest last."""
    measured = {"auc": auc, "brier": 0.04}
    moment = {
        "segment": "enterprise", "feature": "reports", "count": 3, "within_days": 30, "reached": 40, "not_reached": 31,
        "retention_reached": 0.95, "retention_not_reached": 0.6, "p_value": 0.01, "confirmed": True, "gain": 0.35,
    }  # fmt: skip
    made = {
        "metrics": {"model": measured, "baseline": measured, "watermelons": {"precision": 0.3, "words": "Some."}},
        "health_score": {"current": {"usage": 60, "tickets": 40}, "proposed": {"usage": 70, "tickets": 30}},
        "true_north": {"moments": [moment], "words": "One moment stands."},
        "catalogue": {"features": [], "left_out": {}},
    }
    for name, value in made.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    said = facts()
    run = {
        "as_of": str(as_of), "previous_as_of": str(as_of - timedelta(days=7)), "data_end": str(as_of),
        "facts": {"company": said.company, "horizon_days": 90, "red_from": said.red_from,
                  "amber_from": said.amber_from, "model": said.model, "notes": []},
        "scored_by": {"name": "churn-90d", "version": "3"},
        "parameters": {"labels": {"horizon_days": 90}, "risk": {"watch_top": 50}},
    }  # fmt: skip
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "run.json"]
    manifest = {
        str(p.relative_to(folder)): {"bytes": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
        for p in files
    }
    (folder / "run.json").write_text(json.dumps(run | {"manifest": manifest}))


def first_and_second(folder: Path) -> tuple[Path, Path]:
    """Two published weeks of the same accounts."""
    first, second = folder / "first", folder / "second"
    make_results(first, accounts=12, weeks=20, mark=" (first)")
    make_results(second, accounts=12, weeks=20, seed=8, mark=" (second)")
    return first, second
