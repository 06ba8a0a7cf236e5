"""The proposal for the health score on one page: weights old and new, evidence, who would move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rind.common.facts.figures import Figure
from rind.common.facts.health import BandRate, BandsFound, Comparison, HealthRecord, MeasureName, WeightsRecord
from rind.reports.formats import percent
from rind.reports.templating import NOTHING, environment

BANDS = ("red", "amber", "green")
EVIDENCE: tuple[tuple[MeasureName, str, str, int], ...] = (
    ("auc", "Ranking (AUC)", "Chance that one that left had a lower score than one that stayed; 0.5 is a coin", 3),
    ("auc_same_calendar", "Ranking, renewal as near", "The same among accounts whose terms end about as soon", 3),
    (
        "green_churn_recall",
        "Left, and was not green",
        "Of those that left, the share that the score did not call green; both scores call as many green",
        3,
    ),
    ("green_churn_rate", "Churn among its greens", "Share of the green that left; lower is better", 4),
)


@dataclass(frozen=True)
class HealthContext:
    """What the page shows.

    Parameters
    ----------
    company
        For the title.
    record
        health_score.json.
    bounds
        Family -> lowest and highest weight that CS allows.
    horizon_days
        Of the churn that was measured.
    patch
        Name of the file that adopts what is recommended.
    described
        Feature -> what it is, in words.
    """

    company: str
    record: HealthRecord
    bounds: Mapping[str, Sequence[int]]
    horizon_days: int
    patch: str
    described: Mapping[str, str] = field(default_factory=dict)


def render_health(context: HealthContext) -> str:
    """One HTML document that needs nothing else: styles inside, no address, no script."""
    record = context.record
    return environment().get_template("health.html.j2").render(
        company=context.company,
        record=record,
        horizon_days=context.horizon_days,
        patch=context.patch,
        weights=_weights(record, context.bounds),
        evidence=evidence_rows(record["evidence"]),
        curve_evidence=evidence_rows(record["curves"]["evidence"]),
        bands=_bands(record["bands"]),
        segments={name: {**of, "rows": evidence_rows(of["evidence"])} for name, of in record["segments"].items()},
        most=record["moves"]["most"],
        changed=record["moves"].get("changed", []),
        described=context.described,
    )  # fmt: skip


def summary(record: HealthRecord) -> str:
    """The proposal in a few lines, for the terminal."""
    lines = ["family       today  proposed   fit  SHAP"]
    for family, weight in record["current"].items():
        fit, shap = (record["shares"][kind].get(family) for kind in ("fit", "shap"))
        shown = "  ".join("   -" if part is None else f"{part:>4.0%}" for part in (fit, shap))
        lines.append(f"{family:<12} {weight:>5}  {record['proposed'][family]:>8}  {shown}")
    lines += [*record["compared"], ("Recommended. " if record["recommend"] else "Not recommended. ") + record["words"]]
    for row in evidence_rows(record["evidence"]):
        lines.append(
            f"{row['title']}: {row['current']} today, {row['proposed']} proposed, difference {row['difference']}"
        )
    lines.append(f"Curves: {record['curves']['words']}")
    lines += [f"{name}: {of['words']}" for name, of in record["segments"].items()]
    return "\n".join(lines)


def evidence_rows(evidence: Comparison | None) -> list[dict[str, str]]:
    """Each measure as texts: title, meaning, current, proposed, difference with its interval."""
    if not evidence:
        return []
    rows = []
    for name, title, meaning, digits in EVIDENCE:
        gain = evidence["difference"][name]
        rows.append(
            {
                "title": title,
                "meaning": meaning,
                **{who: _number(evidence[who][name], digits) for who in ("current", "proposed")},
                "difference": _difference(gain, digits),
            }
        )
    return rows


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def _difference(gain: Figure, digits: int) -> str:
    if gain["value"] is None or gain["low"] is None or gain["high"] is None:
        return NOTHING
    return f"{gain['value']:+.{digits}f} ({gain['low']:+.{digits}f} to {gain['high']:+.{digits}f})"


def _weights(record: WeightsRecord, bounds: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    return [
        {
            "family": family,
            "current": weight,
            "proposed": record["proposed"][family],
            "change": record["proposed"][family] - weight,
            "bounds": "{} to {}".format(*bounds.get(family, (0, 100))),
            "fit": record["shares"]["fit"].get(family),
            "shap": record["shares"]["shap"].get(family),
        }
        for family, weight in record["current"].items()
    ]


def _bands(record: BandsFound) -> list[dict[str, Any]]:
    rows = []
    for band in BANDS:
        row: dict[str, Any] = {"band": band}
        for who in ("current", "proposed"):
            churn = record[who]["churn"][band]
            row[who] = {**churn, "said": _rate(churn)}
        rows.append(row)
    return rows


def _rate(churn: BandRate) -> str:
    if churn["rate"] is None or churn["low"] is None:
        return NOTHING
    return f"{percent(churn['rate'], 1)} ({percent(churn['low'], 1)} to {percent(churn['high'], 1)})"
