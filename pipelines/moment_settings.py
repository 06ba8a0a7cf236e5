"""What the stages about the first days need of the parameters."""

from __future__ import annotations

from rind.models.common.survival import Outcome
from rind.models.moments.discovery import Search
from rind.pipelines.params import TrueNorthParams


def the_outcome(spec: TrueNorthParams) -> Outcome:
    """What the parameters call a long-term customer."""
    return Outcome(spec.outcome, spec.retention_days, spec.decision_days, spec.lasting_use)


def the_search(spec: TrueNorthParams, seed: int) -> Search:
    """How the parameters want the moments searched."""
    return Search(
        the_outcome(spec),
        spec.search_share,
        spec.min_side,
        spec.min_share,
        spec.alpha,
        spec.permutations,
        spec.bootstrap_draws,
        seed,
        spec.less_simple,
        spec.less_specific,
        spec.stands_out,
    )
