"""How far the true probability of one account may lie from the one that the model gives."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit

from rind.models.churn.settings import HorizonSettings
from rind.models.common.calendar import TERM_END

LEVEL = 0.90
AGE = "commercial__age__now"
LEAST = 1e-6


def little_known(features: pd.DataFrame, settings: HorizonSettings) -> pd.Series[bool]:
    """Whether a row's account is too young, or too many of its features are empty, to say much of it.

    Parameters
    ----------
    features
        One row per (account_id, as_of): all features.
    """
    columns = [name for name in features.columns if name.count("__") >= 2]
    empty = features[columns].isna().mean(axis=1) > settings.empty_share
    if AGE not in features:
        return empty
    return empty | (features[AGE].astype("float64") < settings.young_days)


def may_decide(features: pd.DataFrame) -> pd.Series[bool]:
    """Whether a row's account may decide within the horizon: its term ends by then, or it has none that is known.

    Parameters
    ----------
    features
        One row per (account_id, as_of).
    """
    if TERM_END not in features:
        return pd.Series(True, index=features.index)
    return features[TERM_END].astype("float64") != 0


def probability_interval(
    probability: pd.Series[float],
    little: pd.Series[bool],
    deciding: pd.Series[bool],
    churned_accounts: int,
    settings: HorizonSettings,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Lower and upper end of the 90 % interval of each probability.

    The true chance of an account is never seen, only whether it left. How far it lies from the model's, in log-odds,
    was measured on made-up companies, where it is known (`python -m benchmarks.companies`): it hardly depends on the
    probability, and is larger where the account decides within the horizon, since all that no feature shows counts
    then. The deviations in ``settings`` hold those figures.

    Parameters
    ----------
    probability, little, deciding
        Per row: 0 to 1, whether little is known of the account (`little_known`), and whether it `may_decide`.
    churned_accounts
        Accounts that left in the training data.
    """
    variance = settings.unseen_sd**2 + settings.learning_sd**2 / max(churned_accounts, 1)
    further = np.where(little, settings.little_known_sd**2, 0.0) + np.where(deciding, settings.decision_sd**2, 0.0)
    deviation = np.sqrt(variance + further)
    margin = logit(np.clip(probability.to_numpy("float64"), LEAST, 1 - LEAST))
    far = NormalDist().inv_cdf((1 + LEVEL) / 2) * deviation
    return np.asarray(expit(margin - far)), np.asarray(expit(margin + far))
