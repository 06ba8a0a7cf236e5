"""One moment drawn from start to end: where it was found, what followed, and whether it holds."""

from __future__ import annotations

from textwrap import wrap

import altair as alt
import pandas as pd

from rind.common.facts.moments import MomentDetail
from rind.reports.charts import BLUE, CONFIG, GREY, INK, ORANGE, AnyChart

SIDES = ["reached it", "did not"]
WIDTH, HEIGHT = 250, 230
LETTERS = 34  # of a title that one line holds
MONTH = "timeFormat(toDate(datum.value), '%b %Y')"
GRID, CURVES, COHORTS = "Grid of counts and windows", "Retention curves", "Difference by cohort"


def drawn(detail: MomentDetail) -> dict[str, AnyChart]:
    """The charts of one moment of moments.json: `GRID`, `CURVES`, `COHORTS`, as far as there is something to draw."""
    grid, curves, cohorts = (pd.DataFrame(detail[name]) for name in ("surface", "curves", "cohorts"))
    charts = {}
    if len(grid):
        charts[GRID] = surface(grid, int(detail["count"]), int(detail["within_days"]))
    if len(curves):
        charts[CURVES] = retention(curves)
    if len(cohorts):
        charts[COHORTS] = stability(cohorts)
    return charts


def surface(rows: pd.DataFrame, count: int, within_days: int) -> AnyChart:
    """The grid of one behaviour: one cell per (count, within_days) with its ``adjusted`` z; the moment is framed."""
    cells = rows.assign(chosen=(rows["count"] == count) & (rows["within_days"] == within_days))
    base = alt.Chart(cells).encode(
        x=alt.X("count:O", title="At least so many", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("within_days:O", title="Within days", sort="descending"),
    )
    heat = base.mark_rect().encode(
        color=alt.Color(
            "adjusted:Q",
            title="z beside day 0 and other use",
            scale=alt.Scale(scheme="blues", domainMin=0),
            legend=alt.Legend(orient="right", title="z"),
        )
    )
    frame = base.transform_filter("datum.chosen").mark_rect(filled=False, stroke=ORANGE, strokeWidth=3)
    return _finish(heat + frame, "Every count and window; the frame is the moment")


def retention(rows: pd.DataFrame) -> AnyChart:
    """Kaplan-Meier curves (`models.moments.moment_curves.curves`) of those that reached the moment, and of the rest."""
    named = rows.assign(side=rows["reached"].map({True: SIDES[0], False: SIDES[1]}))
    colour = alt.Color("side:N", sort=SIDES, scale=alt.Scale(domain=SIDES, range=[BLUE, ORANGE]))
    dash = alt.StrokeDash("side:N", sort=SIDES, scale=alt.Scale(domain=SIDES, range=[[1, 0], [6, 3]]))
    base = alt.Chart(named).encode(x=alt.X("day:Q", title="Days after signing", scale=alt.Scale(nice=False)))
    low = min(0.9, float(rows["low"].min())) if len(rows) else 0.0
    share = alt.Y("retention:Q", title="Still a customer", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[low, 1]))
    band = base.mark_area(interpolate="step-after", opacity=0.15).encode(
        y=alt.Y("low:Q", title="Still a customer"), y2="high:Q", color=colour
    )
    line = base.mark_line(interpolate="step-after").encode(y=share, color=colour, strokeDash=dash)
    return _finish(band + line, "Retention on the cohorts that confirmed, with 95 % intervals")


def stability(rows: pd.DataFrame) -> AnyChart:
    """The difference in retention cohort by cohort (`models.moments.moment_curves.by_cohort`)."""
    base = alt.Chart(rows).encode(
        x=alt.X("cohort:O", title="Signed in the half-year from", axis=alt.Axis(labelAngle=-40, labelExpr=MONTH))
    )
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=GREY, strokeDash=[2, 3]).encode(y="y:Q")
    ranges = base.mark_rule(color=INK, strokeWidth=1.5).encode(
        y=alt.Y("low:Q", title="Difference in retention", axis=alt.Axis(format="%")), y2="high:Q"
    )
    points = base.mark_point(filled=True, size=60, color=BLUE, opacity=1).encode(y="difference:Q")
    return _finish(zero + ranges + points, "The difference that it makes, by cohort, with 95 % intervals")


def _finish(chart: AnyChart, title: str) -> AnyChart:
    finished: AnyChart = chart.properties(width=WIDTH, height=HEIGHT, title=wrap(title, LETTERS)).configure(**CONFIG)
    return finished
