"""When the monitor calls for a look or for a new training."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Count, Days, Positive, Section, Share


class MonitorSettings(Section):
    """Limits of the monitor.

    Parameters
    ----------
    recent_days
        The latest past dates with known outcomes that are held against what was expected of them, in days.
    reference_days
        Days before the scoring date that drift is measured against.
    large_psi
        Population stability index from which on a family or the scores count as moved.
    share_of_shap
        A family counts when it makes at least this share of what moves today's scores.
    times_expected
        Departures this many times more, or fewer, than the scores expected call for a new training, where chance does
        not explain it.
    fewest_churned
        Accounts that left, needed to judge.
    """

    recent_days: Days
    reference_days: Days
    large_psi: Positive
    share_of_shap: Share
    times_expected: Annotated[float, Field(gt=1)]
    fewest_churned: Count
