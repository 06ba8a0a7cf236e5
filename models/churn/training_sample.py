"""Which rows a model learns from where there are too many: all departures, and some accounts for all the rest.

Departures are few and teach most; of the rows without one most say the same. They are drawn by account (a case-control
sample of clustered data), and those drawn weigh as much as all did, so that fitted probabilities stay those of the
company (King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868).
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.run import FittedNotes, TrainingSample
from rind.models.churn.estimators import WEIGHT, weights_of


def sampled(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """At most about ``most`` of the rows, with `WEIGHT`; the same rows where there are not more.

    All rows with churned 1 stay. Of the others those of the accounts whose `place` lies below a share stay, and there
    are at least as many of them as of departures, even beyond ``most``. The weights of these others are raised to the
    same sum as before.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): churned 1/0; `WEIGHT` where rows do not teach alike.
    """
    left = (rows["churned"] == 1).to_numpy()
    others = int((~left).sum())
    wanted = max(most - int(left.sum()), int(left.sum()))
    if len(rows) <= most or wanted >= others:
        return rows
    drawn = ~left & (place(rows["account_id"], seed) < wanted / others)
    if not drawn.any():
        return rows
    weights = weights_of(rows)
    factor = weights[~left].sum() / weights[drawn].sum()
    return rows.assign(**{WEIGHT: np.where(left, weights, factor * weights)})[left | drawn]


def sample_of(notes: FittedNotes) -> TrainingSample | None:
    """What a fitted model says of its sample; None where it learned from all rows."""
    return TrainingSample(rows=notes["rows"], sampled_from=notes["sampled_from"]) if "sampled_from" in notes else None


def place(accounts: pd.Series, seed: int) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for each row, of its account and the seed alone: no other account moves it."""
    codes, names = pd.factorize(accounts)
    return np.array([_place(str(name), seed) for name in names], dtype=np.float64)[codes]


def _place(account: str, seed: int) -> float:
    digest = blake2b(f"{seed}\0{account}".encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
