"""The results of a weekly run, made up: as many accounts and weeks as wanted in seconds, without a company behind them.

For the benchmark of serving and for its tests; the figures mean nothing.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.made_book import (
    made_effects,
    made_forecast,
    made_forecast_months,
    made_kpi_notes,
    made_kpis,
    made_record,
)
from benchmarks.made_voice import made_advocates, made_personas, made_voice_texts
from rind.common.families import FAMILIES
from rind.common.files import write_json
from rind.common.results import public_paths
from rind.common.themes import THEMES
from rind.features.families import CATALOGUE
from rind.models.evaluation.risk_bands import Bands, risk_bands
from rind.pipelines.data import write
from rind.pipelines.params import load
from rind.pipelines.weeks import commit
from rind.pipelines.workspace import Workspace
from rind.reports.ledger import ledger
from rind.reports.risk_list import rank
from rind.serving.store.memory import SERIES

AS_OF = date(2026, 6, 29)
BANDS = Bands(0.12, 0.06)
SEGMENTS = ("enterprise", "mid_market", "small_business")
CSMS = ("Amara Okafor", "Ana Almeida", "Ben Carter", "Chloe Dubois", "Daniel Okafor", "Elif Yilmaz")
FIRST = ("North", "Blue", "Silver", "Bright", "Clear", "Iron", "Stone", "River", "Maple", "Summit", "Cedar", "Quartz")
LAST = ("Logistics", "Foods", "Dental", "Robotics", "Partners", "Textiles", "Energy", "Media", "Freight", "Clinics")
DO = (
    "Find a new champion this week",
    "Call back the unhappy answer",
    "Agree a date for each open case",
    "Value review",
)


def ranked(accounts: pd.DataFrame, previous: pd.DataFrame | None = None) -> pd.DataFrame:
    """The list of these accounts, with the bands of `BANDS`."""
    return rank(accounts.assign(risk_band=risk_bands(accounts["churn_probability"], BANDS)), previous)


def make_results(
    folder: Path, accounts: int = 60, weeks: int = 20, as_of: date = AS_OF, seed: int = 7, features: int = 40,
    mark: str = "",
) -> None:  # fmt: skip
    """Publish a whole week into ``folder``, over an older one, as `rind run` does.

    Parameters
    ----------
    weeks
        Past dates of every account.
    features
        How many features the explanations hold.
    mark
        Put behind every name, reason and next step, and the company's name: tells one publication from the next.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / ".rind" / "made"
    shutil.rmtree(root, ignore_errors=True)
    (root / "plots").mkdir(parents=True)
    rng = np.random.default_rng(seed)
    days = pd.to_datetime([as_of - timedelta(days=7 * n) for n in range(weeks)][::-1])
    ids = np.array([f"A{n:05d}" for n in range(accounts)])
    history = _history(rng, ids, days)
    listed, before = _lists(rng, ids, history, as_of, mark)
    write(history, root / "backtest.parquet")
    write(_features(rng, ids, days), root / "features.parquet")
    write(listed, root / "risk_list.parquet")
    before = before.assign(published_probability=0.9 * before["churn_probability"])
    write(before, root / "previous_list.parquet")
    write_json(root / "ledger.json", _ledger(listed, before, as_of))
    write(_explanations(rng, ids, as_of, features), root / "explanations.parquet")
    write(_adoption(ids, as_of, mark), root / "adoption.parquet")
    write(_timeline(ids, as_of), root / "timeline.parquet")
    write(made_kpis(rng, SEGMENTS, CSMS, as_of), root / "kpis.parquet")
    write(made_forecast(rng, SEGMENTS, CSMS, as_of), root / "forecast.parquet")
    write(made_forecast_months(np.random.default_rng(seed), SEGMENTS, CSMS, as_of), root / "forecast_months.parquet")
    write_json(root / "forecast_record.json", made_record())
    write_json(root / "effects.json", made_effects())
    write_json(root / "kpi_notes.json", made_kpi_notes(CSMS, as_of))
    write_json(root / "advocates.json", made_advocates(listed))
    write_json(root / "personas.json", made_personas())
    write_json(root / "voice_texts.json", made_voice_texts(listed, as_of))
    _documents(root, as_of)
    for name in public_paths():
        if not (root / name).exists():
            (root / name).write_text("[]\n" if name.endswith(".json") else "made up\n", encoding="utf-8")
    run = _run(as_of, mark) | {"manifest": Workspace(root, root).manifest()}
    write_json(root / "run.json", run)
    commit(root, folder)
    shutil.rmtree(root)


