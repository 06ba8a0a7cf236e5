"""What each topic is worth: who says it, what they pay, how likely they leave beside comparable ones, how it moves."""

from __future__ import annotations

from datetime import date
from statistics import NormalDist

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from rind.models.book.voice_settings import VoiceSettings
from rind.models.churn.comparables import apart
from rind.models.common.holm import holm

COLUMNS = (
    "topic", "words", "source", "texts", "accounts", "customers", "mrr", "mrr_at_risk", "risk",
    "risk_against_comparable", "low", "high", "beyond_chance", "texts_last_quarter", "texts_quarter_before", "movement",
)  # fmt: skip
QUARTER_DAYS = 91
Z = NormalDist().inv_cdf(0.975)
REQUEST = "request"


def risk_beside_comparable(cohort: pd.DataFrame, fewest: int) -> pd.Series:
    """How much likelier each account leaves than comparable ones: its probability less their mean, by account_id.

    Parameters
    ----------
    cohort
        One row per account: account_id, as_of, churn_probability, and what `models.churn.comparables` compares by.
    fewest
        Accounts that one is compared with, at least.
    """
    rows = cohort.reset_index(drop=True)
    differences = apart(rows[["churn_probability"]].astype("float64"), rows, fewest)["churn_probability"]
    return pd.Series(differences.to_numpy(), index=rows["account_id"], dtype="float64")


def voice(texts: pd.DataFrame, accounts: pd.DataFrame, as_of: date, settings: VoiceSettings) -> pd.DataFrame:
    """The topics with what they are worth.

    Parameters
    ----------
    texts
        One row per text that has a topic: account_id, source, said_on, topic, words.
    accounts
        One row per account, index account_id: mrr (for one that has left, what it paid last), churn_probability and
        risk_against_comparable (empty for one that has left).

    Returns
    -------
    pandas.DataFrame
        One row per topic and source, `COLUMNS`: texts and accounts that said it; of those that are customers today
        customers, mrr_at_risk (mrr times probability), risk: mean probability, risk_against_comparable: its mean
        distance, with the 95 % interval low to high, empty below settings.fewest_accounts customers; mrr: of all
        accounts that said it; beyond_chance: the difference, Holm's correction over the topics; texts of the last 91
        days and of the 91 days before; movement: rises or falls among the texts of its source, where chance hardly
        explains it. Topics that fewer than settings.fewest_accounts accounts of a source share are left out. Requests
        come by mrr_at_risk and mrr, topics of texts by their texts.
    """
    dated = texts.assign(said_on=pd.to_datetime(texts["said_on"]))
    rows = [_row(own, accounts, as_of, settings) for _, own in dated.groupby(["source", "topic"], sort=True)]
    made = pd.DataFrame(rows)
    if made.empty or not (shared := made["accounts"] >= settings.fewest_accounts).any():
        return pd.DataFrame(columns=COLUMNS)
    made = made[shared].reset_index(drop=True)
    made["movement_p"] = _movement(made)
    made["beyond_chance"] = _corrected(made["risk_p"], settings.error_rate)
    moves = _corrected(made["movement_p"], settings.error_rate)
    rises = made["texts_last_quarter"] > made["texts_quarter_before"] * _growth(made)
    made["movement"] = np.where(moves, np.where(rises, "rises", "falls"), "")
    request = made["source"] == REQUEST
    money = made["mrr_at_risk"].where(request, 0.0), made["mrr"].where(request, made["texts"])
    order = made.assign(request=request, first=money[0], second=money[1])
    order = order.sort_values(["request", "first", "second"], ascending=[True, False, False], kind="stable")
    listed: pd.DataFrame = order[list(COLUMNS)].reset_index(drop=True)
    return listed


def _row(own: pd.DataFrame, accounts: pd.DataFrame, as_of: date, settings: VoiceSettings) -> dict[str, object]:
    ids = own["account_id"].unique()
    who = accounts.reindex(ids)
    here = who[who["churn_probability"].notna()]
    differences = here["risk_against_comparable"].to_numpy("float64")
    enough = len(here) >= settings.fewest_accounts
    mean = float(differences.mean()) if enough else np.nan
    error = float(differences.std(ddof=1) / np.sqrt(len(here))) if enough else np.nan
    last, before = (_between(own["said_on"], as_of, n) for n in (0, QUARTER_DAYS))
    return {
        "topic": own["topic"].iloc[0], "words": own["words"].iloc[0], "source": own["source"].iloc[0],
        "texts": len(own), "accounts": len(ids), "customers": len(here), "mrr": float(who["mrr"].sum()),
        "mrr_at_risk": float((here["mrr"] * here["churn_probability"]).sum()),
        "risk": float(here["churn_probability"].mean()) if enough else np.nan, "risk_against_comparable": mean,
        "low": mean - Z * error, "high": mean + Z * error,
        "risk_p": 2 * (1 - NormalDist().cdf(abs(mean) / error)) if enough and error > 0 else np.nan,
        "texts_last_quarter": last, "texts_quarter_before": before,
    }  # fmt: skip


def _growth(made: pd.DataFrame) -> pd.Series:
    """How many times the texts of the quarter before each source has in the last quarter; NaN where it had none."""
    sums = made.groupby("source")[["texts_last_quarter", "texts_quarter_before"]].transform("sum")
    return sums["texts_last_quarter"] / sums["texts_quarter_before"].replace(0, np.nan)


def _movement(made: pd.DataFrame) -> list[float]:
    """The chance of each topic's share of its source's texts, had the share stayed what it was."""
    expected = _growth(made) / (1 + _growth(made))
    counts = zip(made["texts_last_quarter"], made["texts_quarter_before"], expected, strict=True)
    return [
        float(binomtest(int(last), int(last + before), p).pvalue) if last + before and 0 < p < 1 else np.nan
        for last, before, p in counts
    ]


def _between(days: pd.Series, as_of: date, skipped: int) -> int:
    """Texts of the 91 days that end ``skipped`` days before as_of; as_of itself is out."""
    end = pd.Timestamp(as_of) - pd.Timedelta(days=skipped)
    return int(((days < end) & (days >= end - pd.Timedelta(days=QUARTER_DAYS))).sum())


def _corrected(p_values: pd.Series, error_rate: float) -> pd.Series:
    known = p_values.notna()
    passes = pd.Series(False, index=p_values.index)
    passes[known] = holm(p_values[known].to_numpy("float64")) < error_rate
    return passes


def typical(texts: pd.DataFrame, most: int) -> pd.DataFrame:
    """The texts of each topic and source with the most weight, the latest first; no two alike, and one an account."""
    ranked = texts.sort_values(["weight", "said_on", "account_id"], ascending=[False, False, True], kind="stable")
    ranked = ranked.drop_duplicates(["source", "topic", "text"]).drop_duplicates(["source", "topic", "account_id"])
    return ranked.groupby(["source", "topic"], sort=True).head(most).drop(columns="weight")
