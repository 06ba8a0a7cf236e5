from __future__ import annotations

import pytest

from rind.common.themes import MATTERS, USE, Matter, matter_of, silent_matter
from rind.features.families import FAMILIES

FEATURES = [feature.name for family in FAMILIES.values() for feature in family.FEATURES]


@pytest.mark.parametrize(
    ("feature", "matter"),
    [
        ("usage__events_change__28d", Matter("value", "use")),
        ("contacts__champion_lost__now", Matter("people", "champion")),
        ("commercial__mrr_change__364d", Matter("money", "revenue")),
        ("commercial__mrr__now", Matter("context", "account")),
        ("commercial__days_to_term_end__now", Matter("context", "account")),
        ("tickets__opened__28d", Matter("friction", "tickets")),
        ("tickets__open__now", Matter("friction", "open tickets")),
        ("own__clicks__7d", Matter("value", "own: clicks")),
    ],
)
def test_the_longest_beginning_that_fits_decides(feature: str, matter: Matter) -> None:
    assert matter_of(feature) == matter


def test_every_feature_of_ours_belongs_to_a_matter_that_is_named() -> None:
    assert [name for name in FEATURES if matter_of(name) not in MATTERS] == []


def test_every_beginning_names_a_feature() -> None:
    starts = [start for beginnings in MATTERS.values() for start in beginnings]
    assert [start for start in starts if not any(name.startswith(start) for name in FEATURES)] == []


@pytest.mark.parametrize(
    ("feature", "silent_days", "one_cause"),
    [
        ("usage__features__91d", 92, True),
        ("usage__features__91d", 91, False),
        ("usage__active_users_per_seat__28d", 60, True),
        ("surveys__nps_mean__364d", 400, False),
        ("usage__last_use__now", 400, True),
    ],
)
def test_what_a_silence_explains_is_that_the_product_was_not_used(
    feature: str, silent_days: float, one_cause: bool
) -> None:
    assert (silent_matter(feature, matter_of(feature), silent_days) == USE) == one_cause