def _history(rng: np.random.Generator, ids: Any, days: pd.DatetimeIndex) -> pd.DataFrame:
    """One row per account and week; the outcomes of the last 17 weeks are not known yet."""
    size = len(ids) * len(days)
    level = np.repeat(rng.normal(-3.2, 1.0, len(ids)), len(days))
    probability = 1 / (1 + np.exp(-(level + rng.normal(0, 0.4, size))))
    health = np.clip(80 - 120 * probability + rng.normal(0, 14, size), 0, 100)
    known = np.tile(np.arange(len(days)) < len(days) - 17, len(ids))
    left = (rng.random(size) < probability).astype("float64")
    frame = pd.DataFrame(
        {
            "account_id": np.repeat(ids, len(days)),
            "as_of": np.tile(days.to_numpy(), len(ids)),
            "fold": 1,
            "trained_as_of": days[0],
            "churn_probability": probability,
            "health_score": health,
            "health_band": np.select([health >= 65, health >= 45], ["green", "amber"], "red"),
            "watermelon": (health >= 65) & (probability > 0.1),
            "churned": np.where(known, left, np.nan),
            "days_to_churn": np.where(known & (left > 0), 40.0, np.nan),
            "mrr": 500.0,
            "segment": np.repeat(np.array(SEGMENTS)[np.arange(len(ids)) % 3], len(days)),
        }
    )
    for family in FAMILIES:
        frame[f"health_{family}"] = np.clip(health + rng.normal(0, 15, size), 0, 100)
    return frame


HORIZON_SHARES = {"low": 0.02, "high": 0.4, "30d": 0.05, "180d": 0.2, "365d": 0.3}


