"""Moments in words: which were confirmed, what became of former ones, and what the search could have found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rind.common.facts.moments import (
    ALL,
    BROKEN,
    Freshness,
    FreshnessRecord,
    Moment,
    MomentsFound,
    SegmentSearch,
    Status,
    TrueNorthRecord,
    behaviour_of,
)
from rind.reports.wording import words_of

NOUNS = {
    "events": ("use", "uses", "of"),
    "uses": ("use", "uses", "of"),
    "users": ("user", "users", "on"),
    "days": ("day", "days", "with"),
    "contacts": ("contact", "contacts", "at the level"),
    "active_days": ("active day", "active days", ""),
    "active_users": ("active user", "active users", ""),
    "features_used": ("feature used", "features used", ""),
    "modules_used": ("module used", "modules used", ""),
    "integrations_used": ("integration used", "integrations used", ""),
    "value_events": ("use that delivers value", "uses that deliver value", ""),
    "contacts_added": ("contact known", "contacts known", ""),
    "trainings_held": ("training held", "trainings held", ""),
    "reviews_held": ("review held", "reviews held", ""),
    "meetings_held": ("meeting held", "meetings held", ""),
    "calls_held": ("call held", "calls held", ""),
    "executives_met": ("executive or decision maker met", "executives or decision makers met", ""),
    "tickets_solved": ("ticket solved", "tickets solved", ""),
}
"""Behaviour, or measure of a product feature -> singular, plural, and the word before what it is about."""


VERY_LARGE = 0.3
"""From this difference in retention on an effect is called very large."""
WATCHED = "Every early behaviour is watched again with every list."


def counted(behaviour: str, count: int, more: bool = False) -> str:
    """A behaviour in words: ``users:reports`` 2 -> "2 users on reports"; 0 is "no users on reports"."""
    kind, _, what = behaviour.partition(":")
    one, many, word = NOUNS.get(kind, (words_of(kind), words_of(kind), "of"))
    noun = one if count == 1 else many
    about = f"{word} {words_of(what)}" if what else ""
    number = f"{count:,}" if count else "no"
    return " ".join(filter(None, [number, "more" if more else "", noun, about]))


def group_words(name: str) -> str:
    """A segment's name, or ``all``, at the start of a sentence: mid_market is "Mid market"."""
    words = "all accounts" if name == ALL else words_of(name)
    return words[:1].upper() + words[1:]


def true_north_record(search: MomentsFound) -> TrueNorthRecord:
    """The content of true_north.json: the facts, and first of the words those of former moments that have broken."""
    fresh = [freshness_record(row) for row in search["freshness"]]
    broken = [f"{row['words']}." for row in fresh if row["status"] in BROKEN]
    return {
        "moments": search["moments"],
        "rejected": search["rejected"],
        "segments": search["segments"],
        "left_out": search["left_out"],
        "freshness": fresh,
        "words": " ".join([*broken, summary(search["moments"], search["segments"])]),
    }


def summary(moments: Sequence[Moment], segments: Mapping[str, SegmentSearch]) -> str:
    """The moments that were confirmed, and for the other segments what is watched there and can be seen."""
    sentences = [_moment(m) for m in moments]
    named = {m["segment"] for m in moments}
    if ALL not in named:
        others = {name: facts for name, facts in segments.items() if name not in named and name != ALL}
        sentences += [WATCHED] * bool(others) + [watch_words(name, facts) for name, facts in others.items()]
    if not segments:
        sentences.append("Too few accounts have stayed or left so far to search for a moment.")
    return " ".join(sentences)


def freshness_record(row: Freshness) -> FreshnessRecord:
    """What became of a former moment, with its words."""
    return {**row, "words": _freshness(row)}


def _freshness(row: Freshness) -> str:
    behaviour = counted(behaviour_of(row), row["count"])
    what = f"{group_words(row['segment'])}: {behaviour} in the first {row['within_days']} days"
    if row["status"] == Status.MOVED:
        return f"{what}: the moment has moved, see the one that stands now"
    if row["recent"] is None:
        return f"{what}: no new cohort shows it yet"
    was, is_ = round(100 * row["difference"]), round(100 * row["recent"])
    return f"{what}: {row['status']}; {was} points of retention when it was confirmed, {is_} in the newest cohort"


def _moment(moment: Moment) -> str:
    behaviour = counted(behaviour_of(moment), moment["count"])
    words = (
        f"{group_words(moment['segment'])}: {moment['retention_reached']:.0%} of those with at least {behaviour} in "
        f"the first {moment['within_days']} days stayed, {moment['retention_not_reached']:.0%} of the others"
    )
    if "and_feature" not in moment:
        return f"{words}."
    second = behaviour_of({"feature": moment["and_feature"], "measure": moment["and_measure"]})
    more = counted(second, moment["and_count"])
    return f"{words}; of those with at least {more} by then as well {moment['and_retention']:.0%}."


def watch_words(name: str, facts: Mapping[str, Any]) -> str:
    """How large an effect must be to be seen in a segment without a moment.

    Parameters
    ----------
    facts
        A `SegmentSearch`: its smallest_effect is that of half of the accounts searched, found four times in five.
    """
    group, searched, smallest = group_words(name), facts.get("searched"), facts.get("smallest_effect")
    if smallest is None or not searched:
        return f"{group}: too few accounts do the same thing early, or sign later to confirm it."
    accounts = f"{group}: with {searched:,} accounts"
    if smallest >= 1:
        return f"{accounts} no effect can be seen yet, however large."
    points = f"{100 * smallest:.0f} points of retention or more"
    if smallest >= VERY_LARGE:
        return f"{accounts} only very large effects can be seen: {points}."
    return f"{accounts} effects of {points} can be seen."
