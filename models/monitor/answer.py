"""One answer from all that the monitor measured: hold, look or retrain."""

from __future__ import annotations

from collections.abc import Mapping

from rind.common.facts.figures import Figure
from rind.common.facts.monitor import Answer, Departures, FamilyDrift, Sign, SignKind
from rind.models.monitor.settings import MonitorSettings

RETRAIN: tuple[SignKind, ...] = ("ranks_worse", "more_left", "fewer_left", "rules_changed")


def signs(
    drift: Mapping[str, FamilyDrift], scores_psi: float | None, promised: Figure, seen: Figure, base_rate: Figure,
    base_rate_before: Figure, departures: Departures, rules_changed: bool, settings: MonitorSettings,
) -> list[Sign]:  # fmt: skip
    """What speaks against holding, the weightiest first; empty where nothing does."""
    noticed: list[Sign] = []
    if departures["accounts"] < settings.fewest_churned:
        noticed.append(Sign("too_few"))
    else:
        if _below(seen, promised):
            noticed.append(Sign("ranks_worse"))
        noticed += _departure_signs(departures["times"], settings.times_expected)
        if _below(base_rate, base_rate_before) or _below(base_rate_before, base_rate):
            noticed.append(Sign("rate_moved"))
    if rules_changed:
        noticed.append(Sign("rules_changed"))
    if scores_psi is not None and scores_psi >= settings.large_psi:
        noticed.append(Sign("scores_moved"))
    moved = [name for name, family in drift.items() if _moved(family, settings)]
    return [*noticed, *(Sign("family_moved", name) for name in moved)]


def answer_of(noticed: list[Sign]) -> Answer:
    """Retrain where scores have been wrong, look where something moved, else hold; too little to judge is no alarm."""
    if any(sign.kind in RETRAIN for sign in noticed):
        return "retrain"
    return "look" if any(sign.kind != "too_few" for sign in noticed) else "hold"


def _moved(family: FamilyDrift, settings: MonitorSettings) -> bool:
    return family["psi"] >= settings.large_psi and family["share_of_shap"] >= settings.share_of_shap


def _departure_signs(times: Figure, limit: float) -> list[Sign]:
    value, low, high = times["value"], times["low"], times["high"]
    if value is None or low is None or high is None:
        return []
    if value >= limit and low > 1:
        return [Sign("more_left")]
    return [Sign("fewer_left")] if value <= 1 / limit and high < 1 else []


def _below(one: Figure, other: Figure) -> bool:
    """Whether the whole interval of one lies below that of the other."""
    return one["high"] is not None and other["low"] is not None and one["high"] < other["low"]
