"""Rows that come too late to be true: dated in the future, after the given data end, or long after all others."""

from __future__ import annotations

from collections.abc import Sequence

from rind.common.guards import Finding
from rind.features.guards.settings import LateRows
from rind.features.problems import Problem
from rind.features.rules import AFTER_DATA_END, IN_THE_FUTURE, LONG_AFTER


def late_rows(set_aside: Sequence[Problem], limits: LateRows) -> Finding:
    """Whether many rows of a table lie beyond today, or beyond what the table covers.

    Parameters
    ----------
    set_aside
        The broken rules of validation, whose rows took no part. A row counts once for each date of it that is late.
    """
    late = [problem for problem in set_aside if _is_late(problem.rule)]
    by_table = {p.table: [other for other in late if other.table == p.table] for p in late}
    measured = {name: round(sum(p.share for p in of_table), 6) for name, of_table in by_table.items()}
    alarmed = {
        name: of_table
        for name, of_table in by_table.items()
        if measured[name] > limits.share_of_rows and sum(p.count for p in of_table) >= limits.fewest_rows
    }
    if not alarmed:
        return Finding("late_rows", "too late", limits.answer, measured=measured)
    rules = [problem for of_table in alarmed.values() for problem in of_table]
    parts = [f"{p.count:,} rows of {p.table} ({p.share:.1%}) with {p.column} {p.rule}" for p in rules]
    evidence = f"Rows with dates that cannot be were left out: {'; '.join(parts)}."
    given = "the data end that was given, " if any(p.rule.startswith(AFTER_DATA_END) for p in rules) else ""
    check = f"Check {given}the order of day and month, the time zone, and the clock of the system that writes them."
    return Finding("late_rows", "too late", limits.answer, True, evidence, check, measured)


def _is_late(rule: str) -> bool:
    return rule in (IN_THE_FUTURE, LONG_AFTER) or rule.startswith(AFTER_DATA_END)
