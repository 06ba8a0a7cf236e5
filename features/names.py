"""Names of tables and columns that nearly fit: read where there is no doubt, else a hint that works."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence


def folded(name: str) -> str:
    """The name without case, blanks, underscores and hyphens: what may differ beyond doubt."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def matched(wanted: Iterable[str], present: Sequence[str]) -> dict[str, str]:
    """The present name that stands for each wanted one: the same, else the only one that differs in spelling alone."""
    wanted = tuple(wanted)
    by_fold: dict[str, list[str]] = {}
    for name in present:
        if name not in wanted:
            by_fold.setdefault(folded(name), []).append(name)
    matches = {name: name for name in wanted if name in present}
    for name in wanted:
        alike = by_fold.get(folded(name), [])
        if name not in matches and len(alike) == 1:
            matches[name] = alike[0]
    return matches


def doubtful(wanted: str, present: Sequence[str]) -> list[str]:
    """Names that all could stand for the wanted one, where there are several."""
    alike = [name for name in present if folded(name) == folded(wanted)]
    return alike if len(alike) > 1 and wanted not in present else []


def nearest(wanted: str, present: Iterable[str]) -> str:
    """The name that most likely was meant; "" where none comes near."""
    by_fold = {folded(name): name for name in present}
    key = folded(wanted)
    inside = [name for name in by_fold if key and name.startswith(key) and not name[len(key) : len(key) + 1].isalpha()]
    close = inside or difflib.get_close_matches(key, by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else ""
