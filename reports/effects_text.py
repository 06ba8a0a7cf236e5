"""What playbooks did, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rind.common.facts.effects import EffectRecord, Reason, Verdict
from rind.reports.formats import NOTHING, percent
from rind.reports.wording import capitalised, words_of

VERDICTS: Mapping[Verdict, str] = {
    "helps": "helps",
    "harms": "harms",
    "none_shown": "no effect shown",
    "cannot_tell": "cannot be told",
}
REASONS: Mapping[Reason, str] = {
    "too_few": "too few accounts got it, or too few left, to tell",
    "no_overlap": "no account without it is like those that got it, so nothing compares with them",
    "no_placebo": "their past is not known well enough for the placebo test",
    "placebo_fails": "the placebo test fails: the accounts that are compared differed before it began",
}

CHANGES: Mapping[str, tuple[str, float, int]] = {"active_days": ("days a week", 1.0, 2), "mrr": ("%", 100.0, 1)}
"""Outcome -> unit, what it is multiplied by, decimals."""
CHANGED = {"active_days": "use", "mrr": "revenue"}
MOVED = {"up": "rose", "down": "fell"}


def playbook_name(playbook: str) -> str:
    """ "success_plan" is "success plan"."""
    return words_of(playbook)


def points(share: float | None) -> str:
    """A difference of probabilities: -0.041 is "-4.1 points"; a dash where it is missing."""
    if share is None:
        return NOTHING
    number = number_of_points(share)
    return f"{number} point{'' if number in _ONE else 's'}"


_ONE = ("+1", "-1", "1")


def number_of_points(share: float) -> str:
    """With its sign: "-4.1", "+12", "0"; a decimal below ten points."""
    value = 100 * share
    text = f"{value:+.0f}" if abs(value) >= 9.95 else f"{value:+.1f}".removesuffix(".0")
    return "0" if text in ("+0", "-0") else text


def interval(effect: float | None, low: float | None, high: float | None) -> str:
    """ "-4.1 points (-7 to -1.2)"; "" where nothing was measured."""
    if effect is None or low is None or high is None:
        return ""
    return f"{points(effect)} ({number_of_points(low)} to {number_of_points(high)})"


def _interval_of(record: EffectRecord) -> str:
    return interval(record["effect"], record["low"], record["high"])


def effect_sentences(records: Sequence[EffectRecord], horizon_days: int) -> list[str]:
    """One or two sentences a playbook."""
    return [sentence(record, horizon_days) for record in records]


def sentence(record: EffectRecord, horizon_days: int) -> str:
    """What one playbook did, and what the raw comparison would have said where that misleads."""
    name = capitalised(playbook_name(record["playbook"]))
    if record["verdict"] == "cannot_tell":
        return f"{name}: cannot be told; {REASONS.get(record['reason'], 'it is not measured')}."
    if record["verdict"] == "none_shown":
        return f"{name}: no effect shown, {_interval_of(record)}.{_misleading(record)}{_changes(record)}"
    verb = "fewer" if record["verdict"] == "helps" else "more"
    return (
        f"{name} {record['verdict']}: of {record['accounts']:,} accounts that got it {percent(record['rate'])} left "
        f"within {horizon_days} days, {verb} than the {percent(record['rate_expected'])} to be expected without it: "
        f"{_interval_of(record)}.{_misleading(record)}{_changes(record)}"
    )


def _misleading(record: EffectRecord) -> str:
    """The raw comparison, where it says something else."""
    raw, effect, low, high = record["raw"], record["effect"], record["low"], record["high"]
    if raw is None or effect is None or low is None or high is None or low <= raw <= high:
        return ""
    return f" The raw comparison says {points(raw)}, since accounts at other risk get it."


def change_words(change: Mapping[str, Any]) -> str:
    """The effect on use or revenue with its interval: "+0.2 days a week (+0.1 to +0.3)"; "" where it cannot be told."""
    parts = [change.get(name) for name in ("effect", "low", "high")]
    if change.get("direction") not in ("up", "down", "none_shown") or None in parts:
        return ""
    unit, scale, decimals = CHANGES.get(str(change.get("outcome")), ("", 1.0, 2))
    effect, low, high = (_signed(scale * float(part), decimals) for part in parts if part is not None)
    return f"{effect} {unit} ({low} to {high})"


def _signed(value: float, decimals: int) -> str:
    """With its sign, none for what rounds to 0."""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text


def _changes(record: EffectRecord) -> str:
    """What it is shown to have done to use and revenue beside; "" where nothing is."""
    shown = [change for change in record.get("changes") or [] if change["direction"] in MOVED]
    parts = [f"{CHANGED[change['outcome']]} {MOVED[change['direction']]}: {change_words(change)}" for change in shown]
    return f" {capitalised('; '.join(parts))}." if parts else ""


HELPED_BEFORE = " helped before: "


def advice_note(record: EffectRecord) -> str:
    """What stands behind the advice to start a playbook; "" where it is not shown to help."""
    if record["verdict"] != "helps":
        return ""
    return f"{capitalised(playbook_name(record['playbook']))}{HELPED_BEFORE}{_interval_of(record)}"
