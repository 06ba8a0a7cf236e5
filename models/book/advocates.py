"""Who is ready to be asked for a reference, and who to be offered more."""

from __future__ import annotations

import pandas as pd

from rind.models.book.voice_settings import AdvocateSettings

USE = "usage__active_users_per_seat__28d"
SEATS_USED = "commercial__seats_used_share__91d"
TWO_WAY = "engagement__since_two_way__ever"
AGE = "commercial__age__now"
FEATURES = {USE: "use", SEATS_USED: "seats_used", TWO_WAY: "contact_days", AGE: "age_days"}
"""Feature -> what it is called here; a run that lacks one knows nothing of it."""

USUAL = ("nps", "use", "seats_used", "churn_probability", "expansion_probability")
"""What stands beside each fact: the median of the account's segment."""

ADVOCATE, EXPANSION = "advocate", "expansion"
COLUMNS = (
    "account_id", "kind", "score", "name", "segment", "csm", "mrr", "nps", "nps_days", "use", "contact_days",
    "churn_probability", "seats_used", "higher_features", "expansion_probability", *(f"usual_{name}" for name in USUAL),
)  # fmt: skip


def ready_accounts(accounts: pd.DataFrame, settings: AdvocateSettings) -> pd.DataFrame:
    """The accounts that are ready to be asked for a reference or to be offered more.

    Parameters
    ----------
    accounts
        One row per account of the cohort: account_id, name, segment, csm, mrr, mrr_under_notice, churn_probability,
        risk_band, expansion_probability, ever_watermelon: bool; nps, nps_days, survey_days, reference_days,
        higher_features as in `features.book.advocacy`; and those of `FEATURES` under their short names. What is not
        known is empty, and nobody is listed because of it.

    Returns
    -------
    pandas.DataFrame
        One row per account and kind, `COLUMNS`, best first. score: 0 to 1. Of an advocate the mean of three: the last
        NPS as a share of 10, and the places of its churn probability (low is good) and of its use within the segment;
        of an expansion the place of its probability of expansion among all accounts, or of its seats used where none
        is known.
    """
    numbers = ["nps", "nps_days", "survey_days", "reference_days", "higher_features", "expansion_probability",
               "churn_probability", *FEATURES.values()]  # fmt: skip
    known = accounts.reset_index(drop=True)
    known = known.assign(**{name: pd.to_numeric(known[name]).astype("float64") for name in numbers})
    segment = known["segment"].fillna("")
    for name in USUAL:
        known[f"usual_{name}"] = known.groupby(segment)[name].transform("median")
    places = known.groupby(segment)[["churn_probability", "use"]].rank(pct=True)
    advocates = _advocates(known, places, settings).assign(kind=ADVOCATE)
    offered = _expansions(known, settings).assign(kind=EXPANSION)
    both = pd.concat([advocates, offered], ignore_index=True)
    return both.sort_values(["kind", "score", "account_id"], ascending=[True, False, True], ignore_index=True)[
        list(COLUMNS)
    ]


def _advocates(known: pd.DataFrame, places: pd.DataFrame, settings: AdvocateSettings) -> pd.DataFrame:
    promoter = (known["nps"] >= settings.promoter_from) & (known["nps_days"] <= settings.nps_days)
    safe = (known["risk_band"] == "green") & (places["churn_probability"] <= settings.safest_share)
    engaged = (places["use"] >= 1 - settings.most_active_share) & ~(known["contact_days"] > settings.contact_days)
    rested = ~(known["survey_days"] <= settings.survey_rest_days) & ~(
        known["reference_days"] <= settings.reference_rest_days
    )
    old_enough = ~(known["age_days"] < settings.youngest_days)
    ready = promoter & safe & engaged & rested & old_enough & ~known["ever_watermelon"] & _stays(known)
    score = (known["nps"] / 10 + (1 - places["churn_probability"]) + places["use"]) / 3
    return known.assign(score=score)[ready]


def _expansions(known: pd.DataFrame, settings: AdvocateSettings) -> pd.DataFrame:
    chance = known["expansion_probability"]
    full = known["seats_used"] >= settings.seats_used_from
    touched = known["higher_features"] >= settings.higher_features_from
    likely = chance.isna() | (chance >= settings.times_usual_expansion * chance.mean())
    ready = (full | touched) & likely & (known["risk_band"] != "red") & _stays(known)
    by = chance if chance.notna().any() else known["seats_used"]
    return known.assign(score=by.rank(pct=True).fillna(0.0))[ready]


def _stays(known: pd.DataFrame) -> pd.Series:
    """Whether no notice was given."""
    return ~(pd.to_numeric(known["mrr_under_notice"]) > 0)
