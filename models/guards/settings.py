"""Thresholds of the guards of results: ``guards.model`` of params.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.guards import Guard
from rind.common.settings import Count, OpenShare, Section

HalfToOne = Annotated[float, Field(gt=0.5, lt=1)]


class TooGoodAuc(Guard):
    """An AUC that no honest model of this field reaches.

    Parameters
    ----------
    over_all, near_term_ends
        Fires when the lower end of the interval is above; the second among accounts whose term ends in the horizon.
    left_near_term_ends
        Or when of these accounts' snapshots at least so many left: then no AUC can be measured among them.
    fewest_churned
        With fewer departed accounts the guard does not fire.
    """

    over_all: HalfToOne
    near_term_ends: HalfToOne
    left_near_term_ends: HalfToOne
    fewest_churned: Count


class TellingFeature(Guard):
    """A feature that alone tells the outcome, or is filled only for those who left.

    Parameters
    ----------
    auc
        Fires from this AUC of one feature alone on (of either direction), over all or near term ends.
    share_left
        Or when of the accounts that have the feature so many left,
    share_of_churned
        and they are so many of all that left.
    fewest_churned
        With fewer departed accounts the guard does not fire.
    """

    auc: HalfToOne
    share_left: OpenShare
    share_of_churned: OpenShare
    fewest_churned: Count


class TooManyToday(Guard):
    """Today's probabilities against the base rate of the same season.

    Parameters
    ----------
    times_base
        Fires when their mean is so many times as high,
    p_value
        and a binomial test says that chance does not make it so.
    season_days
        Past dates so near to today's day of the year are the same season.
    """

    times_base: Annotated[float, Field(gt=1)]
    p_value: OpenShare
    season_days: Count


class LoneDrift(Guard):
    """One feature that has moved and carries today's scores alone.

    Parameters
    ----------
    psi
        The population stability index from which a feature has moved.
    share_of_shap
        Of all that moves today's scores, so much comes from it.
    """

    psi: Annotated[float, Field(gt=0)]
    share_of_shap: OpenShare


class RulesChanged(Guard):
    """Other facts go with leaving on the latest dates than before.

    Parameters
    ----------
    recent_days
        The latest past dates with known outcomes that are held against those before, in days.
    p_value
        Fires where chance alone makes such a difference so seldom.
    fewest_churned
        Accounts that must have left on the latest dates, and as many before.
    """

    recent_days: Count
    p_value: OpenShare
    fewest_churned: Count


class ModelGuards(Section):
    """All guards of results, by name."""

    too_good_auc: TooGoodAuc
    telling_feature: TellingFeature
    too_many_today: TooManyToday
    lone_drift: LoneDrift
    rules_changed: RulesChanged
