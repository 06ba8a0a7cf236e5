"""Numbers and templates in plain English; knows nothing of models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

Lookup = Callable[[str], Any]

REFERENCE = re.compile(r"\{(?:change:(?P<before>[^{}:]+):(?P<after>[^{}:]+)|(?P<moved>moved:)?(?P<feature>[^{}:]+))\}")
UNIT_WORDS = {"days": "day", "hours": "hour"}
SAID_ALREADY = re.compile(r"^[\s-]*(?:days?|hours?|%|percent|per cent)(?!\w)")
NOT_NOUNS = frozenset(
    {
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "has",
        "in",
        "is",
        "its",
        "less",
        "more",
        "of",
        "on",
        "or",
        "out",
        "over",
        "per",
        "plus",
        "since",
        "than",
        "that",
        "the",
        "this",
        "to",
        "under",
        "until",
        "us",
        "was",
        "with",
        "within",
    }
)
PLURAL = re.compile(r"^(?P<lead> (?:(?P<first>[a-z-]+) )?)(?P<noun>[a-z]+s|people)\b(?P<verb> (?:are|were|have)\b)?")
ONE_TIME, LAST_ONE = re.compile(r"(?<![\d.,])1 time\b"), re.compile(r"\blast 1 (?=[a-z])")
SINGULAR_VERBS = {" are": " is", " were": " was", " have": " has", None: ""}


def is_missing(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, NaT or NA."""
    return bool(pd.isna(value))


def is_zero(value: Any) -> bool:
    """Whether a cell is a number 0 or a "no"."""
    return not isinstance(value, str) and not is_missing(value) and bool(value == 0)


def spoken(value: Any, unit: str) -> str:
    """A value as a person would write it: 14, 34 days, 6.5 hours, 37 %, 1,200, 0.61, yes."""
    if unit == "balance":
        return _spoken_balance(float(value))
    if unit == "delay":
        return _spoken_delay(float(value))
    number = spoken_number(value, unit)
    if unit in UNIT_WORDS:
        return f"{number} {UNIT_WORDS[unit]}{'' if number == '1' else 's'}"
    return f"{number} %" if unit == "share" and not isinstance(value, str) else number


def _spoken_balance(balance: float) -> str:
    """(now - before) / (now + before) as a share of before: "down by 47 %"."""
    if balance >= 0.6:  # four times what it was, and more
        return "up to a multiple of what it was" if balance < 1 else "up from nothing"
    share = 2 * balance / (1 - balance)
    return f"{'up' if share > 0 else 'down'} by {_percent(abs(share))} %"


def _spoken_delay(days: float) -> str:
    size = spoken(abs(days), "days")
    return "on the day" if size == "0 days" else f"{size} {'late' if days > 0 else 'early'}"


def spoken_number(value: Any, unit: str) -> str:
    """`spoken` without its unit; a share in per cent."""
    if isinstance(value, str) or unit == "text":
        return str(value)
    if unit == "flag":
        return "yes" if value else "no"
    number = float(value)
    if unit == "share":
        return _percent(number)
    if unit == "ratio" and abs(number) < 10:
        return f"{number:.2f}"
    if unit == "money" and abs(number) >= 10:
        return f"{number:,.0f}"
    decimals = 2 if unit == "money" else 1
    return f"{number:,.0f}" if round(number, decimals) == round(number) else f"{number:,.{decimals}f}"


def _percent(share: float) -> str:
    if 0 < share < 0.005:
        return "under 1"
    return "over 99" if 0.995 <= share < 1 else f"{100 * share:.0f}"


def words_of(name: str) -> str:
    """A name of the data as people write it: mid_market is "mid market"."""
    return name.replace("_", " ").strip()


def spoken_change(before: Any, after: Any, unit: str) -> str | None:
    """ "fell from 14 to 6"; None where both are empty."""
    if is_missing(before) and is_missing(after):
        return None
    if is_missing(before):
        return f"is {spoken(after, unit)}, with no earlier value"
    if is_missing(after):
        return f"was {spoken(before, unit)} and has no value now"
    if spoken(before, unit) == spoken(after, unit):
        return f"stayed at {spoken(after, unit)}"
    if unit == "flag" or isinstance(before, str):
        return f"went from {spoken(before, unit)} to {spoken(after, unit)}"
    first = spoken(before, unit) if unit == "share" else spoken_number(before, unit)
    return f"{'rose' if after > before else 'fell'} from {first} to {spoken(after, unit)}"


