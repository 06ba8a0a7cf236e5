"""How moments are searched, as params.yaml sets it."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from rind.common.settings import NotNegative, OpenShare, Positive
from rind.models.common.settings import OutcomeSettings


class SearchSettings(OutcomeSettings):
    """How the moments are searched, and by which outcome; the seed comes beside.

    Parameters
    ----------
    search_share
        Share of the accounts whose outcome is known, the earlier sign-ups, that are searched; the later ones confirm.
    min_side, min_share
        Fewest accounts (and share of them) that must have reached a candidate, and that must not have.
    alpha
        Error rate of the whole search (family-wise), and of all its confirmations together.
    permutations
        Of the max-statistic, at least.
    bootstrap_draws
        Of the interval of the threshold.
    less_simple
        Log-likelihood that another measure must bring beyond that of events and users.
    less_specific
        The same of a behaviour that sums up all use: nobody can be told to do it, and any moment shows in it.
    stands_out
        Times alpha: the chance at which some candidate of a group stands out beside all other use.
    """

    search_share: OpenShare
    min_side: Annotated[int, Field(ge=2)]
    min_share: Annotated[float, Field(ge=0, lt=0.5)]
    alpha: OpenShare
    permutations: Annotated[int, Field(ge=20)]
    bootstrap_draws: Annotated[int, Field(ge=20)]
    less_simple: NotNegative
    less_specific: NotNegative
    stands_out: Positive

    def fewest(self, accounts: int) -> int:
        """Fewest accounts on either side of a candidate."""
        return max(self.min_side, math.ceil(self.min_share * accounts))
