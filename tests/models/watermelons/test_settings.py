from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rind.common.errors import ParamsError
from rind.models.watermelons.flags import Rule
from rind.models.watermelons.settings import WatermelonSettings
from rind.pipelines.params import load

PARAMS = load()


def rule(**other: Any) -> Rule:
    """The shipped rule, but for what is named; horizon_days and grace_days are of its labels."""
    label = {name: other.pop(name) for name in ("horizon_days", "grace_days") if name in other}
    beside = {name: other.pop(name) for name in ("draws", "seed") if name in other}
    settings = WatermelonSettings(**(PARAMS.watermelons.model_dump() | other))
    shipped = Rule(settings, PARAMS.labels.model_copy(update=label), PARAMS.metrics.bootstrap_draws, PARAMS.seed)
    return replace(shipped, **beside)


@pytest.mark.parametrize("both", [{"capacity": None}, {"capacity": 0.1, "precision": 0.2}, {"capacity": 1.5}])
def test_a_rule_with_none_or_both_of_capacity_and_precision_is_refused(both: dict[str, Any]) -> None:
    with pytest.raises(ParamsError, match="exactly one"):
        rule(**both)
