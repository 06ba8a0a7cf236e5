"""Moments in words: what stands, and where nothing does, what could have been seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rind.models.moments.candidates import PRODUCT_MEASURES, said
from rind.models.moments.search import ALL


def behaviour_of(moment: Mapping[str, Any]) -> str:
    """The name of a moment's behaviour, as in the table of early behaviour."""
    return f"{moment['measure']}:{moment['feature']}" if moment["measure"] in PRODUCT_MEASURES else moment["feature"]


def group_words(name: str) -> str:
    """A segment's name, or ``all``, at the start of a sentence: mid_market is "Mid market"."""
    words = "all accounts" if name == ALL else name.replace("_", " ")
    return words[:1].upper() + words[1:]


def in_words(moments: Sequence[Mapping[str, Any]], segments: Mapping[str, Mapping[str, Any]]) -> str:
    """The result for a reader."""
    sentences = [_moment(m) for m in moments]
    named = {m["segment"] for m in moments}
    if ALL not in named:
        others = {name: facts for name, facts in segments.items() if name not in named and name != ALL}
        sentences += [f"{group_words(name)}: none found. {_reach(facts)}" for name, facts in others.items()]
    if not segments:
        sentences.append("Too few accounts have stayed or left so far to search for a moment.")
    return " ".join(sentences)


def _moment(moment: Mapping[str, Any]) -> str:
    behaviour = said(behaviour_of(moment), moment["count"])
    words = (
        f"{group_words(moment['segment'])}: {moment['retention_reached']:.0%} of those with at least {behaviour} in "
        f"the first {moment['within_days']} days stayed, {moment['retention_not_reached']:.0%} of the others"
    )
    if "and_feature" not in moment:
        return f"{words}."
    second = {name: moment[f"and_{name}"] for name in ("feature", "measure", "count")}
    more = said(behaviour_of(second), second["count"])
    return f"{words}; of those with at least {more} by then as well {moment['and_retention']:.0%}."


def _reach(facts: Mapping[str, Any]) -> str:
    smallest = facts["smallest_effect"]
    if smallest is None:
        return "Too few accounts did the same thing early, or none signed later to confirm it."
    if smallest >= 1:
        return f"With {facts['searched']} accounts no effect, however large, would have been shown reliably."
    return (
        f"A moment that half of the {facts['searched']} accounts reach and that lifts retention by "
        f"{100 * smallest:.0f} points or more would have been found four times in five."
    )
