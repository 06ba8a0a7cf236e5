"""The charts, declared once for page, notebooks and MLflow alike; pictures are made without a browser.

Colours are those of Okabe and Ito (told apart by colour-blind readers and in grey print); where colour carries
meaning, shape, dash or a label carries it too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from rind.common.bands import AMBER, GREEN, RED
from rind.common.files import atomic_path

INK, FAINT = "#1f2933", "#d5dbe1"  # the page swaps these for its own in the dark
BLUE, ORANGE, GREY = "#0072b2", "#c65102", "#7a8691"
BAND_COLOURS = {RED: "#c0392b", AMBER: "#e69f00", GREEN: "#009e73"}
MODELS, BASELINES = ("model", "baseline"), ([BLUE, ORANGE], [[1, 0], [6, 3]])
MOST_MARKS = 1500
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#ffffff",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "labelColor": INK,
        "titleColor": INK, "gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT, "titlePadding": 8,
    },
    "legend": {
        "labelFontSize": 13, "labelColor": INK, "title": None, "orient": "top", "symbolStrokeWidth": 2,
        "labelLimit": 300,
    },
    "title": {"color": INK, "subtitleColor": INK, "anchor": "start", "fontSize": 14, "offset": 10},
    "text": {"color": INK, "fontSize": 13},
}  # fmt: skip
WIDTH, HEIGHT = 290, 240
"""Pixels, without the axes: a chart is about as wide as a phone, so that its letters are as large there as drawn."""

WRITING: dict[str, Any] = {
    "decimal": ".",
    "thousands": ",",
    "grouping": [3],
    "currency": ["", ""],
    "percent": "\u00a0%",
}
"""How the axes write numbers: as the words do (12 %)."""

AnyChart = alt.Chart | alt.LayerChart


def reliability(bins: pd.DataFrame) -> AnyChart:
    """Predicted against observed churn, out of sample.

    Parameters
    ----------
    bins
        One row per (model, bin): model ("model" or "baseline"), predicted and observed (mean probability and
        share of churn, 0..1), low and high (95 % interval of observed), accounts (rows in the bin).
    """
    most = float(bins[["predicted", "high"]].max().max()) if len(bins) else 1.0
    base = alt.Chart(bins).encode(x=_share("predicted", "Predicted probability of churn"), **_by_model())
    perfect = _diagonal(most).encode(x="x:Q", y="y:Q")
    ranges = base.mark_rule(strokeWidth=1.5).encode(
        y=_share("low", "Observed share of churn"), y2="high:Q", strokeDash=alt.value([1, 0])
    )
    points = base.mark_line(point=alt.OverlayMarkDef(size=60)).encode(y=_share("observed", ""))
    return finish(perfect + ranges + points, "Predicted and observed churn; the dotted line is a perfect forecast")


def gains(curve: pd.DataFrame) -> AnyChart:
    """How much of the churn the top of the list holds.

    Parameters
    ----------
    curve
        One row per (model, share): model, share_of_accounts (from the top of the list) and share_of_churn
        (held by them), both 0..1.
    """
    lines = alt.Chart(curve).mark_line().encode(
        x=_share("share_of_accounts", "Share of accounts, riskiest first"),
        y=_share("share_of_churn", "Share of the churn found"),
        **_by_model(),
    )  # fmt: skip
    return finish(
        _diagonal(1.0).encode(x="x:Q", y="y:Q") + lines,
        "Share of the churn found among the riskiest accounts; the dotted line is chance",
    )


def auc_over_folds(folds: pd.DataFrame) -> AnyChart:
    """AUC through time, with intervals.

    Parameters
    ----------
    folds
        One row per (model, fold): model, test_from (first as_of of the test), auc, low, high (95 % interval).
    """
    starts = pd.to_datetime(folds["test_from"])
    beside = 0.008 * (starts.max() - starts.min())  # so that two intervals of one week do not hide each other
    folds = folds.assign(test_from=starts.mask(folds["model"] == "baseline", starts + beside))
    base = alt.Chart(folds).encode(
        x=alt.X("test_from:T", title="First week of the test", axis=alt.Axis(format="%b %Y", tickCount=6)),
        **_by_model(),
    )
    axis = alt.Y("low:Q", title="AUC", scale=alt.Scale(zero=False))
    chance = alt.Chart(pd.DataFrame({"auc": [0.5]})).mark_rule(color=GREY, strokeDash=[2, 3]).encode(y="auc:Q")
    ranges = base.mark_rule(strokeWidth=1.5).encode(y=axis, y2="high:Q", strokeDash=alt.value([1, 0]))
    points = base.mark_line(point=alt.OverlayMarkDef(size=60)).encode(y="auc:Q")
    return finish(chance + ranges + points, "AUC of every fold with its interval; the dotted line is chance")


def family_importance(families: pd.DataFrame) -> AnyChart:
    """What the scores rest on.

    Parameters
    ----------
    families
        One row per family: family, importance (mean over accounts of the absolute sum of the family's SHAP
        values, log-odds).
    """
    most = 1.1 * float(families["importance"].max()) if len(families) else 1.0  # room for the labels
    base = alt.Chart(families).encode(
        y=alt.Y("family:N", sort="-x", title=None, axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X("importance:Q", title="Mean push on the score, log-odds", scale=alt.Scale(domain=[0, most])),
    )
    labels = base.mark_text(align="left", dx=4).encode(text=alt.Text("importance:Q", format=".2f"))
    return finish(base.mark_bar(color=BLUE) + labels, "How much each family of facts moves the scores", alt.Step(28))


def health_quadrant(risk_list: pd.DataFrame, green_from: float, red_from: float) -> AnyChart:
    """The company's health score against the model: watermelons sit in the upper right.

    Parameters
    ----------
    risk_list
        One row per account: health_score (0-100), churn_probability (0..1), mrr, watermelon. Accounts
        without a health score are not drawn; of more than 1,500, a part of those that are no watermelons.
    green_from, red_from
        Where the health score turns green and the probability red.
    """
    drawn = _thinned(risk_list[risk_list["health_score"].notna()])
    points = pd.DataFrame(
        {
            "health_score": drawn["health_score"].astype(float),
            "churn_probability": drawn["churn_probability"].astype(float),
            "mrr": drawn["mrr"].astype(float).fillna(0.0),
            "kind": drawn["watermelon"].astype(bool).map({True: "watermelon", False: "other account"}),
            "account_id": drawn.get("account_id", pd.Series("", index=drawn.index)),
        }
    )
    kinds = ["watermelon", "other account"]
    marks = alt.Chart(points).mark_point(filled=True).encode(
        x=alt.X("health_score:Q", title="Health score", scale=alt.Scale(domain=[0, 100])),
        y=_share("churn_probability", "Probability of churn"),
        size=alt.Size("mrr:Q", legend=None, scale=alt.Scale(range=[60, 320])),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[BAND_COLOURS[RED], GREY])),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle"])),
        opacity=alt.condition("datum.kind === 'watermelon'", alt.value(0.95), alt.value(0.35)),
        description="account_id:N",  # by which a page makes each point a link
    )  # fmt: skip
    limits = pd.DataFrame({"health": [green_from], "risk": [red_from]})
    lines = alt.Chart(limits).mark_rule(color=GREY, strokeDash=[4, 3])
    return finish(
        marks + lines.encode(x="health:Q") + lines.encode(y="risk:Q"),
        "Health score against risk; watermelons are green by their score and at risk by the model; size is MRR",
    )


def probabilities(risk_list: pd.DataFrame) -> AnyChart:
    """How the probabilities are spread over the accounts.

    Parameters
    ----------
    risk_list
        One row per account: churn_probability (0..1), risk_band.
    """
    shown = risk_list[["churn_probability", "risk_band"]]
    chart = alt.Chart(shown).mark_bar().encode(
        x=alt.X("churn_probability:Q", title="Probability of churn", axis=alt.Axis(format=".0%")).bin(maxbins=40),
        y=alt.Y("count():Q", title="Accounts"),
        color=alt.Color(
            "risk_band:N",
            scale=alt.Scale(domain=list(BAND_COLOURS), range=list(BAND_COLOURS.values())),
            sort=list(BAND_COLOURS),
        ),
    )  # fmt: skip
    return finish(chart, "How many accounts have which probability of churn, by band")


def to_svg(chart: AnyChart) -> str:
    """The chart as an SVG text; no browser, no network."""
    return str(vl_convert.vegalite_to_svg(_specification(chart), format_locale=WRITING))


def to_png(chart: AnyChart, path: Path, scale: float = 2.0) -> None:
    """Write the chart as a PNG, atomically; ``scale`` 2 is sharp on paper and on dense screens."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(vl_convert.vegalite_to_png(_specification(chart), scale=scale, format_locale=WRITING))