def spoken_move(value: Any, unit: str) -> str:
    """A difference with its direction: "up by 2", "down by 3 days", "by 0"."""
    size = spoken(abs(value), unit)
    return f"by {size}" if size == spoken(0, unit) else f"{'up' if value > 0 else 'down'} by {size}"


def render(template: str, value_of: Lookup, units: Mapping[str, str]) -> str | None:
    """Fill a template of the catalogue; None where it names something unknown or empty."""
    parts: list[str] = []
    rest = template
    singular = False
    while match := REFERENCE.search(rest):
        literal, rest = rest[: match.start()], rest[match.end() :]
        parts.append(_agree(literal) if singular else literal)
        text_of = _reference(match, literal, rest, value_of, units)
        if text_of is None:
            return None
        parts.append(text_of)
        singular = re.search(r"(?:^|\s)1$", text_of) is not None
    parts.append(_agree(rest) if singular else rest)
    text = re.sub(r"(?<!\d)0 days ago", "today", "".join(parts)).strip().rstrip(".")
    text = ONE_TIME.sub("once", LAST_ONE.sub("last ", text))
    return None if not text or re.search(r"[{}]|__", text) else capitalised(text)


def _reference(match: re.Match[str], ahead: str, rest: str, value_of: Lookup, units: Mapping[str, str]) -> str | None:
    named = match["feature"] or match["after"]
    if any(name not in units for name in (named, match["before"] or named)):
        return None
    unit = units[named]
    if match["before"]:
        spoken_value = spoken_change(value_of(match["before"]), value_of(named), unit)
    else:
        speak = spoken_move if match["moved"] else spoken
        spoken_value = None if is_missing(value_of(named)) else speak(value_of(named), unit)
    unit_ahead = match["before"] and re.match(r"\s*(?:days|hours)\b", ahead, re.IGNORECASE)
    if spoken_value is not None and (unit_ahead or SAID_ALREADY.match(rest)):  # the template brings the unit itself
        spoken_value = re.sub(r" (?:days?|hours?|%)$", "", spoken_value)
    return spoken_value


def _agree(following: str) -> str:
    """ "1 active users are" -> "1 active user is": the text after a 1, its noun and verb in the singular."""
    match = PLURAL.match(following)
    if match is None or {match["first"], match["noun"]} & NOT_NOUNS or match["noun"].endswith(("ss", "us")):
        return following
    return match["lead"] + _singular(match["noun"]) + SINGULAR_VERBS[match["verb"]] + following[match.end() :]


def _singular(noun: str) -> str:
    if noun == "people":
        return "person"
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-2] if noun.endswith(("sses", "ches", "shes", "xes")) else noun[:-1]


def capitalised(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """The text with a small first letter, unless its first word is an abbreviation (NPS, MRR)."""
    word = re.split(r"[\s-]", text, maxsplit=1)[0]
    return text if sum(letter.isupper() for letter in word) > 1 else text[:1].lower() + text[1:]


def spoken_name(feature: str) -> str:
    """A last resort: ``usage__active_users__28d`` -> "active users (usage, 28 days)"."""
    family, *what = (part.replace("_", " ").strip() for part in feature.split("__"))
    if not what:
        return family
    window = re.fullmatch(r"(\d+)d", what[-1])
    detail = f", {window[1]} days" if window else ""
    words = what[0] if len(what) < 3 or window or what[-1] in ("now", "ever") else " ".join(what)
    return f"{words} ({family}{detail})"


SMALL_NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def spelled(number: int) -> str:
    """A whole number as a sentence has it: 6 -> "six", 13 -> "13"."""
    return SMALL_NUMBERS[number] if 0 <= number < len(SMALL_NUMBERS) else f"{number:,}"


def spoken_day(day: Any) -> str:
    """15 June."""
    date = pd.Timestamp(day)
    return f"{date.day} {date:%B}"
