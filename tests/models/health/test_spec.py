from __future__ import annotations

from typing import Any

import pytest

from rind.common.errors import ParamsError
from rind.models.health.spec import HealthSpec, Override


@pytest.mark.parametrize("weights", [{"usage": 99}, {"usage": 110, "tickets": -10}, {"mood": 100}])
def test_weights_that_do_not_make_100_or_name_no_family_are_refused(weights: dict[str, int]) -> None:
    with pytest.raises(ParamsError):
        HealthSpec(weights=weights, curves={}, amber_from=40, green_from=70)


WEIGHTS = {"usage": 60, "tickets": 40}
SPEC = HealthSpec(
    weights=WEIGHTS, curves={"usage__a__now": (0, 1), "tickets__b__now": (5, 0)}, amber_from=40, green_from=70,
    segments={"big": Override(weights={"usage": 100}, curves={"tickets__b__now": (9, 0), "usage__c__now": (0, 2)})},
)  # fmt: skip


def test_a_segment_takes_its_own_weights_and_curves_and_what_it_does_not_name_stays() -> None:
    big = SPEC.of("big")
    assert big.weights == {"usage": 100, "tickets": 0}
    assert big.curves == {"usage__a__now": (0, 1), "tickets__b__now": (9, 0), "usage__c__now": (0, 2)}
    assert SPEC.of("other") == SPEC.of(None) == SPEC.changed(segments={})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"curves": {"surveys__a__now": (0, 1)}}, "without a weight: surveys"),
        ({"curves": {"usage__a__now": (1, 1)}}, "two different finite numbers"),
        ({"amber_from": 80}, "amber_from <= green_from"),
        ({"fit_usage_factor": {"perhaps": 1.0}}, "fits, unsure, misfits"),
        ({"segments": {"big": Override(weights={"usage": 50})}}, "add up to 50"),
    ],
)
def test_a_change_is_checked_like_a_new_definition(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParamsError) as refused:
        SPEC.changed(**changes)
    assert reason in str(refused.value)
