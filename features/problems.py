"""What validation found, in words and as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TypedDict, cast

from rind.common.errors import HistoryError, ValidationError

NOBODY_LEFT, TOO_SHORT = "no account has ever left", "too little history"
NO_COHORT = "no account in the cohort of the scoring date"
HISTORY_RULES = (NOBODY_LEFT, TOO_SHORT, NO_COHORT)


@dataclass(frozen=True)
class Problem:
    """A broken rule: where, how many rows (0 where it is not about rows), a few of them, and the way out.

    Parameters
    ----------
    share
        Of the table's rows.
    limit
        The share up to which such rows are set aside; None where the rule is not about rows.
    """

    table: str
    column: str
    rule: str
    count: int
    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    hint: str = ""
    share: float = 0.0
    limit: float | None = None

    @property
    def place_and_rule(self) -> str:
        """How params.yaml names the rule, for a limit of its own: ``tickets.priority: value not allowed``."""
        return f"{_place(self)}: {self.rule}"


@dataclass(frozen=True)
class SetAsideAccounts:
    """How many accounts are set aside with all their rows, of how many."""

    count: int = 0
    of: int = 0

    @property
    def share(self) -> float:
        """Of all accounts; 0 where there are none."""
        return self.count / self.of if self.of else 0.0


class ProblemRecord(TypedDict):
    """A `Problem` in validation.json; ``set_aside`` is false where the rule ends the run."""

    table: str
    column: str
    rule: str
    count: int
    keys: tuple[str, ...]
    values: tuple[str, ...]
    hint: str
    share: float
    limit: float | None
    set_aside: bool


class AccountsRecord(TypedDict):
    """`SetAsideAccounts` in validation.json."""

    count: int
    of: int
    share: float


class ReportRecord(TypedDict):
    """What validation.json says of the rows of a source."""

    notes: tuple[str, ...]
    rows: Mapping[str, int]
    rules: list[ProblemRecord]
    accounts_set_aside: AccountsRecord
    data_end: str | None


@dataclass(frozen=True)
class Report:
    """All that is wrong with a source, and what is worth knowing.

    Parameters
    ----------
    problems
        Rules that are broken beyond the limits, or that are not about rows: these end a run.
    notes
        Not errors: absent tables and what that means, ignored columns, small oddities.
    rows
        Table -> number of rows, as it came.
    set_aside
        Rules that are broken within the limits: their rows are left out.
    accounts
        How many accounts are left out with all their rows.
    data_end
        As given, else the latest thing that happened; None where nothing has a date.
    """

    url: str
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    rows: Mapping[str, int]
    data_end: date | None
    set_aside: tuple[Problem, ...] = ()
    accounts: SetAsideAccounts = SetAsideAccounts()

    def raise_if_broken(self) -> None:
        """Raise one error that shows every broken rule: a HistoryError where only the history is too short."""
        if self.problems:
            only_history = all(problem.rule in HISTORY_RULES for problem in self.problems)
            kind = HistoryError if only_history else ValidationError
            raise kind(self.text(), "Correct this where the tables come from; `rind validate` checks them again.")

    def as_records(self) -> list[ProblemRecord]:
        """One plain dict per broken rule, for JSON or a table; ``set_aside`` is false where the rule ends the run."""
        broken = [(p, False) for p in self.problems] + [(p, True) for p in self.set_aside]
        return [cast(ProblemRecord, asdict(problem) | {"set_aside": aside}) for problem, aside in broken]

    def as_record(self) -> ReportRecord:
        """All of it as plain values, for JSON."""
        accounts = AccountsRecord(count=self.accounts.count, of=self.accounts.of, share=self.accounts.share)
        return {
            "notes": self.notes,
            "rows": self.rows,
            "rules": self.as_records(),
            "accounts_set_aside": accounts,
            "data_end": str(self.data_end) if self.data_end else None,
        }

    def text(self) -> str:
        """The problems as a table, then what to do about each, for a terminal; the notes are not in it."""
        if not self.problems and not self.set_aside:
            return f"{self.url} keeps every rule"
        parts = []
        if self.problems:
            parts += [f"{_rules(self.problems)} broken in {self.url}", "", *_table(self.problems), "", "What to do:"]
            parts += list(dict.fromkeys(f"  {_place(p)}, {p.rule}: {p.hint}" for p in self.problems if p.hint))
        if self.set_aside:
            parts += ["", ""] if self.problems else []
            parts += [f"Set aside in {self.url}, within the limits:", "", *_table(self.set_aside)]
            parts += [self._accounts_line()] if self.accounts.count else []
        return "\n".join(parts)

    def _accounts_line(self) -> str:
        accounts = self.accounts
        return f"with them {accounts.count:,} of {accounts.of:,} accounts ({accounts.share:.1%}) and all their rows"


def _rules(problems: tuple[Problem, ...]) -> str:
    return f"{len(problems)} rule{'s are' if len(problems) > 1 else ' is'}"


def _table(problems: tuple[Problem, ...]) -> list[str]:
    lines = [("table", "column", "rule", "rows", "share", "for example"), *(_cells(problem) for problem in problems)]
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    return [_line(line, widths) for line in lines]


def _cells(problem: Problem) -> tuple[str, ...]:
    examples = " | ".join(problem.keys)
    if problem.values and problem.values != problem.keys:
        examples += f"  (value{'s' if len(problem.values) > 1 else ''} {' | '.join(problem.values)})"
    count = f"{problem.count:,}" if problem.count else ""
    share = f"{problem.share:.1%}" if problem.count else ""
    return problem.table, problem.column, problem.rule, count, share, examples.strip()


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    texts = [cell.ljust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
    numbers = [cell.rjust(width) for cell, width in zip(cells[3:5], widths[3:], strict=True)]
    return "  ".join([*texts, *numbers, cells[5]]).rstrip()


def _place(problem: Problem) -> str:
    return f"{problem.table}.{problem.column}" if problem.column else problem.table
