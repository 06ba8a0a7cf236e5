"""What moved a score since the date before, in words: "+11 points: champion left (+8), tickets open (+3)"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rind.common.themes import Matter, matter_of
from rind.reports.benchmarks import contradicts
from rind.reports.sentences import Speaker, entries
from rind.reports.usual import OWN_PAST
from rind.reports.wording import is_missing, spoken, uncapitalised

NAMED = 3
ACCOUNT = "size, plan or tenure changed"
TERM_END = "commercial__days_to_term_end__now"
REST = "the rest"
SMALL, TOGETHER = "many small changes", "several facts together"
CHANGE = " from "


def move_sentences(
    catalogue: pd.DataFrame,
    values: pd.DataFrame,
    before: pd.DataFrame,
    explanations: pd.DataFrame,
    calendar: Sequence[str],
) -> pd.DataFrame:
    """How far the probability of every account moved, and what moved it.

    Parameters
    ----------
    catalogue
        One row per feature: name, description, unit and its sentences.
    values, before
        One row per account (index: account_id), one column per feature, now and on the date before.
    explanations
        One row per (account_id, feature): moved_points, see `models.churn.moves.points_moved`.
    calendar
        Features that say only when the account decides.

    Returns
    -------
    pd.DataFrame
        One row per account of ``values``: moved_points (missing where the account was not scored before) and moved_by,
        a text whose whole points add up to the whole points of the move; "" where that is less than one point.
    """
    wide = explanations.pivot_table(index="account_id", columns="feature", values="moved_points", observed=True)
    wide = wide.reindex(values.index)
    names = [str(name) for name in wide.columns]
    matters = [Matter("context", "calendar") if name in calendar else matter_of(name) for name in names]
    speaker, described = Speaker(catalogue, values), entries(catalogue)
    earlier = before.reindex(values.index)
    rows = []
    for position, points in enumerate(wide.to_numpy("float64")):
        if np.isnan(points).all():
            rows.append((np.nan, ""))
            continue
        words = _Words(speaker, position, earlier, described)
        rows.append((float(np.nansum(points)), _sentence(words, names, matters, np.nan_to_num(points))))
    return pd.DataFrame(rows, index=values.index, columns=["moved_points", "moved_by"])


class _Words:
    """What a feature of one account did since the date before."""

    def __init__(
        self, speaker: Speaker, position: int, before: pd.DataFrame, described: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._speaker, self._position, self._before, self._described = speaker, position, before, described

    def of(self, feature: str) -> str:
        """ "17 % of our messages were answered, before that 27 %"; the fact alone where its words tell the change."""
        fact = uncapitalised(self._speaker.fact(self._position, feature).text)
        earlier = self.earlier(feature)
        if earlier is None or OWN_PAST.search(feature) or CHANGE in fact or not self._prints_itself(feature, fact):
            return fact
        return f"{fact}, before that {earlier}"

    def _prints_itself(self, feature: str, fact: str) -> bool:
        """Whether an earlier value can stand behind the fact; a ratio that the fact tells in other figures cannot."""
        unit = str(self._described.get(feature, {}).get("unit", ""))
        return unit != "ratio" or spoken(self._speaker.value(self._position, feature), unit) in fact

    def of_context(self, matter: str) -> str:
        """A renewal is told as one; else how far the end of the term is; or that the account itself changed."""
        if matter != "calendar":
            return ACCOUNT
        left = self._speaker.value(self._position, TERM_END)
        before = self._before[TERM_END].iloc[self._position] if TERM_END in self._before else None
        if is_missing(left):
            return "no end of the term lies ahead"
        if not is_missing(before) and left > before:
            return "the contract was renewed"
        return f"the term ends in {spoken(left, 'days')}"

    def earlier(self, feature: str) -> str | None:
        """The value before, where it was another one that can be told."""
        now, unit = self._speaker.value(self._position, feature), str(self._described.get(feature, {}).get("unit", ""))
        before = self._before[feature].iloc[self._position] if feature in self._before else None
        if unit in ("flag", "text") or is_missing(now) or is_missing(before):
            return None
        return spoken(before, unit) if spoken(before, unit) != spoken(now, unit) else None

    def agrees(self, feature: str, sign: float) -> bool:
        """Whether the change that the words tell can mean what it is told for: more use never lifts the risk.

        Such a move comes from what went with it: use that rises more slowly, a fact that weighs less than before.
        """
        now, direction = (
            self._speaker.value(self._position, feature),
            self._described.get(feature, {}).get("direction") or 0,
        )
        before: Any = self._before[feature].iloc[self._position] if feature in self._before else None
        if not direction or isinstance(now, str) or is_missing(now):
            return True
        if OWN_PAST.search(feature):
            return not contradicts(feature, float(now), direction, sign)
        return is_missing(before) or bool(direction * (float(now) - float(before)) * sign >= 0)

    def order(self, feature: str) -> tuple[bool, bool]:
        """What can be told with its change, and has a direction, is told rather."""
        return self.earlier(feature) is not None, bool(self._described.get(feature, {}).get("direction"))


def _sentence(words: _Words, names: Sequence[str], matters: Sequence[Matter], points: np.ndarray) -> str:
    total = round(float(points.sum()))
    if total == 0:
        return ""
    sums: dict[Matter, float] = {}
    for matter, part in zip(matters, points, strict=True):
        sums[matter] = sums.get(matter, 0.0) + part
    strongest = sorted((m for m in sums if round(sums[m])), key=lambda matter: -abs(sums[matter]))
    worded = ((matter, _text(words, names, matters, points, matter, np.sign(sums[matter]))) for matter in strongest)
    parts = [(text, round(sums[matter])) for matter, text in worded if text][:NAMED]
    rest = total - sum(part for _, part in parts)
    if rest:
        parts.append((REST if parts else TOGETHER if strongest else SMALL, rest))
    listed = ", ".join(f"{text} ({part:+d})" for text, part in parts)
    return f"{total:+d} {'point' if abs(total) == 1 else 'points'}: {listed}"


def _text(
    words: _Words, names: Sequence[str], matters: Sequence[Matter], points: np.ndarray, matter: Matter, sign: float
) -> str:
    """What a matter did that moved the score in the direction of ``sign``; "" where no fact of it can be told so."""
    if matter.theme == "context":
        return words.of_context(matter.name)
    own = [n for n, m in enumerate(matters) if m == matter and sign * points[n] > 0 and words.agrees(names[n], sign)]
    return words.of(names[max(own, key=lambda n: (*words.order(names[n]), sign * points[n]))]) if own else ""