def _lists(
    rng: np.random.Generator, ids: Any, history: pd.DataFrame, as_of: date, mark: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    last = history.drop_duplicates("account_id", keep="last").reset_index(drop=True)
    number = np.arange(len(ids))
    reasons = pd.DataFrame(
        {
            "account_id": ids,
            "name": [f"{FIRST[n % 12]} {LAST[n * 7 % 10]} {n}{mark}" for n in number],
            "segment": np.array(SEGMENTS)[number % 3],
            "csm": np.array(CSMS)[number % 6],
            "mrr": rng.lognormal(6.5, 1.0, len(ids)).round(2),
            "term_ends_on": pd.to_datetime([as_of + timedelta(days=int(n)) for n in rng.integers(1, 360, len(ids))]),
            **{f"reason_{n}": [f"Fact {n} about account {account}{mark}" for account in ids] for n in (1, 2, 3)},
            **{f"reason_{n}_theme": np.array(THEMES[:4])[(number + n) % 4] for n in (1, 2, 3)},
            **{f"reason_{n}_feature": SERIES[0] for n in (1, 2, 3)},
            **{f"probability_{name}": at for name, at in HORIZON_SHARES.items()},
            "renewal_probability": 0.8,
            "little_known": number % 50 == 0,
            "contraction_probability": 0.02,
            "contraction_reasons": [f"Fact {n % 5} about account {n}" for n in number],
            "expansion_probability": np.nan,
            "expansion_reasons": pd.Series(None, index=number, dtype="str"),
            "moved_points": rng.normal(0, 2, len(ids)).round(2),
            "moved_by": [f"+2 points: fact {n % 7} (+2)" for n in number],
            "playbook": np.array(DO)[number % 4],
            "under_intervention": number % 4 == 1,
        }
    )
    scored = last[
        ["churn_probability", "health_score", "health_band", "watermelon", *(f"health_{f}" for f in FAMILIES)]
    ]
    now = pd.concat([reasons, scored], axis=1).assign(health_source="rind")
    now["mrr_expected_loss"] = now["mrr"] * now["churn_probability"]
    now["expected_value_saved"], now["within_capacity"] = now["mrr_expected_loss"] * 2, number < 12
    earlier = now.assign(churn_probability=np.clip(now["churn_probability"] * rng.uniform(0.8, 1.25, len(ids)), 0, 1))
    before = ranked(earlier.iloc[1:])
    return ranked(now, before), before.assign(as_of=pd.Timestamp(as_of - timedelta(days=7)))


def _ledger(listed: pd.DataFrame, before: pd.DataFrame, as_of: date) -> dict[str, Any]:
    """The second account has given notice, the third renewed, the fourth grew."""
    since = as_of - timedelta(days=7)
    columns = ["account_id", "name", "segment", "csm", "mrr", "term_ends_on"]
    now = listed.sort_values("account_id", ignore_index=True)[columns]
    now = now.assign(
        mrr_under_notice=0.0,
        notice_on=pd.Series(pd.NaT, index=now.index, dtype="datetime64[us]"),
        contract_ends_on=now["term_ends_on"],
    )
    then = now.iloc[1:].assign(as_of=pd.Timestamp(since))
    leaving = now.iloc[[1]].assign(account_id="L00001", name="Leaving Foods")
    then = pd.concat([then, leaving.assign(as_of=pd.Timestamp(since))])
    then.loc[then["account_id"] == now.loc[2, "account_id"], "term_ends_on"] -= pd.Timedelta(days=365)
    then.loc[then["account_id"] == now.loc[3, "account_id"], "mrr"] *= 0.5
    noticed = leaving.assign(mrr_under_notice=leaving["mrr"], notice_on=pd.Timestamp(since))
    return ledger(pd.concat([then, noticed, now]).fillna({"as_of": pd.Timestamp(as_of)}), listed, before, since, as_of)


def _timeline(ids: Any, as_of: date) -> pd.DataFrame:
    """A term, an answer and a ticket of every account."""
    events = [("term", "gold", 500.0, 300), ("answer", "nps", 4.0, 30), ("ticket", "urgent billing", np.nan, 9)]
    rows = [(account, kind, detail, number, days) for account in ids for kind, detail, number, days in events]
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "detail", "number", "days"])
    day = pd.Timestamp(as_of)
    happened = day - pd.to_timedelta(frame.pop("days"), unit="D")
    return frame.assign(as_of=day, happened_on=happened, ended_on=pd.Series(pd.NaT, frame.index, "datetime64[us]"))


def _features(rng: np.random.Generator, ids: Any, days: pd.DatetimeIndex) -> pd.DataFrame:
    size = len(ids) * len(days)
    frame = pd.DataFrame({"account_id": np.repeat(ids, len(days)), "as_of": np.tile(days.to_numpy(), len(ids))})
    for name in SERIES:
        frame[name] = rng.integers(0, 40, size).astype("float32")
    to_end = np.tile((360 - 7 * np.arange(len(days))) % 364, len(ids)).astype("float32")
    return frame.assign(commercial__days_to_term_end__now=to_end)


