"""Sums by month over segment, CSM and plan, and the measures that are quotients of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import ibis
import ibis.expr.types as ir
from ibis import _

ALL = "all"
"""In the place of a segment, a CSM or a plan: summed over."""

DIMENSIONS = ("segment", "csm", "plan")
KEPT: tuple[tuple[str, ...], ...] = ((), ("segment",), ("csm",), ("segment", "csm"), ("plan",), ("segment", "plan"))
"""The dimensions by which sums are told; the others are summed over. By plan and CSM at once cells are too small."""


@dataclass(frozen=True)
class Measure:
    """A number of the book: the sum of a column, or a quotient of two sums.

    Parameters
    ----------
    metric
        Its name in kpis.parquet.
    numerator, denominator
        Columns of sums; denominator "": the measure is the sum itself.
    times
        What the quotient is multiplied by.
    """

    metric: str
    numerator: str
    denominator: str = ""
    times: float = 1.0


def rolled_up(cells: ir.Table, sums: Sequence[str]) -> ir.Table:
    """The sums of the cells over every combination of `KEPT`.

    Parameters
    ----------
    cells
        month, segment, csm, plan (all text, "" for none) and the columns ``sums``; any number of rows a cell.

    Returns
    -------
    ibis.Table
        One row per month and combination that holds a cell: month, segment, csm, plan (`ALL` where summed over), sums.
        A sum is null where every cell of it is.
    """
    cells = cells.mutate(**{name: named(cells[name]) for name in DIMENSIONS})
    added = {name: _[name].sum().cast("float64") for name in sums}
    smallest = cells.group_by("month", *DIMENSIONS).agg(**added).cache()  # the facts are read once
    parts = []
    for kept in KEPT:
        grouped = smallest.group_by("month", *kept).agg(**added)
        summed = {name: ibis.literal(ALL) for name in DIMENSIONS if name not in kept}
        parts.append(grouped.mutate(**summed).select("month", *DIMENSIONS, *sums))
    return reduce(lambda one, other: one.union(other), parts)


def named(column: ir.StringValue) -> ir.StringValue:
    """A name of its own for who is really called "all"."""
    return ibis.ifelse(column.fill_null("") == ALL, "all ", column.fill_null("").cast("string"))


def measured(sums: ir.Table, measures: Sequence[Measure]) -> ir.Table:
    """Every measure of every row of sums.

    Returns
    -------
    ibis.Table
        One row per (month, segment, csm, plan, metric): value, numerator, denominator: float64. Quotients by 0, and
        measures without a numerator, are absent.
    """
    rows = reduce(lambda one, other: one.union(other), [_rows(sums, measure) for measure in measures])
    return rows.filter(_.value.notnull())


def _rows(sums: ir.Table, measure: Measure) -> ir.Table:
    numerator = sums[measure.numerator]
    if measure.denominator:
        denominator = sums[measure.denominator].nullif(0.0)
        value = measure.times * numerator / denominator
    else:
        denominator, value = ibis.null("float64"), measure.times * numerator
    columns = {"metric": ibis.literal(measure.metric), "value": value.cast("float64")}
    return sums.select("month", *DIMENSIONS, **columns, numerator=numerator, denominator=denominator)
