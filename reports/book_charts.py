"""Charts of the book of business."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rind.reports.charts import BLUE, FAINT, ORANGE, AnyChart, finish


def churn_funnel(compared: pd.DataFrame) -> AnyChart:
    """Churn of each CSM's book against what was expected of it, by the size of that expectation.

    Parameters
    ----------
    compared
        One row per CSM: csm, accounts, rate, expected, low, high, beyond_chance
        (`models.book.csm_churn.churn_by_csm`).
    """
    ratio = compared.assign(
        departures=compared["accounts"] * compared["expected"],
        **{name: compared[column] / compared["expected"]
           for name, column in (("ratio", "rate"), ("from", "low"), ("to", "high"))},
        kind=compared["beyond_chance"].map({True: "beyond chance", False: "within chance"}),
    ).sort_values("departures")  # fmt: skip
    base = alt.Chart(ratio).encode(x=alt.X("departures:Q", title="Departures expected", scale=alt.Scale(zero=False)))
    scale = alt.Scale(domain=[0, max(2.0, 1.1 * float(ratio[["ratio", "to"]].max().max()))])
    chance = base.mark_area(color=FAINT, opacity=0.7).encode(
        y=alt.Y("from:Q", title="Left, times the expectation", scale=scale), y2="to:Q"
    )
    even = alt.Chart(pd.DataFrame({"even": [1.0]})).mark_rule(strokeDash=[4, 3]).encode(y="even:Q")
    kinds = alt.Scale(domain=["within chance", "beyond chance"], range=[BLUE, ORANGE])
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        y=alt.Y("ratio:Q", scale=scale),
        color=alt.Color("kind:N", scale=kinds, legend=None),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds["domain"], range=["circle", "diamond"]), legend=None),
    )
    return finish(chance + even + points, "Departures of each book over those expected; the band is chance alone")
