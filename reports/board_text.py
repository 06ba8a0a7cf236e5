"""What the sheet for the board says in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rind.common.bands import AMBER, GREEN, RED
from rind.reports.effects_text import playbook_name
from rind.reports.formats import MONTHS_A_YEAR, percent
from rind.reports.wording import capitalised

FEWEST_DEPARTURES = 5
SHOWN = {"helps": "kept", "harms": "lost"}
"""Verdict on a playbook -> what it did to revenue."""
SAVED = ("mrr_saved", "mrr_saved_low", "mrr_saved_high")
"""The revenue of it a month, and the ends of its interval."""


def departures_sentence(record: Mapping[str, Any]) -> str:
    """Where those that left stood by the health score; "" where too few left to say so."""
    departures, from_green = record.get("departures") or 0, record.get("from_green")
    if departures < FEWEST_DEPARTURES or from_green is None:
        return ""
    bands: Mapping[str, Any] = record.get("bands") or {}
    rates = [f"{band} lost {percent(bands[band]['left'])}" for band in (RED, AMBER, GREEN) if band in bands]
    return f"{percent(from_green)} of the departures stood in green by your score; {', '.join(rates)}"


def effects_in_money(records: Sequence[Mapping[str, Any]], money: Callable[[Any], str]) -> list[str]:
    """What worked and what harmed, one sentence a playbook, the most money first; then one line on all others.

    Parameters
    ----------
    records
        `common.facts.effects.EffectRecord`, whatever a run has left of them.
    money
        Prints an amount of a year.
    """
    shown = [record for record in records if record.get("verdict") in SHOWN]
    shown.sort(key=lambda record: -abs(record.get("mrr_saved") or 0.0))
    return [*(_in_money(record, money) for record in shown), *_others(len(records) - len(shown), bool(shown))]


def _in_money(record: Mapping[str, Any], money: Callable[[Any], str]) -> str:
    name, did = capitalised(playbook_name(str(record.get("playbook") or "a playbook"))), SHOWN[record["verdict"]]
    verb = "worked" if did == "kept" else "harmed"
    yearly = [abs(MONTHS_A_YEAR * float(record[part])) for part in SAVED if record.get(part) is not None]
    if len(yearly) < len(SAVED):
        return f"{name} {verb}; how much revenue it {did} is not known"
    spent = "" if record.get("cost") is None else f", and cost {money(record['cost'])}"
    between = f"{money(min(yearly))} to {money(max(yearly))}"
    return f"{name} {verb}: it {did} {money(yearly[0])} ARR ({between}){spent}"


def _others(count: int, some_shown: bool) -> list[str]:
    if not count:
        return [] if some_shown else ["No playbook has been begun yet, so nothing can be told of what works"]
    more = " more" if some_shown else ""
    whether = "playbook it cannot be told yet whether it helps or harms"
    if count > 1:
        whether = "playbooks it cannot be told yet whether they help or harm"
    return [f"Of {count}{more} {whether}"]
