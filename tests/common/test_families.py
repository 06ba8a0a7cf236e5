from __future__ import annotations

from rind.common import families
from rind.features.families import FAMILIES
from rind.pipelines.params import load


def test_the_names_are_those_of_the_families_and_each_has_a_weight_and_bounds() -> None:
    health = load().health
    assert set(families.FAMILIES) == set(FAMILIES) == set(health.weights) == set(health.bounds)