def _specification(chart: AnyChart) -> dict[str, Any]:
    with alt.data_transformers.enable("default", max_rows=None):
        return dict(chart.to_dict())


def finish(chart: AnyChart, description: str, height: float | alt.Step = HEIGHT) -> AnyChart:
    """The chart in the house's size and style, described for screen readers."""
    styled = chart.properties(width=WIDTH, height=height, description=description)
    styled.config = alt.Config.from_dict(CONFIG)
    return styled


def _share(column: str, title: str) -> Any:
    axis = alt.Axis(format=".0%", tickCount=5)
    channel = alt.X if column in ("predicted", "share_of_accounts") else alt.Y
    return channel(f"{column}:Q", title=title, axis=axis)


def _by_model() -> dict[str, Any]:
    colours, dashes = BASELINES
    return {
        "color": alt.Color(
            "model:N",
            legend=alt.Legend(symbolType="stroke"),
            sort=list(MODELS),
            scale=alt.Scale(domain=list(MODELS), range=colours),
        ),
        "strokeDash": alt.StrokeDash("model:N", scale=alt.Scale(domain=list(MODELS), range=dashes)),
    }


def _diagonal(most: float) -> alt.Chart:
    ends = pd.DataFrame({"x": [0.0, most], "y": [0.0, most]})
    line: alt.Chart = alt.Chart(ends).mark_line(color=GREY, strokeDash=[2, 3], strokeWidth=1.5)
    return line


def _thinned(accounts: pd.DataFrame) -> pd.DataFrame:
    """All watermelons and evenly many of the others, so that a page stays small."""
    flagged = accounts["watermelon"].astype(bool)
    others = accounts[~flagged]
    step = max(1, -(-len(others) // MOST_MARKS))
    return pd.concat([others.iloc[::step], accounts[flagged]])
