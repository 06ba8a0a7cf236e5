"""What a feature speaks of: its theme, and the matter within it; features of one matter tell one cause."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

Theme = Literal["value", "friction", "people", "money", "context"]
"""value: what the customer gets out of the product; friction: what stands in its way; people: who carries the
relationship; money: what the customer pays, and how; context: when and with whom we deal (calendar, tenure, size,
industry), which is told apart and never a reason."""

THEMES: tuple[Theme, ...] = get_args(Theme)


class Matter(NamedTuple):
    """One cause in the eyes of a CSM: the theme that it belongs to, and its name."""

    theme: Theme
    name: str


MATTERS: dict[Matter, tuple[str, ...]] = {
    Matter("value", "use"): (
        "usage__events", "usage__active_days", "usage__last_use", "usage__weeks_used", "usage__unsteadiness",
    ),
    Matter("value", "users"): (
        "usage__active_users", "usage__users", "usage__power_users", "usage__stickiness", "usage__days_per_user",
        "usage__top_user_share", "commercial__seats_used_share",
    ),
    Matter("value", "breadth"): (
        "usage__features", "usage__modules", "usage__consumption_gap", "usage__core_share", "usage__advanced",
    ),
    Matter("value", "recommendation"): (
        "surveys__nps", "surveys__detractor", "surveys__decision_maker_nps", "surveys__user_nps",
        "surveys__decision_maker_gap",
    ),
    Matter("value", "need"): ("surveys__essential", "surveys__not_needed"),
    Matter("friction", "satisfaction"): ("surveys__csat",),
    Matter("friction", "effort"): ("surveys__ces",),
    Matter("friction", "open tickets"): (
        "tickets__open__", "tickets__open_at_renewal", "tickets__oldest_open", "tickets__pressing_open",
        "tickets__unanswered",
    ),
    Matter("friction", "tickets"): (
        "tickets__opened", "tickets__since_opened", "tickets__per_seat", "tickets__how_to", "tickets__bug",
    ),
    Matter("friction", "severity"): ("tickets__pressing_share", "tickets__escalated", "tickets__reopened"),
    Matter("friction", "support speed"): ("tickets__first_response", "tickets__resolve", "tickets__first_contact"),
    Matter("people", "champion"): (
        "contacts__champion", "contacts__has_champion", "contacts__days_since_champion",
    ),
    Matter("people", "decision makers"): (
        "contacts__decision_makers", "contacts__executives", "contacts__has_decision_maker", "contacts__has_executive",
        "contacts__senior",
    ),
    Matter("people", "contacts"): (
        "contacts__known", "contacts__active", "contacts__users", "contacts__admins", "contacts__single_threaded",
        "contacts__arrivals", "contacts__departures", "contacts__since_arrival", "contacts__departments",
    ),
    Matter("people", "answers"): (
        "contacts__answering", "contacts__engaged", "engagement__answer", "engagement__unanswered",
        "engagement__since_two_way", "engagement__working_channels", "engagement__inbound", "engagement__outbound",
        "engagement__since_inbound", "engagement__since_outbound",
    ),
    Matter("people", "meetings"): (
        "engagement__meetings", "engagement__reviews", "engagement__trainings", "engagement__since_meeting",
    ),
    Matter("people", "survey answers"): (
        "surveys__asked", "surveys__answered", "surveys__response_rate", "surveys__silence", "surveys__since_answer",
    ),
    Matter("money", "revenue"): (
        "commercial__mrr__91d", "commercial__mrr__364d", "commercial__mrr_change", "commercial__mrr_under_notice",
        "commercial__expansions", "commercial__contractions", "commercial__since_contraction",
    ),
    Matter("money", "payments"): (
        "commercial__late_share", "commercial__days_late", "commercial__payment_delay", "commercial__overdue",
        "commercial__longest_overdue",
    ),
    Matter("context", "account"): ("commercial__", "contacts__tenure"),
}  # fmt: skip
"""Matter -> beginnings of the names of its features; the longest beginning that fits decides."""

OF_FAMILY: dict[str, Theme] = {
    "usage": "value", "tickets": "friction", "contacts": "people", "surveys": "value", "engagement": "people",
}  # fmt: skip
"""The theme of a feature that no matter names; a family that is not here is about value."""

PAST: frozenset[Matter] = frozenset({Matter("money", "revenue")})
"""Matters that nobody can undo: a reason, but not the first while there is another."""

USE, OF_USE = Matter("value", "use"), frozenset(Matter("value", name) for name in ("use", "users", "breadth"))
LAST_USE = "usage__last_use__now"
"""Days since the last use; missing where there was none yet."""

_STARTS = {start: matter for matter, starts in MATTERS.items() for start in starts}


def matter_of(feature: str, theme: str = "") -> Matter:
    """The matter of a feature by its name, ``family__what__window``; one that is named nowhere is its own matter.

    Parameters
    ----------
    theme
        What the catalogue says of a feature that no matter names.
    """
    fitting = [start for start in _STARTS if feature.startswith(start)]
    if fitting:
        return _STARTS[max(fitting, key=len)]
    family, _, rest = feature.partition("__")
    own = next((known for known in THEMES if known == theme), OF_FAMILY.get(family, "value"))
    return Matter(own, f"{family}: {rest.split('__', 1)[0].replace('_', ' ')}")


def silent_matter(feature: str, matter: Matter, silent_days: float) -> Matter:
    """The matter of a feature of an account that has not used the product for so many days.

    Within the silence, no users, no features and no seats in use are one cause: the product was not used.
    """
    window = re.search(r"__(\d+)d$", feature)
    silent = matter in OF_USE and window is not None and int(window[1]) < silent_days
    return USE if silent else matter