def _explanations(rng: np.random.Generator, ids: Any, as_of: date, features: int) -> pd.DataFrame:
    names = [f.name for f in CATALOGUE.values() if f.unit != "text"][:features]
    shap = rng.normal(0, 0.08, (len(ids), len(names)))
    return pd.DataFrame(
        {
            "account_id": np.repeat(ids, len(names)),
            "as_of": pd.Timestamp(as_of),
            "feature": np.tile(names, len(ids)),
            "family": np.tile([name.split("__")[0] for name in names], len(ids)),
            "value": rng.integers(0, 30, shap.size).astype("float64"),
            "value_text": pd.Series([None] * shap.size, dtype="str"),
            "shap_value": shap.ravel(),
            "apart": shap.ravel() / 2,
            "moved_points": shap.ravel(),
            "base_value": -3.2,
            "margin": np.repeat(-3.2 + shap.sum(axis=1), len(names)),
        }
    )


def _adoption(ids: Any, as_of: date, mark: str) -> pd.DataFrame:
    few = ids[: max(2, len(ids) // 20)]
    return pd.DataFrame(
        {
            "account_id": few, "as_of": pd.Timestamp(as_of), "adoption_probability": 0.7, "segment": "mid_market",
            "next_step": f"Two more users active on reports{mark}", "age_days": 30, "basis": "made up",
            "reason_1": f"6 people used the product (+0.2){mark}",
            "moment_status": "open", "days_left": pd.array([12] * len(few), dtype="Int64"),
        }
    )  # fmt: skip


FIGURE = {"value": 0.81, "low": 0.78, "high": 0.84}


def _documents(root: Path, as_of: date) -> None:
    _metrics(root)
    _outcome_summary(root)
    _health_score(root)
    _moments(root)
    catalogue = [asdict(f) | {"family": f.family} for f in CATALOGUE.values()]
    write_json(root / "catalogue.json", {"features": catalogue, "left_out": {}})
    _plots(root / "plots", as_of)


def _metrics(root: Path) -> None:
    names = ("auc", "average_precision", "lift_at_10pct", "brier", "calibration_slope")
    measured = dict.fromkeys(names, FIGURE)
    melons = {
        "recall_within_30_days": 0.5, "recall_within_60_days": 0.55, "recall_within_90_days": 0.6,
        "precision": 0.2, "recall": 0.6, "base_rate": 0.04, "accounts_recall": 0.61, "mrr_covered": 0.66,
        "lead_time_days": 47.0, "skill": True, "words": "20% of the flagged left, against 4% of all green ones",
        "dates": 40, "intervals": {"precision": {"low": 0.15, "high": 0.25}},
        "baselines": {"random_green": {"precision": 0.04, "accounts_recall": 0.1, "mrr_covered": 0.1}},
    }  # fmt: skip
    extent = {"rows": 1000, "accounts": 60, "churned_accounts": 9, "dates": 40, "base_rate": 0.04}
    kept = {"value": 5200.0, "low": 4000.0, "high": 6600.0}
    orders = dict.fromkeys(("risk", "mrr_at_risk", "expected_value"), kept)
    orders["expected_value_minus_risk"] = {"value": 80.0, "low": -140.0, "high": 380.0}
    acted = {
        "weight": 1.0, "rows": 90, "accounts": 9, "share": 0.09, "base_rate": 0.1, "base_rate_of_others": 0.03,
        "these": measured, "others": measured,
    }  # fmt: skip
    part = {"model": measured, "baseline": measured, "rows": extent}
    count = {
        "accounts": 60, "dates": ["2026-01-05"], "expected": 41.2, "left": 38, "low": 30, "high": 52, "p_value": 0.6,
        "verdict": "usual",
    }  # fmt: skip
    off = count | {"left": 60, "p_value": 0.001, "verdict": "more"}
    counted = {"all": count, "latest": count, "segments": {"mid_market": off}}
    more = {"watermelons": melons, "orders": orders, "under_intervention": acted, "calibration": counted}
    more |= {"training_sample": {"rows": 300_000, "sampled_from": 1_250_000}}
    write_json(root / "metrics.json", part | more | {"segments": {"mid_market": part}, "renewals": part})


def _outcome_summary(root: Path) -> None:
    foreseen = {
        "name": "contraction", "when": "mrr_falls", "share": 0.1, "state": "shown", "happened_accounts": 60,
        "base_rate": 0.02, "mean_change": -0.18, "auc": FIGURE, "model": "contraction-90d version 1",
        "words": "May shrink.",
    }  # fmt: skip
    hidden = foreseen | {"name": "expansion", "when": "mrr_rises", "state": "no_skill", "words": "No skill shown."}
    write_json(root / "outcome_summary.json", {"outcomes": [foreseen, hidden]})


def _health_score(root: Path) -> None:
    today = load().health.weights
    proposed = today | {"usage": today["usage"] - 5, "tickets": today["tickets"] + 5}
    span = {"from": "2025-01-06", "to": "2026-01-05", "rows": 1000, "departed_accounts": 20}
    weights = {"current": today, "proposed": proposed, "recommend": False, "words": "May be chance; today's stand."}
    write_json(root / "health_score.json", weights | {"evidence": {"fitted": span, "tested": span}})


def _moments(root: Path) -> None:
    moment = {
        "segment": "mid_market", "feature": "active users", "count": 7, "within_days": 30, "reached": 80,
        "not_reached": 60, "retention_reached": 0.91, "retention_not_reached": 0.7, "p_value": 0.01, "confirmed": True,
        "difference": 0.18, "measure": "count", "difference_low": 0.08, "difference_high": 0.27,
    }  # fmt: skip
    searched = {"searched": 300, "confirming": 150, "retention": 0.83, "candidates": 40, "smallest_effect": 0.12}
    record = {"moments": [moment], "rejected": [], "segments": {"mid_market": searched}}
    write_json(root / "true_north.json", record | {"words": "mid_market: one moment stands."})


def _plots(folder: Path, as_of: date) -> None:
    steps = np.linspace(0, 1, 11)
    both = [("model", 1.0), ("baseline", 0.9)]
    bins = [(m, x / 3, x / 3 * k, x / 4, x / 2, 100) for m, k in both for x in steps]
    columns = ["model", "predicted", "observed", "low", "high", "accounts"]
    pd.DataFrame(bins, columns=columns).to_csv(folder / "reliability.csv", index=False)
    curve = [(m, x, min(1.0, x * 3 * k)) for m, k in both for x in steps]
    gains = pd.DataFrame(curve, columns=["model", "share_of_accounts", "share_of_churn"])
    gains.to_csv(folder / "gains.csv", index=False)
    starts = [as_of - timedelta(days=91 * n) for n in (4, 3, 2, 1)]
    folds = [(m, n, day, 0.8 * k, 0.7 * k, 0.9 * k) for m, k in both for n, day in enumerate(starts)]
    columns = ["model", "fold", "test_from", "auc", "low", "high"]
    pd.DataFrame(folds, columns=columns).to_csv(folder / "folds.csv", index=False)


def _run(as_of: date, mark: str) -> dict[str, Any]:
    return {
        "source": "made up",
        "data_end": as_of,
        "as_of": as_of,
        "previous_as_of": as_of - timedelta(days=7),
        "facts": {
            "company": f"Made & Co{mark}", "horizon_days": 90, "red_from": BANDS.red_from,
            "amber_from": BANDS.amber_from, "model": "churn-90d version 1", "notes": [],
        },
        "parameters": {
            "labels": {"horizon_days": 90, "grace_days": 30}, "risk": {"watch_top": 20},
            "worth": {"margin_share": 0.8, "success_share": 0.2, "kept_months": 12, "offer_cost": 0},
            "capacity": {"per_csm": 12},
            "health": {"amber_from": 45, "green_from": 65, "bounds": {"usage": [10, 60]}},
        },
        "mlflow": {"name": "churn-90d", "version": "1", "alias": "champion", "verdict": "made up"},
        "scored_by": {"name": "churn-90d", "version": "1"},
        "versions": {"rind": "0.1.0"},
    }  # fmt: skip
