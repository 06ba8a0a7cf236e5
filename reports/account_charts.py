"""The charts of one account; the style is that of `reports.charts`."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from rind.common.bands import RED
from rind.reports.charts import BAND_COLOURS, BLUE, CONFIG, GREY, INK, ORANGE, AnyChart

TALL, LOW = 230, 130
LABELS = 110  # pixels that the names of the bars may take
AS_RISK = "datum.value < 0 ? '' : datum.value + ' %'"
"""A sum on the way may lie below nothing: it has no label."""


def risk_history(history: pd.DataFrame, renewals: pd.DataFrame, red_from: float, width: int = 620) -> AnyChart:
    """The churn probability of past weeks, each by the model that could have existed then.

    Parameters
    ----------
    history
        One row per as_of: as_of (datetime64), churn_probability (0..1).
    renewals
        One row per term end inside the span: term_ends_on (datetime64); drawn as dashed lines.
    red_from
        Where the red band begins today.
    width
        Pixels; a picture for a phone is drawn narrow, so that its letters stay as large.
    """
    most = max(1.15 * red_from, 1.1 * float(history["churn_probability"].max())) if len(history) else 1.0
    time = alt.X("as_of:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=6))
    height = alt.Scale(domain=[0, min(most, 1.0)])
    risk = alt.Y("churn_probability:Q", title="Churn risk", scale=height, axis=alt.Axis(format=".0%", tickCount=5))
    line = alt.Chart(history[["as_of", "churn_probability"]]).mark_line(color=BLUE, strokeWidth=2)
    line = line.encode(x=time, y=risk)
    last = alt.Chart(history[["as_of", "churn_probability"]].tail(1)).mark_point(
        color=BLUE, filled=True, size=70, opacity=1
    ).encode(x=time, y=alt.Y("churn_probability:Q", scale=height))  # fmt: skip
    limit = alt.Chart(pd.DataFrame({"limit": [red_from], "words": ["red band"]}))
    red = limit.mark_rule(color=BAND_COLOURS[RED], strokeDash=[4, 3]).encode(y=alt.Y("limit:Q", scale=height))
    named = limit.mark_text(align="left", baseline="bottom", dx=3, dy=-3, fontSize=12).encode(
        x=alt.value(0), y=alt.Y("limit:Q", scale=height), text="words:N"
    )
    ends = alt.Chart(renewals[["term_ends_on"]].assign(words="renewal"))
    terms = ends.mark_rule(color=GREY, strokeDash=[2, 3], strokeWidth=1.5).encode(x="term_ends_on:T")
    end_labels = ends.mark_text(align="right", baseline="top", angle=270, dx=-3, dy=3, fontSize=12).encode(
        x="term_ends_on:T", y=alt.value(0), text="words:N"
    )
    layers = [terms, end_labels] if len(renewals) else []
    chart: Any = alt.layer(*layers, red, named, line, last)
    return _styled(chart, width, TALL, "Churn risk over the past weeks")


def waterfall(parts: pd.DataFrame, width: int = 500) -> AnyChart:
    """From the average account to this one, family by family.

    Parameters
    ----------
    parts
        In order, one row per bar: what (words), start and stop (per cent), kind: "up", "down" or "total".
        A bar's length is what the family adds, in points.
    """
    order = list(parts["what"])
    shown = parts.assign(by=(parts["stop"] - parts["start"]).map(_points))
    shown["words"] = shown["by"].where(shown["kind"] != "total", "")
    shown["end"] = shown[["start", "stop"]].max(axis=1)
    shown["begin"] = shown[["start", "stop"]].min(axis=1)
    totals = shown["kind"] == "total"
    low, high = float(shown.loc[:, "begin"].min()), float(shown.loc[:, "end"].max())
    room = 0.12 * max(high - low, 1.0)
    domain = [min(low - room, 0.0) if low < 0 else 0.0, high + room]
    shown.loc[totals, "begin"] = domain[0]
    scale = alt.Scale(domain=domain, nice=False)
    kinds = alt.Scale(domain=["up", "down", "total"], range=[ORANGE, BLUE, GREY])
    base = alt.Chart(shown).encode(
        y=alt.Y("what:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, minExtent=LABELS))
    )
    bars = base.mark_bar(height=16).encode(
        x=alt.X("begin:Q", title="Churn risk", scale=scale, axis=alt.Axis(labelExpr=AS_RISK, tickCount=5)),
        x2="end:Q",
        color=alt.Color("kind:N", scale=kinds, legend=None),
    )
    words = base.mark_text(align="left", dx=4, fontSize=12).encode(x=alt.X("end:Q", scale=scale), text="words:N")
    return _styled(bars + words, width, alt.Step(26), "What lifts and lowers the risk of this account, by family")


def _points(change: float) -> str:
    """ "+12", "-3", "under 1": whole points."""
    return f"{change:+.0f}" if round(change) else "under 1"


def small_series(series: pd.DataFrame, counts: bool = True, width: int = 500) -> AnyChart:
    """One feature of one account through time.

    Parameters
    ----------
    series
        One row per as_of: as_of (datetime64), value.
    counts
        Whether the values are whole numbers; the axis then has whole ticks.
    """
    axis = alt.Axis(tickCount=3, tickMinStep=1) if counts else alt.Axis(tickCount=3)
    if series.empty:
        words = alt.Chart(pd.DataFrame({"words": ["nothing is known here yet"]})).mark_text(color=GREY, fontSize=12)
        return _styled(words.encode(text="words:N"), width, LOW, "No values")
    chart = alt.Chart(series[["as_of", "value"]]).encode(
        x=alt.X("as_of:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=4)),
        y=alt.Y("value:Q", title=None, axis=axis),
    )
    line = chart.mark_line(color=BLUE, interpolate="step-after", strokeWidth=1.8)
    return _styled(
        line + chart.mark_area(color=BLUE, opacity=0.08, interpolate="step-after"), width, LOW, "A measure through time"
    )


def _styled(chart: AnyChart, width: int, height: float | alt.Step, description: str) -> AnyChart:
    styled = chart.properties(width=width, height=height, description=description)
    styled.config = alt.Config.from_dict({**CONFIG, "text": {"color": INK, "fontSize": 12}})
    return styled
