"""The values of the page What works: each playbook, what it did, and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rind.reports.effects_text import REASONS, VERDICTS, change_words, interval, playbook_name, points
from rind.reports.formats import NOTHING, Format
from rind.reports.wording import capitalised
from rind.serving.store.protocols import Week
from rind.serving.views.documents import listed_objects

TONES = {"helps": "good", "harms": "bad"}


@dataclass(frozen=True)
class Playbook:
    """One playbook as the page shows it; texts are a dash where nothing is known.

    Parameters
    ----------
    key
        For the anchors of the page.
    tone
        good, bad or neutral.
    sentence
        The verdict, with the reason where it cannot be told.
    use, revenue
        The effect on days of use a week and on mrr; "cannot be told" where that is so.
    overlap
        For each range of chances to get it, in times of the mean: its words, starts, comparable rows.
    """

    key: str
    name: str
    verdict: str
    tone: str
    sentence: str
    effect: str
    raw: str
    use: str
    revenue: str
    record: Mapping[str, Any]
    overlap: tuple[tuple[str, int, int], ...]
    cost: str
    saved: str
    saved_between: str
    roi: str


def playbooks(week: Week, fmt: Format) -> list[Playbook]:
    """Every playbook that was begun, the most often used first."""
    records = listed_objects(week.document("effects"), "effects")
    return [_playbook(n, record, fmt) for n, record in enumerate(records, 1)]


def _playbook(place: int, record: Mapping[str, Any], fmt: Format) -> Playbook:
    verdict: Any = record.get("verdict")
    reason: Any = record.get("reason")
    words = VERDICTS.get(verdict, VERDICTS["cannot_tell"])
    return Playbook(
        key=f"playbook{place}",
        name=capitalised(playbook_name(str(record.get("playbook") or NOTHING))),
        verdict=words,
        tone=TONES.get(verdict, "neutral"),
        sentence=": ".join(filter(None, (words, REASONS.get(reason)))),
        effect=interval(*map(record.get, ("effect", "low", "high"))) or NOTHING,
        raw=points(record.get("raw")),
        use=_change(record, "active_days"),
        revenue=_change(record, "mrr"),
        record=record,
        overlap=tuple(map(_overlap, listed_objects(record, "overlap"))),
        cost=_money(record.get("cost"), fmt),
        saved=_yearly(record.get("mrr_saved"), fmt),
        saved_between=_between(record, fmt),
        roi=_return(record.get("roi"), fmt),
    )


def _change(record: Mapping[str, Any], outcome: str) -> str:
    own = [change for change in listed_objects(record, "changes") if change.get("outcome") == outcome]
    return next(filter(None, map(change_words, own)), VERDICTS["cannot_tell"])


def _overlap(part: Mapping[str, Any]) -> tuple[str, int, int]:
    low, high = part.get("low") or 0, part.get("high")
    words = f"{low:g} times and more" if high is None else f"{low:g} to {high:g} times"
    return words, part.get("treated") or 0, part.get("comparable") or 0


def _money(amount: float | None, fmt: Format) -> str:
    return NOTHING if amount is None else fmt.money(amount)


def _yearly(mrr: float | None, fmt: Format) -> str:
    return NOTHING if mrr is None else fmt.arr(mrr)


def _between(record: Mapping[str, Any], fmt: Format) -> str:
    low, high = record.get("mrr_saved_low"), record.get("mrr_saved_high")
    return "" if low is None or high is None else f"{fmt.arr(low)} to {fmt.arr(high)}"


def _return(roi: float | None, fmt: Format) -> str:
    """What comes back for each unit spent, a year's revenue: "3.2 times the cost"."""
    return NOTHING if roi is None else f"{fmt.number(roi + 1, 1)} times the cost"
