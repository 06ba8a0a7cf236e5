"""How the churn model is fitted, as params.yaml sets it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Count, Positive, Section, Share


class CalibrationPrior(Section):
    """The normal prior of the calibration line, and how fast the predictions that move it age.

    The models are penalised fits of the log loss, so their margins are nearly right; few, early or old predictions are
    weak evidence against that (measured: docs/adr/0004).

    Parameters
    ----------
    shift_sd, slope_sd
        Standard deviations in log-odds; the mean leaves the score as it is.
    half_life_days
        A prediction this much older counts half.
    """

    shift_sd: Positive
    slope_sd: Positive
    half_life_days: Positive


class FitSettings(Section):
    """How both models are fitted; their seed and threads come beside.

    Parameters
    ----------
    bags
        LightGBM models that differ in their seed only; their margins are averaged.
    monotone
        Hold both models to the catalogue's directions: more late invoices never lower a risk.
    boosting_weight, boosting_weight_sd
        Mean and standard deviation of the prior of the weight that LightGBM has in the blend (see
        `models.churn.backtest`).
    calibration
        The prior of the calibration line.
    min_churned_for_boosting
        With fewer churned accounts in training the logistic regression scores alone.
    min_churned_in_a_regime
        Accounts that must have left at a term's end, and as many in between, for a logistic regression of each.
    max_levels, min_accounts_per_level
        At most so many values of a text feature get a column, each of at least so many accounts.
    bagging_fraction
        Share of the rows that a tree sees.
    max_training_rows
        With more rows than this a model learns from a sample (`models.churn.training_sample`).
    intervention_weight
        How much a row teaches whose outcome an intervention may have turned: 1 as much as any other, 0 nothing.
    """

    bags: Count
    monotone: bool
    boosting_weight: Share
    boosting_weight_sd: Positive
    calibration: CalibrationPrior
    min_churned_for_boosting: Annotated[int, Field(ge=0)]
    min_churned_in_a_regime: Annotated[int, Field(ge=2)]
    max_levels: Count
    min_accounts_per_level: Count
    bagging_fraction: Annotated[float, Field(gt=0, le=1)]
    max_training_rows: Annotated[int, Field(ge=1000)]
    intervention_weight: Annotated[float, Field(ge=0, le=1)]


class HorizonSettings(Section):
    """The curve of leaving over a year, and the interval of each account's probability.

    Parameters
    ----------
    fewest_churned
        Accounts that left after out-of-sample scores, needed for a curve.
    unseen_sd, learning_sd
        The interval's deviation in log-odds is sqrt(unseen_sd^2 + learning_sd^2 / accounts that left in training): what
        features do not show, and what so many departures do not teach.
    decision_sd, little_known_sd
        Added in the same way for an account that may decide within the horizon, and for one of which little is known.
    young_days, empty_share
        Little is known of an account that is younger, or of whose features a larger share is empty.
    """

    fewest_churned: Annotated[int, Field(ge=2)]
    unseen_sd: Positive
    learning_sd: Positive
    decision_sd: Positive
    little_known_sd: Positive
    young_days: Annotated[int, Field(ge=0)]
    empty_share: Share
