"""The record of the watermelons as pictures: what they found, how early, and at what price."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from rind.reports.charts import BLUE, GREY, INK, ORANGE, AnyChart, finish

NEVER = "never flagged"
TEAL = "#009e73"
LOOKS = {  # name: (words, colour, shape)
    "watermelon": ("watermelon flags", BLUE, "circle"),
    "probability_only": ("highest risk, any health", TEAL, "diamond"),
    "lowest_health": ("lowest health of the green", ORANGE, "square"),
    "random_green": ("green accounts by lot", GREY, "triangle-up"),
}
LINES = {  # name: (words, colour, dash)
    "riskiest": ("by risk, as the flags are", BLUE, [1, 0]),
    "lowest_health": ("by lowest health", ORANGE, [6, 3]),
    "random_green": ("by lot", GREY, [2, 3]),
}


def recall_within(table: pd.DataFrame) -> AnyChart:
    """Green-churn recall within 30, 60 and 90 days, beside three simple rules.

    Parameters
    ----------
    table
        Of `models.watermelons.curves.recall_within`: rule, within_days, recall, low, high.
    """
    words = {name: look[0] for name, look in LOOKS.items() if name in set(table["rule"])}
    shown = table[table["rule"].isin(words)]
    shown = shown.assign(rule=shown["rule"].map(words), within="within " + shown["within_days"].astype(str) + " days")
    order = list(words.values())
    colours, shapes = ([LOOKS[name][part] for name in words] for part in (1, 2))
    base = alt.Chart(shown).encode(
        x=alt.X("within:N", title="Left", sort=None, axis=alt.Axis(labelAngle=0, ticks=False)),
        xOffset=alt.XOffset("rule:N", sort=order),
        color=alt.Color("rule:N", sort=order, scale=alt.Scale(domain=order, range=colours), legend=_legend()),
    )
    axis: dict[str, Any] = {
        "title": "Share that was flagged",
        "axis": alt.Axis(format=".0%", tickCount=5),
    }
    ranges = base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", **axis), y2="high:Q")
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        y=alt.Y("recall:Q", **axis), shape=alt.Shape("rule:N", sort=order, scale=alt.Scale(domain=order, range=shapes))
    )
    return finish(ranges + points, "Share of green churn that was flagged, with as many accounts by three other rules")


def labelled_lead_times(table: pd.DataFrame) -> pd.DataFrame:
    """The steps of `models.watermelons.curves.lead_times` as texts: days_ahead, accounts."""
    ends = zip(table["from_days"], table["to_days"], strict=True)
    words = [NEVER if pd.isna(first) else f"{first} to {last} days before" for first, last in ends]
    return pd.DataFrame({"days_ahead": words, "accounts": table["accounts"]})


def lead_times(table: pd.DataFrame) -> AnyChart:
    """How early green churn was first flagged.

    Parameters
    ----------
    table
        Of `labelled_lead_times`: days_ahead (text, in order), accounts; the last row: never flagged.
    """
    last = table["days_ahead"].iloc[-1]
    shown = table.assign(flagged=table["days_ahead"] != last)
    most = 1.1 * max(float(shown["accounts"].max()), 1.0)
    base = alt.Chart(shown).encode(
        y=alt.Y("days_ahead:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=200)),
        x=alt.X("accounts:Q", title="Accounts that left while green, by first flag", scale=alt.Scale(domain=[0, most])),
    )
    bars = base.mark_bar().encode(color=alt.condition("datum.flagged", alt.value(BLUE), alt.value(GREY)))
    labels = base.mark_text(align="left", dx=4, color=INK).encode(text="accounts:Q")
    return finish(bars + labels, "How many days before leaving green churn was first flagged", alt.Step(28))


def trade_off(table: pd.DataFrame) -> AnyChart:
    """Precision against recall, as more or fewer of the green are flagged.

    Parameters
    ----------
    table
        Of `models.watermelons.curves.trade_off`: rule, share, recall, precision, low, high.
    """
    words = {name: look[0] for name, look in LINES.items()}
    lines = table[table["rule"].isin(words)]
    lines = lines.assign(rule=lines["rule"].map(words))
    order, colours, dashes = list(words.values()), *([LINES[n][part] for n in words] for part in (1, 2))
    domain = alt.Scale(domain=order, range=colours)
    base = alt.Chart(lines).encode(
        x=alt.X("recall:Q", title="Share of the green churn that is flagged", axis=alt.Axis(format=".0%", tickCount=6)),
        color=alt.Color("rule:N", sort=order, scale=domain, legend=_legend("stroke")),
    )
    precision: dict[str, Any] = {"title": "Share of the flagged that leave", "scale": alt.Scale(domainMin=0)}
    precision["axis"] = alt.Axis(format=".0%", tickCount=5)
    band = base.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", **precision), y2="high:Q")
    curve = base.mark_line().encode(
        y=alt.Y("precision:Q", **precision),
        order="share:Q",
        strokeDash=alt.StrokeDash("rule:N", sort=order, scale=alt.Scale(domain=order, range=dashes)),
    )
    tenth = lines[lines["share"].round(3).isin([0.02, 0.05, 0.1, 0.2, 0.5]) & (lines["rule"] == words["riskiest"])]
    marks = alt.Chart(tenth).encode(x="recall:Q", y="precision:Q")
    dots = marks.mark_point(filled=True, size=35, color=BLUE, opacity=1)
    texts = marks.mark_text(align="left", dx=6, dy=-7, color=INK).encode(text=alt.Text("share:Q", format=".0%"))
    made = alt.Chart(table[table["rule"] == "watermelon"]).encode(x="recall:Q", y="precision:Q")
    diamond = made.mark_point(shape="diamond", size=130, color=INK, filled=True, opacity=1)
    label = made.mark_text(align="right", dx=-8, dy=10, color=INK).encode(text=alt.value("as flagged"))
    return finish(
        band + curve + dots + texts + diamond + label,
        "Precision against recall as more of the green are flagged; per cent: the share flagged; diamond: as made",
    )


def _legend(symbol: str | alt.UndefinedType = alt.Undefined) -> alt.Legend:
    return alt.Legend(columns=1, symbolOpacity=1, symbolType=symbol)  # room for wider fonts
