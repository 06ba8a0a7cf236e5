"""The charts of the notebooks that look at features; the style is that of `reports.charts`."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from rind.reports.charts import BLUE, CONFIG, FAINT, GREY, INK, ORANGE

PANEL_WIDTH, PANEL_HEIGHT = 200, 110
Panels = alt.Chart | alt.LayerChart | alt.FacetChart | alt.ConcatChart | alt.VConcatChart
OUTCOMES = {1.0: "left", 0.0: "stayed"}


def distributions(
    known: pd.DataFrame, features: Sequence[str], catalogue: pd.DataFrame, bins: int = 15, columns: int = 3
) -> Panels:
    """How a feature is spread among those that left and those that stayed, each adding up to 100 %.

    Parameters
    ----------
    known
        One row per (account_id, as_of): churned 1/0, the features (numeric).
    features
        Which to draw. Values beyond the 1st and 99th percentile are drawn at these.
    """
    words = catalogue.set_index("name")["description"]
    panels = [_distribution(known, name, str(words[name]), bins) for name in features]
    return _styled(alt.concat(*panels, columns=columns))


def missing_over_time(missing: pd.DataFrame) -> Panels:
    """`reports.exploration.missing_by_family` as lines: a family that jumps is a table that began or stopped."""
    chart = alt.Chart(missing).mark_line(point=True).encode(
        x=alt.X("month:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=8)),
        y=alt.Y("missing:Q", title="Empty cells", axis=alt.Axis(format=".0%", tickCount=4)),
        color=alt.value(BLUE),
    ).properties(width=PANEL_WIDTH, height=PANEL_HEIGHT)  # fmt: skip
    return _styled(chart.facet(alt.Facet("family:N", title=None), columns=3))


def association_over_time(associations: pd.DataFrame, catalogue: pd.DataFrame) -> Panels:
    """`reports.exploration.association` as a map; a number stands where it is beyond noise.

    Orange: more of it goes with leaving; blue: with staying.
    """
    words = catalogue.set_index("name")["description"]
    shown = associations.assign(
        words=associations["feature"].map(words),
        clear=associations["correlation"].abs() > associations["noise"],
        text=associations["correlation"].map("{:+.2f}".format),
    )
    most = max(0.1, float(shown["correlation"].abs().max())) if len(shown) else 0.1
    order = shown.groupby(["family", "words"])["correlation"].mean().sort_values().index
    base = alt.Chart(shown).encode(
        x=alt.X("quarter:O", title=None, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("words:N", title=None, sort=[w for _, w in order], axis=alt.Axis(labelLimit=400)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "correlation:Q",
            title="rank correlation with churn",
            scale=alt.Scale(domain=[-most, 0, most], range=[BLUE, "#ffffff", ORANGE], interpolate="rgb"),
            legend=alt.Legend(orient="bottom", format="+.2f", gradientLength=240, title="rank correlation with churn"),
        )
    )
    labels = base.transform_filter("datum.clear").mark_text(color=INK, fontSize=11).encode(text="text:N")
    return _styled((cells + labels).properties(width=alt.Step(62), height=alt.Step(20)))


def story(curves: pd.DataFrame, left_on: pd.Timestamp | None = None) -> Panels:
    """One account through time, a panel a curve (`reports.story.curves`), on one axis of time.

    ``left_on``: a dashed line where the account left.
    """
    titles = list(dict.fromkeys(curves["panel"]))
    ends = [curves["as_of"].min(), max(curves["as_of"].max(), left_on or curves["as_of"].max())]
    axis = alt.Axis(format="%b %Y", tickCount=8)
    time = alt.Scale(domain=[end.isoformat() for end in ends])
    panels = []
    for title in titles:
        rows = curves[curves["panel"] == title]
        chart = alt.Chart(rows).mark_line(color=BLUE, interpolate="step-after").encode(
            x=alt.X("as_of:T", title=None, axis=axis, scale=time),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4), scale=alt.Scale(zero=True)),
        )  # fmt: skip
        if left_on is not None:
            end = alt.Chart(pd.DataFrame({"as_of": [left_on]})).mark_rule(color=GREY, strokeDash=[4, 3])
            chart = chart + end.encode(x="as_of:T")
        panels.append(chart.properties(width=560, height=80, title=title))
    return _styled(alt.vconcat(*panels, spacing=12))


def search_trials(trials: pd.DataFrame) -> Panels:
    """The log loss of every trial of the search (`reports.review.trials`), and the best so far."""
    rows = trials.sort_values("trial").assign(best=lambda t: t["log_loss"].cummin())
    base = alt.Chart(rows).encode(x=alt.X("trial:O", title="Trial", axis=alt.Axis(labelAngle=0)))
    axis = alt.Y("log_loss:Q", title="Log loss, inner folds", scale=alt.Scale(zero=False))
    points = base.mark_point(filled=True, color=GREY, size=60).encode(y=axis)
    best = base.mark_line(color=BLUE, interpolate="step-after").encode(y=alt.Y("best:Q", title="Log loss, inner folds"))
    return _styled((points + best).properties(width=420, height=180))


def _distribution(known: pd.DataFrame, name: str, title: str, bins: int) -> alt.Chart:
    values = known[name].astype("float64")
    values = values.clip(*values.quantile([0.01, 0.99]))
    outcome = known["churned"].map(OUTCOMES)
    binned = pd.cut(values, bins=min(bins, max(values.nunique(), 2)))
    share = binned.groupby(outcome).value_counts(normalize=True, sort=False).rename("share").rename_axis(["who", "bin"])
    table = share.reset_index()
    table["value"] = [interval.mid for interval in table["bin"]]
    chart: alt.Chart = alt.Chart(table.drop(columns="bin")).mark_line(interpolate="step").encode(
        x=alt.X("value:Q", title=None, axis=alt.Axis(tickCount=5)),
        y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=3)),
        color=alt.Color("who:N", scale=alt.Scale(domain=["stayed", "left"], range=[BLUE, ORANGE])),
        strokeDash=alt.StrokeDash("who:N", scale=alt.Scale(domain=["stayed", "left"], range=[[1, 0], [6, 3]])),
    )  # fmt: skip
    heading = alt.TitleParams(_lines(title), fontSize=11, fontWeight="normal", color=INK)
    return chart.properties(width=PANEL_WIDTH, height=PANEL_HEIGHT, title=heading)


def _lines(text: str, width: int = 38) -> list[str]:
    lines = [""]
    for word in text.split():
        lines = [*lines[:-1], f"{lines[-1]} {word}".strip()] if len(lines[-1]) + len(word) < width else [*lines, word]
    return lines


def _styled(chart: Panels) -> Panels:
    chart.config = alt.Config.from_dict(
        {**CONFIG, "header": {"labelFontSize": 12, "labelColor": INK}, "rect": {"stroke": FAINT}}
    )
    return chart
