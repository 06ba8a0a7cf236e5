"""How the health score is tuned, as params.yaml sets it; what the score is, says `models.health.spec`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import NotNegative, OpenShare, Section, Share


class TuningSettings(Section):
    """How weights and curves are proposed.

    Parameters
    ----------
    test_share
        Share of the dates with known outcomes, the latest ones, that give the evidence where no start is given.
    shap_share
        How much of the SHAP shares is mixed into those of the fit.
    fewest_departed
        Accounts that must have left on either side, of all and of a segment.
    ridge, segment_ridge
        How strongly the fit is held to today's weights, and that of a segment to what holds for all.
    curve_gain
        Share by which the correlation of a curve's points with staying must grow before new thresholds are proposed.
    """

    test_share: OpenShare
    shap_share: Share
    fewest_departed: Annotated[int, Field(ge=2)]
    ridge: NotNegative
    segment_ridge: NotNegative
    curve_gain: NotNegative
