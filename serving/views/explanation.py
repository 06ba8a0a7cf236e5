"""The explanation of one account's score: SHAP values by feature and family, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from rind.models.common.calendar import CALENDAR
from rind.reports.benchmarks import contradicts
from rind.reports.sentences import Speaker

RENEWAL = "renewal date"
"""What the calendar of the contract is called where families stand beside each other: it is no part of their health."""
LEAST_WAY = 1e-6
"""Log-odds between an account and the average one below which the ratio of both scales is that at a point."""
WORTH_SAYING = 0.02
"""Log-odds below which a feature is not worth a sentence; as in `reports.sentences.reasons`."""


@dataclass(frozen=True)
class Contribution:
    """A feature's part in the score: its SHAP value (log-odds), its value, a sentence, and what is usual ("" where the
    sentence tells, or nobody knows)."""

    feature: str
    family: str
    shap_value: float
    value: Any
    sentence: str
    usual: str = ""


class Explanation:
    """The explanation of one account; empty where the week has none.

    Parameters
    ----------
    columns
        The account's rows of explanations.parquet, one list per column.
    directions
        Feature -> 1 where more of it can only lift the risk, -1 where it can only lower it.
    usual
        Feature and value -> what is usual beside it, in words.
    """

    def __init__(
        self,
        speaker: Speaker,
        columns: Mapping[str, list[Any]],
        directions: Mapping[str, int] | None = None,
        usual: Callable[[str, Any], str] = lambda *_: "",
    ) -> None:
        self.features: list[str] = columns["feature"]
        self.families: list[str] = columns["family"]
        self.groups = [
            RENEWAL if f in CALENDAR else family for f, family in zip(self.features, self.families, strict=True)
        ]
        self.shap: list[float] = columns["shap_value"]
        texts = columns.get("value_text") or [None] * len(self.features)
        self.values = [n if t is None or t != t else t for n, t in zip(columns["value"], texts, strict=True)]
        self.base: float | None = columns["base_value"][0] if self.features else None
        self.margin: float | None = columns["margin"][0] if self.features else None
        self._directions, self._usual = directions or {}, usual
        self._speaker = speaker.about({f: [v] for f, v in zip(self.features, self.values, strict=True)})

    @cached_property
    def totals(self) -> dict[str, float]:
        """Family -> the sum of its SHAP values, the strongest first; the contract's calendar apart, as `RENEWAL`."""
        sums: dict[str, float] = {}
        for family, value in zip(self.groups, self.shap, strict=True):
            sums[family] = sums.get(family, 0.0) + value
        return dict(sorted(sums.items(), key=lambda item: -abs(item[1])))

    @cached_property
    def points(self) -> dict[str, float]:
        """`totals` in points of probability: they sum to the account's risk less that of the average account.

        Each family has its share of the way, as in `reports.moves`: its SHAP values by the ratio of the whole way in
        points to that in log-odds.
        """
        way = sum(self.totals.values())
        return {family: part * self._points_each(way) for family, part in self.totals.items()}

    @property
    def average(self) -> float | None:
        """The risk of the average account; None where the week has no explanation."""
        return None if self.base is None else float(expit(self.base))

    def _points_each(self, way: float) -> float:
        """Points for one log-odd."""
        start = float(self.base or 0.0)
        if abs(way) < LEAST_WAY:
            return 100 * float(expit(start) * (1 - expit(start)))
        return 100 * float(expit(start + way) - expit(start)) / way

    @cached_property
    def _strongest_first(self) -> list[int]:
        order: list[int] = np.argsort(-np.abs(np.asarray(self.shap, dtype="float64")), kind="stable").tolist()
        return order

    def strongest(self, count: int, family: str | None = None, at_least: float = 0.0) -> list[Contribution]:
        """The features that move the score most, up or down.

        No two of them say one thing (the same sentence, or in one family the same measure over two windows), and none
        tells a change for the better as a risk, or the reverse.
        """
        contributions: list[Contribution] = []
        sentences: set[str] = set()
        measures: set[str] = set()
        for n in self._strongest_first:
            if len(contributions) == count or abs(self.shap[n]) < at_least:
                break
            if family is not None and (self.groups[n] != family or self._contradicts(n)):
                continue
            measure = self.features[n].rsplit("__", 1)[0]
            if family is not None and measure in measures:
                continue
            measures.add(measure)
            sentence = self._speaker.fact(0, self.features[n]).text
            if sentence not in sentences:
                sentences.add(sentence)
                value = self.values[n]
                known = None if value is None or value != value else value
                beside = self._usual(self.features[n], known)
                contributions.append(
                    Contribution(self.features[n], self.families[n], self.shap[n], known, sentence, beside)
                )
        return contributions

    def _contradicts(self, n: int) -> bool:
        """Whether a change would be told against what it can mean; see `reports.benchmarks.contradicts`."""
        feature = self.features[n]
        return contradicts(feature, self.values[n], self._directions.get(feature, 0), self.shap[n])

    def bars(self) -> pd.DataFrame:
        """For `reports.account_charts.waterfall`: from the average account through the families to this one."""
        average = 100 * (self.average or 0.0)
        level, bars = average, [("Average account", average, average, "total")]
        for family, change in self.points.items():
            bars.append((family.capitalize(), level, level + change, "up" if change > 0 else "down"))
            level += change
        bars.append(("This account", level, level, "total"))
        return pd.DataFrame(bars, columns=["what", "start", "stop", "kind"])
