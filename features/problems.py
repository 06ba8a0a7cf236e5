"""What validation found, in words and as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rind.common.errors import HistoryError, ValidationError

NOBODY_LEFT, TOO_SHORT = "no account has ever left", "too little history"
HISTORY_RULES = (NOBODY_LEFT, TOO_SHORT)


@dataclass(frozen=True)
class Problem:
    """A broken rule: where, how many rows (0 where it is not about rows), a few of them, and the way out."""

    table: str
    column: str
    rule: str
    count: int
    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Report:
    """All that is wrong with a source, and what is worth knowing.

    Parameters
    ----------
    notes
        Not errors: absent tables and what that means, ignored columns, small oddities.
    rows
        Table -> number of rows.
    data_end
        As given, else the latest thing that happened; None where nothing has a date.
    """

    url: str
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    rows: Mapping[str, int]
    data_end: date | None

    def raise_if_broken(self) -> None:
        """Raise one error that shows every broken rule: a HistoryError where only the history is too short."""
        if self.problems:
            only_history = all(problem.rule in HISTORY_RULES for problem in self.problems)
            kind = HistoryError if only_history else ValidationError
            raise kind(self.text(), "Correct this where the tables come from; `rind validate` checks them again.")

    def as_records(self) -> list[dict[str, Any]]:
        """One plain dict per broken rule, for JSON or a table."""
        return [asdict(problem) for problem in self.problems]

    def text(self) -> str:
        """The problems as a table, then what to do about each, for a terminal; the notes are not in it."""
        if not self.problems:
            return f"{self.url} keeps every rule"
        broken = f"{len(self.problems)} rule{'s are' if len(self.problems) > 1 else ' is'} broken"
        heading = ("table", "column", "rule", "rows", "for example")
        lines = [heading, *(_cells(problem) for problem in self.problems)]
        widths = [max(len(line[i]) for line in lines) for i in range(4)]
        table = [_line(line, widths) for line in lines]
        hints = dict.fromkeys(f"  {_place(p)}, {p.rule}: {p.hint}" for p in self.problems if p.hint)
        return "\n".join([f"{broken} in {self.url}", "", *table, "", "What to do:", *hints])


def _cells(problem: Problem) -> tuple[str, str, str, str, str]:
    examples = " | ".join(problem.keys)
    if problem.values and problem.values != problem.keys:
        examples += f"  (value{'s' if len(problem.values) > 1 else ''} {' | '.join(problem.values)})"
    count = f"{problem.count:,}" if problem.count else ""
    return problem.table, problem.column, problem.rule, count, examples


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(
        [
            cells[0].ljust(widths[0]),
            cells[1].ljust(widths[1]),
            cells[2].ljust(widths[2]),
            cells[3].rjust(widths[3]),
            cells[4],
        ]
    ).rstrip()


def _place(problem: Problem) -> str:
    return f"{problem.table}.{problem.column}" if problem.column else problem.table
