"""Find a feed that stopped or fell to a fraction: compare each table's last weeks with its past and with a year ago."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from statistics import median, quantiles
from typing import TypedDict

import ibis

from rind.common.guards import Finding
from rind.features.engine import reading
from rind.features.guards.settings import StoppedFeed
from rind.features.tables import TABLES

FEEDS = ("usage", "tickets", "interactions", "surveys", "invoices", "health_scores")
"""Tables to which rows are added week by week."""

NEVER_PLANNED = ("usage", "tickets", "surveys", "health_scores")
"""Of these no row is dated ahead: while one goes on, the others should."""

USUAL_WEEKS = 8
YEAR_WEEKS = range(51, 54)
"""How many weeks lie between a week and the same one a year before, holidays moving a little."""

Days = Mapping[date, int]


class LastWeeks(TypedDict):
    """The last weeks of a table beside its past.

    ``share`` of the usual rows, ``least`` of earlier weeks and of the season a year ago (at most 1), ``last`` day with
    a row, ``usual_a_week``: rows of a usual week.
    """

    share: float
    least: float
    last: date
    usual_a_week: float


def stopped_feeds(
    tables: Mapping[str, ibis.Table],
    present: Collection[str],
    until: date,
    usage: StoppedFeed,
    others: StoppedFeed,
    extend: bool = True,
) -> tuple[Finding, Finding]:
    """Whether the use of the product, or another table, stopped or fell to a fraction.

    Parameters
    ----------
    tables, present
        Canonical tables, and the names of those that the source has.
    until
        The last day that should be covered: the day before the scoring date.
    usage, others
        Thresholds for usage, on which everything rests, and for the other tables.
    extend
        Whether a table that goes on beyond ``until`` shows that the others should, too: for the newest date only.
    """
    days = {name: _rows_by_day(tables[name], name) for name in FEEDS if name in present}
    if extend:
        until = max([until, *(_alive_until(days[n]) or until for n in NEVER_PLANNED if n in days)])
    ratios = {name: last_weeks(by_day, until, usage if name == "usage" else others) for name, by_day in days.items()}
    return (
        _finding("stopped_usage", usage, {n: r for n, r in ratios.items() if n == "usage"}, until),
        _finding("stopped_feed", others, {n: r for n, r in ratios.items() if n != "usage"}, until),
    )


def last_weeks(days: Days, until: date, limits: StoppedFeed) -> LastWeeks | None:
    """Rows of the last weeks as a share of the usual, and the least that this share was before.

    None where the table has too few rows or weeks to have a rhythm.
    """
    held = [day for day in days if day <= until]
    if not held:
        return None
    weeks = _weeks(days, until, (until - min(held)).days // 7)
    if sum(w > 0 for w in weeks) < limits.fewest_weeks:
        return None
    shares = [_share(weeks[back:], limits.last_weeks) for back in range(len(weeks))]
    now, usual = shares[0] if shares else None, _usual(weeks, limits.last_weeks)
    if now is None or usual is None or usual < limits.fewest_rows_a_week:
        return None
    silence = next((back for back, s in enumerate(shares) if s is None or s >= limits.share_of_usual), 0)
    past = [s for s in shares[silence + limits.last_weeks : 104] if s is not None]  # the present silence is no past
    season = [s for back in YEAR_WEEKS if silence < back < len(shares) and (s := shares[back]) is not None]
    least = min([1.0, *([quantiles(past, n=20)[0]] if len(past) > 1 else past), *season])
    return {"share": round(now, 4), "least": round(max(least, 0.0), 4), "last": max(held), "usual_a_week": usual}


def _rows_by_day(table: ibis.Table, name: str) -> dict[date, int]:
    times = [table[c].cast("timestamp") for c in TABLES[name].happened if c in table.columns]
    dated = table.select(day=ibis.coalesce(*times).date())
    with reading(f"the table {name}"):
        rows = dated.filter(dated.day.notnull()).group_by("day").agg(rows=lambda t: t.count()).to_pyarrow().to_pylist()
    return {row["day"]: row["rows"] for row in rows}


def _weeks(days: Days, until: date, count: int) -> list[int]:
    """Rows of each week, the newest first; week 0 ends with the day ``until``."""
    weeks = [0] * count
    for day, rows in days.items():
        back = (until - day).days // 7
        if 0 <= back < count:
            weeks[back] += rows
    return weeks


def _usual(weeks: list[int], last: int) -> float | None:
    """The median of the eight weeks with rows before the last ones: weeks of silence are not usual."""
    before = [w for w in weeks[last:] if w > 0][:USUAL_WEEKS]
    return float(median(before)) if len(before) == USUAL_WEEKS else None


def _share(weeks: list[int], last: int) -> float | None:
    usual = _usual(weeks, last)
    return None if usual is None else sum(weeks[:last]) / (last * usual)


def _alive_until(days: Days) -> date | None:
    """The last day whose week held at least half of a usual one: a lone row is no life."""
    if len(days) < USUAL_WEEKS:
        return None
    typical = median(days.values())
    for day in sorted(days, reverse=True)[:400]:
        week = sum(days.get(day - timedelta(days=back), 0) for back in range(7))
        if days[day] >= typical / 2 and week >= 2 * typical:
            return day
    return None


def _finding(guard: str, limits: StoppedFeed, ratios: Mapping[str, LastWeeks | None], until: date) -> Finding:
    known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    low = {n: f for n, f in known.items() if f["share"] < limits.share_of_usual * f["least"]}
    if not low:
        return Finding(guard, "too odd", limits.answer, measured=known)
    parts = [
        f"{name} fell to {ratio['share']:.0%} of its usual {ratio['usual_a_week']:,.0f} rows a week in the "
        f"{limits.last_weeks} weeks until {until} (at such times it had {ratio['least']:.0%} or more; last row "
        f"{ratio['last']})"
        for name, ratio in low.items()
    ]
    check = "Has the feed died? Features read its missing rows as silence of the customers."
    return Finding(guard, "too odd", limits.answer, True, f"{'; '.join(parts)}.", check, known)
