"""True North and adoption as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from rind.reports.inline_svg import inline_svg
from rind.reports.moment_charts import drawn
from rind.reports.tables import records
from rind.reports.templating import environment


def render_moments(
    company: str,
    as_of: date,
    found: Mapping[str, Any],
    details: Sequence[Mapping[str, Any]],
    adoption: pd.DataFrame,
    names: Mapping[Any, str],
    measured: Mapping[str, Any] | None = None,
) -> str:
    """One HTML document that needs nothing else.

    Parameters
    ----------
    found, details
        true_north.json and moments.json.
    adoption
        adoption.parquet, the least likely first.
    names
        account_id -> name.
    measured
        adoption_metrics.json: what the chances to stay were worth on earlier accounts.
    """
    moments = [
        m | {"words": behaviour_words(m), "and_words": addition_words(m), "charts": _charts(d)}
        for m, d in paired(found, details)
    ]
    young = [row | {"name": names.get(row["account_id"]) or str(row["account_id"])} for row in records(adoption)]
    page = environment().get_template("true_north.html.j2")
    return page.render(
        company=company, as_of=as_of, found=found, moments=moments, young=young, worth=worth(measured or {})
    )


def worth(measured: Mapping[str, Any]) -> str:
    """What the chances to stay have been worth, out of sample, in words."""
    model = measured.get("model")
    if not model or None in (*model["auc"].values(), *model["calibration_slope"].values()):
        return "No chance has been checked against what became of earlier accounts yet: too few outcomes are known."
    auc, slope = model["auc"], model["calibration_slope"]
    accounts = f"{measured['accounts']:,} earlier accounts, {measured['not_adopted']:,} of which did not stay"
    skill = "tell who stays better than chance" if auc["low"] > 0.5 else "were not shown to tell who stays"
    text = f"Tested on {accounts}, the chances {skill}: AUC {_figure_words(auc)}."
    if slope["high"] < 1:
        order = "read them as an order"
        return f"{text} They were too far apart (calibration slope {_figure_words(slope)} instead of 1): {order}."
    if slope["low"] > 1:
        return f"{text} They were too close together (calibration slope {_figure_words(slope)} instead of 1)."
    return f"{text} They were about as often right as they said (calibration slope {_figure_words(slope)})."


def _figure_words(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.2f} ({figure['low']:.2f} to {figure['high']:.2f})"


def paired(
    found: Mapping[str, Any], details: Sequence[Mapping[str, Any]]
) -> list[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Moments that stand and those that were rejected, each with its details."""
    of_segment = {d["segment"]: d for d in details}
    return [(dict(m), of_segment[m["segment"]]) for m in [*found["moments"], *found["rejected"]]]


def behaviour_words(moment: Mapping[str, Any]) -> str:
    """What must have been done: "at least 5 users on shared report in the first 30 days"."""
    measure = moment.get("measure", "count")  # a run of an older version names none
    return f"{_least(measure, moment['feature'], moment['count'])} in the first {moment['within_days']} days"


def addition_words(moment: Mapping[str, Any]) -> str:
    """What adds to it when it is done as well; empty where nothing does."""
    if "and_feature" not in moment:
        return ""
    return _least(moment["and_measure"], moment["and_feature"], moment["and_count"])


def _least(measure: str, feature: str, count: int) -> str:
    kinds = {"events": "uses of", "uses": "uses of", "users": "users on", "days": "days with", "count": ""}
    what = f"{kinds[measure]} {feature}".replace("_", " ").replace(":", " ").strip()
    return f"at least {count} {what}"


def _charts(detail: Mapping[str, Any]) -> list[Markup]:
    return [inline_svg(chart, title) for title, chart in drawn(detail).items()]
