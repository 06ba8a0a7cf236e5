"""True North and adoption as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from rind.common.facts.adoption import AdoptionFigures
from rind.common.facts.figures import NOT_MEASURED
from rind.common.facts.moments import Moment, MomentDetail, TrueNorthRecord
from rind.reports.inline_svg import inline_svg
from rind.reports.moment_charts import drawn
from rind.reports.tables import records
from rind.reports.templating import environment


def render_moments(
    company: str,
    as_of: date,
    record: TrueNorthRecord,
    details: Sequence[MomentDetail],
    adoption: pd.DataFrame,
    names: Mapping[Any, str],
    measured: AdoptionFigures | None = None,
) -> str:
    """One HTML document that needs nothing else.

    Parameters
    ----------
    record, details
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
        for m, d in paired(record, details)
    ]
    young = [row | {"name": names.get(row["account_id"]) or str(row["account_id"])} for row in records(adoption)]
    page = environment().get_template("true_north.html.j2")
    return page.render(
        company=company, as_of=as_of, record=record, moments=moments, young=young, worth=worth(measured or {})
    )


def worth(measured: AdoptionFigures) -> str:
    """What the chances to stay have been worth, out of sample, in words."""
    auc, slope = (_interval(measured, name) for name in ("auc", "calibration_slope"))
    if auc is None or slope is None:
        return "No chance has been checked against what became of earlier accounts yet: too few outcomes are known."
    accounts = f"{measured['accounts']:,} earlier accounts, {measured['not_adopted']:,} of which did not stay"
    skill = "tell who stays better than chance" if auc.low > 0.5 else "were not shown to tell who stays"
    text = f"Tested on {accounts}, the chances {skill}: AUC {_figure_words(auc)}."
    if slope.high < 1:
        order = "read them as an order"
        return f"{text} They were too far apart (calibration slope {_figure_words(slope)} instead of 1): {order}."
    if slope.low > 1:
        return f"{text} They were too close together (calibration slope {_figure_words(slope)} instead of 1)."
    return f"{text} They were about as often right as they said (calibration slope {_figure_words(slope)})."


class _Interval(NamedTuple):
    value: float
    low: float
    high: float


def _interval(measured: AdoptionFigures, name: str) -> _Interval | None:
    """A figure of the model; None where it, or an end of its interval, is not defined."""
    figure = measured.get("model", {}).get(name, NOT_MEASURED)
    value, low, high = figure["value"], figure["low"], figure["high"]
    return None if value is None or low is None or high is None else _Interval(value, low, high)


def _figure_words(figure: _Interval) -> str:
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def paired(record: TrueNorthRecord, details: Sequence[MomentDetail]) -> list[tuple[Moment, MomentDetail]]:
    """Moments that stand and those that were rejected, each with its details."""
    of_segment = {d["segment"]: d for d in details}
    return [(m, of_segment[m["segment"]]) for m in [*record["moments"], *record["rejected"]]]


def behaviour_words(moment: Moment) -> str:
    """What must have been done: "at least 5 users on shared report in the first 30 days"."""
    measure = moment.get("measure", "count")  # a run of an older version names none
    return f"{_least(measure, moment['feature'], moment['count'])} in the first {moment['within_days']} days"


def addition_words(moment: Moment) -> str:
    """What adds to it when it is done as well; empty where nothing does."""
    if "and_feature" not in moment:
        return ""
    return _least(moment["and_measure"], moment["and_feature"], moment["and_count"])


def _least(measure: str, feature: str, count: int) -> str:
    kinds = {"events": "uses of", "uses": "uses of", "users": "users on", "days": "days with", "count": ""}
    what = f"{kinds[measure]} {feature}".replace("_", " ").replace(":", " ").strip()
    return f"at least {count} {what}"


def _charts(detail: MomentDetail) -> list[Markup]:
    return [inline_svg(chart, title) for title, chart in drawn(detail).items()]
