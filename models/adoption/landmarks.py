"""The rows of the adoption model: each account as it stood at each landmark of its launch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from rind.common.facts.adoption import LANDMARK
from rind.models.adoption.settings import AdoptionSettings
from rind.models.churn.estimators import Hyperparameters
from rind.models.common.frames import KEYS, datetimes
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.common.resampling import Floats
from rind.models.common.settings import LabelWindow, OutcomeSettings
from rind.models.common.survival import due, follow, tenure

CONTRACT = ("plan", "seats", "mrr", "term_days")  # of day 0, as the first subscription says it
LEARNED = ("events", "users")  # measures of product features that the model reads; the others say nearly the same


@dataclass(frozen=True)
class Launch:
    """The question to the adoption model.

    Parameters
    ----------
    as_of
        The scoring date.
    windows
        The landmarks, days after signing.
    launch_days
        Age at which launch ends.
    success, grace_days
        What makes a long-term customer, and how long until a leaver is known as such.
    refit_every_days
        Of the backtest.
    """

    as_of: date
    windows: Sequence[int]
    launch_days: int
    success: OutcomeSettings
    grace_days: int
    refit_every_days: int
    settings: AdoptionSettings

    @property
    def hyper(self) -> Hyperparameters:
        """Of the model."""
        return Hyperparameters(min_child_samples=self.settings.min_child_samples, logistic_c=self.settings.logistic_c)

    def label(self, cohorts: pd.DataFrame) -> LabelWindow:
        """The soonest that any landmark's outcome can be observed: no fold looks at later rows.

        Each row's own outcome may take longer; `outcomes` keeps it until it is known.
        """
        soonest = due(cohorts, self.success).min(initial=self.success.judged_days)
        horizon = max(int(soonest) - max(self.windows), 0)
        return LabelWindow(horizon_days=horizon, grace_days=self.grace_days)


def landmark_rows(
    early: pd.DataFrame, cohorts: pd.DataFrame, windows: Sequence[int], success: OutcomeSettings
) -> pd.DataFrame:
    """One row per (account, landmark) that the account lived to see and was followed to.

    Parameters
    ----------
    early, cohorts
        As for `models.moments.discovery.find`; cohorts with age_days at the scoring date too.

    Returns
    -------
    pandas.DataFrame
        account_id; as_of: signed_on + landmark, the day on which the row's counts were complete; the features
        ``early__<behaviour>__now`` (counts until the landmark), `LANDMARK` (days) and ``start__*__now`` (day 0; what
        the contract says is empty where it was put on record after the landmark);
        churned: 1 did not become a long-term customer, 0 did, NaN not known; mrr.
    """
    cohorts = cohorts.assign(churned=failed(cohorts, success))
    lived = tenure(cohorts)
    parts = []
    for within in windows:
        there = cohorts[(lived >= within) & (cohorts["age_days"] >= within)]
        parts.append(_at(early[early["within_days"] == within], there, int(within)))
    return pd.concat(parts, ignore_index=True).sort_values(["as_of", "account_id"], ignore_index=True)


def failed(cohorts: pd.DataFrame, success: OutcomeSettings) -> Floats:
    """Per account 1 did not become a long-term customer, 0 did, NaN not known. An account that left before
    its time is up is not known either: among the young only the leavers are known, and all would seem to leave."""
    followed = follow(cohorts, success)
    gone = followed.failed & (followed.duration <= followed.horizon)
    # Leaving on day d is seen when more than d days were followed.
    ripe = cohorts["followed_days"].to_numpy("float64") > due(cohorts, success)
    return np.where(ripe & followed.known, gone.astype("float64"), np.nan)


def outcomes(rows: pd.DataFrame, past: pd.DataFrame, success: OutcomeSettings) -> KnownOutcomes:
    """What was known of the rows' outcomes, and when.

    Parameters
    ----------
    past
        One row per (account_id, known_at): what `failed` needs, as it was known on that date.
    """
    answers = past[["account_id", "known_at"]].assign(churned=failed(past, success))
    answers = answers.rename(columns={"known_at": "known_from"}).sort_values("known_from", kind="stable")
    answers["known_from"] = datetimes(answers["known_from"])
    # What was known on a date holds until the next date.
    dates = np.sort(answers["known_from"].unique())
    ends = dict(pairwise(dates))
    answers["known_until"] = pd.to_datetime(answers["known_from"].map(ends))
    of_rows = rows[KEYS].merge(answers[answers["churned"].notna()], on="account_id")
    return KnownOutcomes.of(rows, of_rows)


def _at(early: pd.DataFrame, cohorts: pd.DataFrame, within: int) -> pd.DataFrame:
    about = early["behaviour"].str.contains(":", regex=False)
    early = early[~about | early["behaviour"].str.split(":").str[0].isin([*LEARNED, "contacts"])]
    wide = early.pivot_table(index="account_id", columns="behaviour", values="count", aggfunc="sum")
    wide = wide.reindex(cohorts["account_id"]).fillna(0.0).add_prefix("early__").add_suffix("__now")
    rows = cohorts[["account_id", "churned", "mrr"]].reset_index(drop=True)
    signed = datetimes(cohorts["signed_on"]).reset_index(drop=True)
    recorded = cohorts["contract_day"].to_numpy("float64", na_value=np.inf) < within
    start = (
        cohorts[["segment"]]
        .join(cohorts[list(CONTRACT)].where(np.tile(recorded[:, None], len(CONTRACT))))
        .reset_index(drop=True)
    )
    return pd.concat(
        [
            rows.assign(as_of=signed + pd.Timedelta(days=within), **{LANDMARK: float(within)}),
            start.add_prefix("start__").add_suffix("__now"),
            wide.reset_index(drop=True),
        ],
        axis=1,
    )
