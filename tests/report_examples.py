"""Plausible accounts, facts and lists for the reports' tests."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from rind.models.evaluation.risk_bands import Bands, risk_bands
from rind.reports.facts import Interval, Measure, RunFacts
from rind.reports.risk_list import rank

AS_OF = date(2026, 3, 2)
BANDS = Bands(red_from=0.3, amber_from=0.12)
REASONS = (
    "Active users fell from 14 to 6 in four weeks",
    "The champion left 34 days ago, and nobody has taken over",
    "Tickets opened in four weeks rose from 2 to 9",
    "The term ends in 41 days, inside the horizon",
    "37 % of what the plan offers is not used, 12 points more than a quarter ago",
    "Nobody has answered the last 5 messages",
    "The oldest open ticket has waited for 23 days",
    "One contact carries the whole relationship",
    "The last NPS was 4, after 8 before",
    "In its favour: a review was held 12 days ago",
)
PLAYBOOKS = (
    "Call the sponsor this week; find the next champion",
    "Usage review with the team lead; re-onboard the idle seats",
    "Escalate the oldest ticket and call the contact with a date",
    "Prepare the renewal: value review before the term ends",
    "",
)
FIRST = (
    "North",
    "Blue",
    "Green",
    "Silver",
    "Bright",
    "Clear",
    "Iron",
    "Stone",
    "River",
    "Maple",
    "Summit",
    "Harbor",
    "Cedar",
    "Quartz",
    "Falcon",
    "Orchid",
)
LAST = (
    "Logistics",
    "Foods",
    "Dental",
    "Robotics",
    "Partners",
    "Textiles",
    "Energy",
    "Media",
    "Analytics",
    "Freight",
    "Clinics",
    "Labs",
    "Systems",
)
PEOPLE = ("Amara Okafor", "Jonas Weber", "Li Na", "Sofia Marin", "Tom Hardy")


def scored(accounts: int, seed: int = 7) -> pd.DataFrame:
    """One row per account, as the pipeline hands them to `rank`."""
    rng = np.random.default_rng(seed)
    probability = np.clip(rng.beta(0.7, 6.0, accounts), 0.002, 0.97).round(4)
    health = np.clip(78 - 90 * probability + rng.normal(0, 16, accounts), 2, 100).round(1)
    green = health >= 70
    names = [f"{FIRST[i % 16]} {LAST[(i * 5) % 13]}{' ' + str(i) if i > 200 else ''}" for i in range(accounts)]
    days = rng.integers(-10, 370, accounts)
    picks = [rng.permutation(len(REASONS) - 1)[:3] for _ in range(accounts)]
    frame = pd.DataFrame(
        {
            "account_id": [f"A{i:04d}" for i in range(accounts)],
            "name": names,
            "segment": rng.choice(["enterprise", "mid-market", "small business"], accounts, p=[0.2, 0.3, 0.5]),
            "csm": rng.choice(PEOPLE, accounts),
            "mrr": np.round(rng.lognormal(7.0, 1.0, accounts), 0),
            "term_ends_on": [AS_OF + timedelta(days=int(d)) for d in days],
            "churn_probability": probability,
            "health_score": health,
            "health_band": np.where(green, "green", np.where(health >= 40, "amber", "red")),
            "watermelon": green & (probability >= BANDS.red_from),
            **{f"reason_{n + 1}": [REASONS[p[n]] for p in picks] for n in range(3)},
            **{f"reason_{n + 1}_theme": "value" for n in range(3)},
            **{f"reason_{n + 1}_feature": "usage__events__28d" for n in range(3)},
            "moved_points": 1.0,
            "moved_by": "+1 point: the champion left (+1)",
            "playbook": rng.choice(PLAYBOOKS, accounts),
        }
    )
    frame.loc[frame["churn_probability"] < 0.03, "reason_3"] = REASONS[-1]
    return frame


def ranked(accounts: pd.DataFrame, previous: pd.DataFrame | None = None) -> pd.DataFrame:
    """The list of these accounts, with the bands of `BANDS`."""
    return rank(accounts.assign(risk_band=risk_bands(accounts["churn_probability"], BANDS)), previous)


def lists(accounts: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """This week's list and last week's: shifted probabilities, a few accounts only in one of them."""
    now = scored(accounts)
    rng = np.random.default_rng(11)
    odds = np.log(now["churn_probability"] / (1 - now["churn_probability"])) + rng.normal(0, 0.5, accounts)
    before = now.assign(churn_probability=(1 / (1 + np.exp(-odds))).round(4)).iloc[3:]
    before.loc[before.index[:2], ["account_id", "name"]] = [["Z1", "Gone Foods"], ["Z2", "Lost Media"]]
    previous = ranked(before)
    return ranked(now, previous), previous


def facts(skill: bool = True) -> RunFacts:
    """A run with skill, or one whose interval covers 0.5."""
    auc = Interval(0.812, 0.78, 0.842) if skill else Interval(0.54, 0.47, 0.61)
    return RunFacts(
        company="Hearth & Co",
        as_of=AS_OF,
        data_end=date(2026, 3, 1),
        horizon_days=90,
        red_from=BANDS.red_from,
        amber_from=BANDS.amber_from,
        measures=(
            Measure("auc", auc, Interval(0.771, 0.735, 0.804)),
            Measure("average_precision", Interval(0.31, 0.26, 0.37), Interval(0.27, 0.22, 0.32)),
            Measure("lift_at_10pct", Interval(4.6, 3.9, 5.2), Interval(3.9, 3.2, 4.6)),
            Measure("brier", Interval(0.041, 0.037, 0.046), Interval(0.043, 0.039, 0.048)),
            Measure("calibration_slope", Interval(0.97, 0.84, 1.1), Interval(0.91, 0.77, 1.06)),
        ),
        model="LightGBM, version 3 (champion)",
        left_out={"surveys": "the source has no table surveys"},
        notes=() if skill else ("fewer than 20 churned accounts: the logistic model is used",),
    )
