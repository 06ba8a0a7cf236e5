"""The values of the page What works: each playbook, what it did, and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rind.reports.effects_text import REASONS, VERDICTS, interval, playbook_name, points
from rind.reports.formats import NOTHING, Format
from rind.serving.store.protocols import Week

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
    overlap
        For each range of chances to get it, in times of the mean: its words, starts, comparable rows.
    """

    key: str
    name: str
    verdict: str
    tone: str
    why: str
    effect: str
    raw: str
    record: Mapping[str, Any]
    overlap: tuple[tuple[str, int, int], ...]
    cost: str
    saved: str
    saved_between: str
    roi: str


def playbooks(week: Week, fmt: Format) -> list[Playbook]:
    """Every playbook that was begun, the most often used first."""
    document = week.document("effects")
    records = document.get("effects") if isinstance(document, Mapping) else None
    return [_playbook(n, record, fmt) for n, record in enumerate(records or (), 1) if record]


def _playbook(place: int, record: Mapping[str, Any], fmt: Format) -> Playbook:
    known = {"effect": None, "low": None, "high": None, **record}
    verdict: Any = record.get("verdict")
    reason: Any = record.get("reason")
    return Playbook(
        key=f"playbook{place}",
        name=playbook_name(str(record.get("playbook") or NOTHING)),
        verdict=VERDICTS.get(verdict, VERDICTS["cannot_tell"]),
        tone=TONES.get(verdict, "neutral"),
        why=REASONS.get(reason, ""),
        effect=interval(known) or NOTHING,  # type: ignore[arg-type]
        raw=points(record.get("raw")),
        record=record,
        overlap=tuple(_overlap(part) for part in record.get("overlap") or ()),
        cost=_money(record.get("cost"), fmt),
        saved=_yearly(record.get("mrr_saved"), fmt),
        saved_between=_between(record, fmt),
        roi=_return(record.get("roi"), fmt),
    )


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
