"""What a report says about the run behind it: dates, what was measured, what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rind.common.facts.run import FactsRecord, Measured, Metrics
from rind.reports.guard_text import ALARM_NOTES
from rind.reports.wording import spelled


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval; the ends are None where none was computed."""

    value: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, figure: Any) -> Interval | None:
        """Read ``{"value", "low", "high"}``, ``(value, low, high)`` or a bare number; None from None."""
        if figure is None or isinstance(figure, Interval):
            return figure
        if isinstance(figure, Mapping):
            value = figure.get("value", figure.get("estimate"))
            return None if value is None else cls(value, figure.get("low"), figure.get("high"))
        return cls(*figure) if isinstance(figure, tuple | list) else cls(float(figure))


@dataclass(frozen=True)
class Measure:
    """One measured figure, out of sample: ``name`` is a key of `MEASURES` (auc, brier ...)."""

    name: str
    model: Interval
    baseline: Interval | None = None

    @property
    def title(self) -> str:
        return MEASURES.get(self.name, (self.name.replace("_", " "), ""))[0]

    @property
    def meaning(self) -> str:
        return MEASURES.get(self.name, ("", ""))[1]


RECORDED = (
    "company",
    "horizon_days",
    "red_from",
    "amber_from",
    "model",
    "notes",
    "further_notes",
    "withheld",
    "too_good",
    "currency",
)
"""What run.json keeps of the facts that the page and the workbook print, for who prints them again."""

MEASURES: dict[str, tuple[str, str]] = {
    "auc": (
        "Ranking (AUC)",
        "Chance that an account that left was ranked above one that stayed; 0.5 is a coin, 1 is perfect",
    ),
    "average_precision": (
        "Precision, averaged",
        "Mean share of true churners down the list; compare with the base rate, higher is better",
    ),
    "lift_at_10pct": (
        "Lift in the top 10 %",
        "Churn in the top tenth of the list against churn in all accounts; 1 is no better than chance",
    ),
    "brier": ("Brier score", "Mean squared error of the probabilities; lower is better"),
    "calibration_slope": (
        "Calibration slope",
        "1 means that the probabilities can be taken at their word; below 1 they are too extreme",
    ),
}


@dataclass(frozen=True)
class RunFacts:
    """The run behind a report.

    Parameters
    ----------
    company
        Whose accounts these are, for the title.
    as_of, data_end
        The scoring date and the last day that the source covers.
    horizon_days
        ``churn_probability`` is that of churn within (as_of, as_of + horizon_days].
    red_from, amber_from
        The probabilities at which the bands begin.
    measures
        Out-of-sample figures, ``auc`` among them if anything could be measured.
    model
        Name and version of the model in words ("LightGBM, version 3").
    left_out
        Family -> why it took no part.
    notes
        What a reader must know before reading the list ("fewer than 20 churned accounts: logistic model").
    further_notes
        What explains the list and its data to a reader who wants to know ("the table requests is not there").
    withheld
        Why a guard keeps the list back, which is empty then; "" where it stands.
    too_good
        What to check where a guard found the figures too good to be true; "" where it did not.
    currency
        ISO 4217 code of all money; "" where it is not known, or amounts of several were added up.
    """

    company: str
    as_of: date
    data_end: date
    horizon_days: int
    red_from: float
    amber_from: float
    measures: tuple[Measure, ...] = ()
    model: str = ""
    left_out: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()
    further_notes: tuple[str, ...] = ()
    withheld: str = ""
    too_good: str = ""
    currency: str = ""

    @property
    def stamps(self) -> tuple[str, ...]:
        """What guards say of this list before anything else; what is too good speaks in the verdict."""
        return tuple(note for note in self.notes if note.startswith(ALARM_NOTES))

    @classmethod
    def of(cls, record: FactsRecord, metrics: Metrics) -> RunFacts:
        """Read back what the list's stage wrote down (facts.json), with the figures of metrics.json."""
        days = {name: date.fromisoformat(record[name]) for name in ("as_of", "data_end")}
        figures = measures(metrics["model"], metrics["baseline"])
        notes = {"notes": tuple(record.get("notes", ())), "further_notes": tuple(record.get("further_notes", ()))}
        facts: dict[str, Any] = {**record, **days, **notes}
        return cls(**facts, measures=figures)

    @property
    def auc(self) -> Interval | None:
        return next((m.model for m in self.measures if m.name == "auc"), None)

    @property
    def has_skill(self) -> bool:
        """Whether the order was measured to be better than chance (AUC's lower end above 0.5) and can be believed."""
        believable = not (self.withheld or self.too_good)
        return believable and self.auc is not None and self.auc.low is not None and self.auc.low > 0.5

    @property
    def verdict(self) -> str:
        """One honest sentence on how far the order of the list can be trusted."""
        if self.withheld:
            return f"This list is withheld. {self.withheld}"
        if self.too_good:
            return f"Too good to be true: check before you act on this list. {self.too_good}"
        if self.auc is None:
            return "Nothing could be measured out of sample: do not act on the order of this list."
        auc, low, high = self.auc.value, self.auc.low, self.auc.high
        if low is None or high is None:
            return f"AUC {auc:.2f}, without an interval: treat the order of this list with care."
        facts = f"AUC {auc:.2f}, 95 % interval {low:.2f} to {high:.2f}"
        if low <= 0.5 <= high:
            return f"The intervals cover 0.5 ({facts}): do not act on the order of this list."
        if high < 0.5:
            return f"Worse than chance ({facts}): do not act on the order of this list."
        strength = "modest" if low < 0.65 else "useful" if low < 0.8 else "strong"
        return f"The order carries {strength} skill out of sample ({facts}; 0.5 is a coin)."

    @property
    def trust(self) -> str:
        """How far to trust the order of the list, in one sentence; the verdict where it has no skill."""
        lift = next((m.model.value for m in self.measures if m.name == "lift_at_10pct"), None)
        if not self.has_skill or lift is None:
            return self.verdict
        times = spelled(round(lift)) if round(lift) >= 2 else f"{lift:.1f}"
        return f"On past weeks the top tenth of the list held {times} times its share of the churn."


def measures(model: Measured, baseline: Measured | None = None) -> tuple[Measure, ...]:
    """Pair the figures of model and baseline, in the order of `MEASURES`; what was not measured is absent.

    Parameters
    ----------
    model, baseline
        Name of the measure -> what `Interval.of` reads. Names outside `MEASURES` are ignored.
    """
    figures = {name: Interval.of(model.get(name)) for name in MEASURES}
    return tuple(
        Measure(name, interval, Interval.of((baseline or {}).get(name)))
        for name, interval in figures.items()
        if interval is not None
    )


def interval_words(
    interval: Interval | None, decimals: int | None = None, number: Callable[[float, int], str] = "{:.{}f}".format
) -> str:
    """ "0.81 (0.78 to 0.84)"; "not measured" where there is none.

    Parameters
    ----------
    decimals
        None: as many as its size asks for.
    number
        Writes a number with so many decimals.
    """
    if interval is None:
        return "not measured"
    if decimals is None:
        decimals = 3 if abs(interval.value) < 0.1 else 2  # a Brier score of 0.041 is not 0.04
    if interval.low is None or interval.high is None:
        return number(interval.value, decimals)
    low, high = number(interval.low, decimals), number(interval.high, decimals)
    return f"{number(interval.value, decimals)} ({low} to {high})"
