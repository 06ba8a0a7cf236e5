"""What the watermelons need of the parameters."""

from __future__ import annotations

from rind.models.watermelons.flags import Rule
from rind.pipelines.params import Params


def watermelon_rule(params: Params) -> Rule:
    """How the watermelon threshold is chosen."""
    given, labels = params.watermelons, params.labels
    return Rule(
        capacity=given.capacity,
        accounts_per_week=given.accounts_per_week,
        precision=given.precision,
        horizon_days=labels.horizon_days,
        grace_days=labels.grace_days,
        look_back_days=given.look_back_days,
        fewest_departed=given.fewest_departed,
        fewest_accounts=given.fewest_accounts,
        draws=params.metrics.bootstrap_draws,
        seed=params.seed,
    )
