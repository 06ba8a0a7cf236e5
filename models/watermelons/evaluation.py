"""What the watermelon flags were worth on history, with intervals by account and beside simple rules."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from rind.common.facts.figures import Limits
from rind.common.facts.watermelons import RuleFigures, WatermelonFigures
from rind.models.common.resampling import Floats, account_draws, complete_dates, interval, number, outcome, spread
from rind.models.watermelons.calendar_skill import Skill, beyond_calendar

WITHIN_DAYS = (30, 60, 90)
Sums = dict[str, tuple[Floats, Floats]]
COMPARED = (
    "precision", "recall", *(f"recall_within_{d}_days" for d in WITHIN_DAYS), "accounts_recall", "mrr_covered",
    "lead_time_days",
)  # fmt: skip


def flag_figures(flagged: pd.DataFrame, draws: int, seed: int, horizon_days: int) -> WatermelonFigures:
    """The content of ``metrics.json["watermelons"]``.

    Counted are dates that had a threshold and whose outcomes are all known. A *row* is an account on a date.

    Parameters
    ----------
    flagged
        The result of `models.watermelons.flags.flag_history`, one row per (account_id, as_of): churn_probability,
        health_score, health_band, watermelon, watermelon_threshold, churned (null = unknown),
        days_to_churn (null = not seen), mrr (optional, as it was on the date), calendar (optional, see
        `models.common.calendar.cells`), watermelon_withheld (optional).
    draws, seed
        Of the bootstrap by account.
    horizon_days
        Recall within more days than the horizon is not measured.

    Returns
    -------
    WatermelonFigures
        None where a figure is undefined.

        - ``precision``: share of the flagged rows that left within the horizon
        - ``recall``: share of the green rows that left which were flagged (green-churn recall);
          ``recall_within_30_days`` and so on: of those that left so soon
        - ``base_rate``: share of the green rows that left; ``gain``: precision - base_rate
        - ``calendar_rate``: what a lot among green rows with as near a renewal would have for precision;
          ``gain_beyond_calendar``: precision - calendar_rate
        - ``accounts_recall``: share of the accounts that were green on their last date before leaving which
          had been flagged on any date within the horizon before; ``mrr_covered``: the same in MRR;
          ``lead_time_days``: mean days from their first flag to leaving
        - ``intervals``: name -> {low, high} at 95 %
        - ``baselines``: as many accounts a date, taken by other rules: ``random_green`` (what a lot would
          give), ``lowest_health`` among the green, ``probability_only`` of all accounts; each with ``intervals``
        - ``dates``, ``withheld_dates``: measured, and of them without flags for want of skill
        - ``skill``: the interval of the gain beyond the calendar lies above 0
    """
    rows = flagged[flagged["watermelon_threshold"].notna() & complete_dates(flagged)]
    rows = rows.sort_values(["as_of", "account_id"])
    codes, names = pd.factorize(rows["account_id"])
    weights = account_draws(max(len(names), 1), draws, seed)[:, : len(names)]
    picks = _picks(rows)
    figures = {
        name: spread(_sums(rows, pick, codes, len(names), horizon_days), weights) for name, pick in picks.items()
    }
    return _report(rows, figures, beyond_calendar(rows, picks["watermelon"], codes, weights))


def _picks(rows: pd.DataFrame) -> dict[str, Floats]:
    """Rule -> share of each row that it takes (0 or 1; between for a rule that draws by lot)."""
    week = rows["as_of"]
    green = rows["health_band"] == "green"
    size = rows["watermelon"].astype("float64").groupby(week).transform("sum")
    healthiest_last = rows["health_score"].where(green).groupby(week).rank(method="first")
    riskiest_first = rows["churn_probability"].groupby(week).rank(method="first", ascending=False)
    by_lot = green * size / green.groupby(week).transform("sum").clip(lower=1)
    return {
        "watermelon": rows["watermelon"].to_numpy("float64"),
        "random_green": by_lot.to_numpy("float64"),
        "lowest_health": (healthiest_last <= size).to_numpy("float64"),
        "probability_only": (riskiest_first <= size).to_numpy("float64"),
    }


def _sums(rows: pd.DataFrame, pick: Floats, codes: Any, accounts: int, horizon_days: int) -> Sums:
    """Every measure as (numerator, denominator) per account."""

    def per_account(values: Floats) -> Floats:
        return np.bincount(codes, weights=values, minlength=accounts).astype("float64")

    left = outcome(rows["churned"])
    green = np.where(rows["health_band"] == "green", 1.0, 0.0)
    sums = {
        "precision": (per_account(pick * left), per_account(pick)),
        "recall": (per_account(pick * green * left), per_account(green * left)),
        "base_rate": (per_account(green * left), per_account(green)),
    }
    ahead = rows["days_to_churn"].astype("Float64").to_numpy("float64", na_value=np.nan)
    for horizon in (d for d in WITHIN_DAYS if d <= horizon_days):
        soon = np.where(ahead <= horizon, green * left, 0.0)
        sums[f"recall_within_{horizon}_days"] = (per_account(pick * soon), per_account(soon))
    return sums | _departures(rows, pick, codes, accounts)


def _departures(rows: pd.DataFrame, pick: Floats, codes: Any, accounts: int) -> Sums:
    """The measures of accounts that were green on their last date before leaving, per account."""
    ahead = rows["days_to_churn"].astype("Float64").to_numpy("float64", na_value=np.nan)
    mrr = rows["mrr"].to_numpy("float64") if "mrr" in rows else np.zeros(len(rows))
    day = rows["as_of"].to_numpy("datetime64[D]").astype("int64")
    left = pd.DataFrame({"account": codes, "day": day, "pick": pick, "ahead": ahead, "mrr": mrr})
    left["green"] = (rows["health_band"] == "green").to_numpy()
    left = left[(outcome(rows["churned"]) == 1) & np.isfinite(ahead)]
    left = left.assign(left_on=left["day"] + left["ahead"], missed=1.0 - left["pick"] * left["green"])
    left["flagged_ahead"] = left["ahead"].where(left["missed"] < 1)
    by = left.sort_values("day").groupby(["account", "left_on"])
    event = by.agg(
        green=("green", "last"), mrr=("mrr", "last"), missed=("missed", "prod"), lead=("flagged_ahead", "max")
    )
    event = event[event["green"]].reset_index()
    caught = 1.0 - event["missed"].to_numpy("float64")

    def per_account(values: Floats) -> Floats:
        return np.bincount(event["account"], weights=values, minlength=accounts).astype("float64")

    worth = event["mrr"].fillna(0.0).to_numpy("float64")
    lead = event["lead"].fillna(0.0).to_numpy("float64")
    return {
        "accounts_recall": (per_account(caught), per_account(np.ones_like(caught))),
        "mrr_covered": (per_account(caught * worth), per_account(worth)),
        "lead_time_days": (per_account(caught * lead), per_account(caught)),
    }


def _report(rows: pd.DataFrame, figures: dict[str, dict[str, tuple[float, Floats]]], skill: Skill) -> WatermelonFigures:
    ours = dict(figures["watermelon"])
    precision, base = ours["precision"], ours["base_rate"]
    ours["gain"] = (precision[0] - base[0], precision[1] - base[1])
    ours["calendar_rate"] = (skill.expected, skill.expected_draws)
    ours["gain_beyond_calendar"] = (skill.gain, skill.gain_draws)
    others = {rule: values for rule, values in figures.items() if rule != "watermelon"}
    del others["random_green"]["lead_time_days"]  # a lot drawn every week has no first flag of its own
    held = rows.loc[rows["watermelon_withheld"], "as_of"].nunique() if "watermelon_withheld" in rows else 0
    dates = int(rows["as_of"].nunique())
    points = cast("WatermelonFigures", {name: number(point) for name, (point, _) in ours.items()})
    return {
        **points,
        "intervals": _intervals(ours),
        "baselines": {rule: _baseline(values) for rule, values in others.items()},
        "dates": dates,
        "withheld_dates": int(held),
        "green_rows": int((rows["health_band"] == "green").sum()),
        "flagged_rows": int(rows["watermelon"].sum()),
        "skill": skill.proven,
    }


def _intervals(figures: dict[str, tuple[float, Floats]]) -> dict[str, Limits | None]:
    return {name: interval(draws) if np.isfinite(point) else None for name, (point, draws) in figures.items()}


def _baseline(values: dict[str, tuple[float, Floats]]) -> RuleFigures:
    compared = {name: values[name] for name in COMPARED if name in values}
    points = cast("RuleFigures", {name: number(point) for name, (point, _) in compared.items()})
    return {**points, "intervals": _intervals(compared)}
