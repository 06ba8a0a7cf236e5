"""Is the first reason the true one? The planted truth knows what drives each account of a made-up company.

What truly drives an account is the latent state (value, friction, people, money) whose return to the usual of its
segment would lower its true probability most (`demo.true_drivers`). On companies whose seeds no test and no default
uses, the share of accounts of the top band whose first theme told is that one is printed beside: a theme drawn by lot;
the theme of the feature with the largest SHAP value (the calendar has none, so it misses); the same with the calendar
and other context left out; and, for every account alike, the theme that weighs most in the model.

The model is that of the scoring date. Judged are the accounts of the last Monday and those 4, 8 and 12 weeks before,
whose outcomes that model did not know.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from rind.common.themes import THEMES, matter_of
from rind.demo.company import make_company, write_company
from rind.models.churn.comparables import SEGMENT, apart
from rind.models.churn.scorer import Scorer
from rind.models.evaluation.risk_bands import bands_around
from rind.pipelines.data import read
from rind.pipelines.flow import WEEKLY
from rind.pipelines.params import Params, load
from rind.pipelines.training_inputs import catalogue
from rind.pipelines.workspace import Workspace
from rind.reports.reasons import list_reasons

SCENARIOS = ("yearly", "monthly", "shifting")
SEEDS = (2001, 2002)
ACCOUNTS = 2000
LAST_STAGE = "health"
QUICKER = ("backtest.refit_every_days=182", "model.search_trials=0")
"""Fewer past models: they only calibrate the last one, which is the one that explains."""

WEEKS_BEFORE = (0, 4, 8, 12)
DRIVERS = THEMES[:4]
RULES = ("told", "chance", "plain SHAP", "SHAP without context", "model's importances")


@dataclass(frozen=True)
class Judged:
    """Shares of hits by rule, in the top band and among its accounts that are green by their health score."""

    rows: int
    top: dict[str, float]
    green_rows: int
    green: dict[str, float]


def judged(accounts: int, seed: int, scenario: str) -> Judged:
    """Make one company, run it up to its model and health score, and compare what is told with the truth."""
    with tempfile.TemporaryDirectory() as made:
        company = Path(made, "company")
        write_company(make_company(accounts=accounts, seed=seed, scenario=scenario), company)
        params = load(overrides=[f"source.url={company / 'source'}", *QUICKER])
        space = Workspace(Path(made, "run"), Path(made, "run", "mlruns"))
        for stage in WEEKLY:
            stage.run(space, params, lambda _: None)
            if stage.name == LAST_STAGE:
                break
        return shares(firsts(space, params, company / "truth"))


def firsts(space: Workspace, params: Params, truth: Path) -> pd.DataFrame:
    """One row per account and judged date: its true first theme, that of each rule, its band and health band."""
    features, drivers = read(space.features), read(truth / "drivers.parquet")
    days = sorted(set(drivers["as_of"]))[::-1]
    drivers = drivers[drivers["as_of"].isin([days[n] for n in WEEKS_BEFORE])]
    drivers["as_of"] = drivers["as_of"].astype(features["as_of"].dtype)
    rows = features.merge(drivers, on=["account_id", "as_of"])
    scorer, described = Scorer.load(space.model), catalogue(space)
    shap, _ = scorer.contributions(rows)
    themes = np.array([matter_of(str(name)).theme for name in shap.columns])
    inner = shap.loc[:, themes != "context"]
    weights = inner.abs().mean().groupby(themes[themes != "context"]).sum()
    rates = read(space.labels)["churned"]
    bands = bands_around(rates.mean(), *_times(params))
    first = rows[["account_id", "as_of"]].assign(
        true=np.array(DRIVERS)[rows[list(DRIVERS)].to_numpy("float64").argmax(axis=1)],
        told=_told(rows, apart(shap, rows, params.reasons.fewest_comparable), described, params),
        red=scorer.probability(rows) >= bands.red_from,
    )
    first["plain SHAP"] = themes[shap.to_numpy().argmax(axis=1)]
    first["SHAP without context"] = themes[themes != "context"][inner.to_numpy().argmax(axis=1)]
    first["model's importances"] = str(weights.idxmax())
    health = read(space.health, ["account_id", "as_of", "health_band"])
    return first.merge(health, on=["account_id", "as_of"], how="left")


def _times(params: Params) -> tuple[float, float, float]:
    return params.risk.red_times_base, params.risk.amber_times_base, params.risk.red_at_most


def _told(rows: pd.DataFrame, own: pd.DataFrame, described: pd.DataFrame, params: Params) -> pd.Series:
    """The theme of the first reason of each row, date by date, as the list of that date would have it."""
    parts = list[pd.Series]()
    for _, of_date in rows.groupby("as_of"):
        values = of_date.set_index("account_id")
        wide = own.loc[of_date.index].set_axis(values.index)
        long = wide.reset_index().melt("account_id", var_name="feature", value_name="apart")
        reasons = list_reasons(described, values, long, values[SEGMENT], params.reasons)
        parts.append(reasons["theme"].set_axis(of_date.index))
    themes: pd.Series = pd.concat(parts)
    return themes


def shares(rows: pd.DataFrame) -> Judged:
    """How often each rule names the true first theme."""
    top = rows[rows["red"]]
    green = top[top["health_band"] == "green"]
    return Judged(len(top), _hits(top), len(green), _hits(green))


def _hits(rows: pd.DataFrame) -> dict[str, float]:
    hits = {rule: float(rows[rule].eq(rows["true"]).mean()) for rule in RULES if rule != "chance"}
    return hits | {"chance": 1 / len(DRIVERS)}


def printed(scenarios: Sequence[str], seeds: Sequence[int], accounts: int) -> Table:
    """Two lines a company, and how many times plain SHAP's hits ours are: in its own order, and without the context."""
    table = Table("company", "seed", "among", "rows", *RULES, "told / plain", "told / without context",
                  title="the first theme told is the true first one")  # fmt: skip
    for scenario in scenarios:
        for seed in seeds:
            company = judged(accounts, seed, scenario)
            Console(stderr=True, width=200).print(f"{scenario} {seed}: {company}")
            groups = (("top band", company.rows, company.top), ("of it green", company.green_rows, company.green))
            for among, rows, hits in groups:
                cells = (f"{hits[rule]:.2f}" for rule in RULES)
                times = (_times_as_often(hits, rule) for rule in ("plain SHAP", "SHAP without context"))
                table.add_row(scenario, str(seed), among, str(rows), *cells, *times)
    return table


def _times_as_often(hits: dict[str, float], rule: str) -> str:
    return f"{hits['told'] / hits[rule]:.2f}" if hits[rule] else "-"
