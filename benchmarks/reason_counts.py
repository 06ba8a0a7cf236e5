"""The reasons of a finished list by kind: which of them a CSM could act on, and what is wrong with the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rind.common.themes import matter_of
from rind.models.common.calendar import CALENDAR
from rind.pipelines.data import read, read_json
from rind.reports import reasons
from rind.reports.sentences import FAVOUR, Speaker
from rind.reports.wording import is_missing, spoken

KINDS = (
    "calendar", "fixed fact", "no direction", "good news", "cause twice", "rounds away", "usable", "in favour",
    "nothing stands out", "nothing else",
)  # fmt: skip
CLOCK = (*CALENDAR, "commercial__age__now", "commercial__renewals__ever", "contacts__tenure__now")
BENCHMARK = re.compile(r"\b(?:is usual|the same holds for)\b")
CHANGE = re.compile(r"\b(?:rose|fell|went|stayed|up by|down by|stopped)\b")
SAME = re.compile(r"\bstayed at\b|\bfrom (\S+) to \1(?!\S)")
NOTHING = (reasons.NOTHING, reasons.FIXED)
"""What says that nothing sets an account apart; `reasons.NOTHING_ELSE` says that no second fact does."""


@dataclass(frozen=True)
class Reason:
    """One reason of the list: whose (position), its column (from 1), and its text."""

    account: int
    column: int
    text: str


class Judge:
    """Says of what kind a reason is; knows only what stands in the folder of results."""

    def __init__(self, folder: Path) -> None:
        self.list = read(folder / "risk_list.parquet")
        as_of = read(folder / "explanations.parquet", ["as_of"])["as_of"].iloc[0] if len(self.list) else None
        values = read(folder / "features.parquet")
        self.values = values[values["as_of"] == as_of].set_index("account_id").reindex(self.list["account_id"])
        catalogue = pd.DataFrame(read_json(folder / "catalogue.json")["features"])
        self.entries = catalogue.set_index("name").to_dict("index")
        self.speaker = Speaker(catalogue, self.values)
        segment = self.list.set_index("account_id")["segment"].reindex(self.values.index)
        numbers = self.values.select_dtypes("number")
        self.usual = numbers.groupby(segment.fillna("")).transform("median")
        self.shap = read(folder / "explanations.parquet").pivot_table(
            index="account_id", columns="feature", values="shap_value", observed=True
        )

    def reasons(self) -> Iterator[list[Reason]]:
        """The reasons of one account after the other, empty ones left out."""
        columns = [c for c in self.list if re.fullmatch(r"reason_\d", str(c))]
        texts = self.list[columns].fillna("").to_numpy(dtype=object)
        for account, row in enumerate(texts):
            yield [Reason(account, column, text) for column, text in enumerate(row, start=1) if text]

    def kinds(self, reasons: list[Reason]) -> list[str]:
        """The kind of each reason of one account."""
        earlier: set[str] = set()
        kinds = []
        for reason in reasons:
            feature = self.feature(reason)
            kind = self._kind(reason, feature)
            matter = self._cause(reason.account, feature) if feature else reason.text
            kinds.append("cause twice" if kind in ("usable", "in favour") and matter in earlier else kind)
            earlier.add(matter)
        return kinds

    def _cause(self, account: int, feature: str) -> str:
        """The matter; of a window of use in which the product was not used it is that it was not used."""
        matter, window = matter_of(feature), re.search(r"__(\d+)d$", feature)
        silence = self.speaker.value(account, "usage__last_use__now")
        if window and not is_missing(silence) and silence > int(window[1]) and matter.name in ("users", "breadth"):
            matter = matter_of("usage__last_use__now")
        return str(matter)

    def feature(self, reason: Reason) -> str | None:
        """The feature that a reason tells of: as the list names it, else by its sentence; None where none fits."""
        named = self.list.get(f"reason_{reason.column}_feature")
        if named is not None and named.iloc[reason.account]:
            return str(named.iloc[reason.account])
        text = reason.text.removeprefix(FAVOUR).casefold()
        pushes = self.shap.loc[self.list["account_id"].iloc[reason.account]].sort_values(key=lambda s: -s.abs())
        fitting = [
            str(name)
            for name in pushes.index
            if text.startswith(self.speaker.fact(reason.account, str(name)).text.casefold().rstrip("."))
        ]
        return max(fitting, key=lambda name: len(self.speaker.fact(reason.account, name).text), default=None)

    def _kind(self, reason: Reason, feature: str | None) -> str:
        if reason.text in NOTHING:
            return "nothing stands out"
        if reason.text == reasons.NOTHING_ELSE:
            return "nothing else"
        if feature is None:
            return "no direction"
        if feature in CLOCK:
            return "calendar"
        if matter_of(feature).theme == "context":
            return "fixed fact"
        entry, value = self.entries[feature], self.speaker.value(reason.account, feature)
        changes = CHANGE.search(reason.text)
        if not (entry["direction"] or changes or BENCHMARK.search(reason.text)):
            return "no direction"
        favour = reason.text.startswith(FAVOUR)
        usual = self.usual[feature].iloc[reason.account] if feature in self.usual else None
        if SAME.search(reason.text) or (not changes and not is_missing(value) and _same(value, usual, entry["unit"])):
            return "rounds away"
        worse = self._worse(value, 0.0 if changes and _is_change(feature) else usual, entry["direction"])
        if worse is not None and worse == favour:
            return "good news"
        return "in favour" if favour else "usable"

    @staticmethod
    def _worse(value: Any, usual: Any, direction: int) -> bool | None:
        """Whether the value lies on the side of more risk; None where that cannot be said."""
        if not direction or is_missing(value) or is_missing(usual) or value == usual:
            return None
        return bool((value > usual) == (direction > 0))


def _same(value: Any, usual: Any, unit: str) -> bool:
    return not is_missing(usual) and spoken(value, unit) == spoken(usual, unit)


def _is_change(feature: str) -> bool:
    return re.search(r"_(?:change|slope|trend)__", feature) is not None


@dataclass(frozen=True)
class Counts:
    """Reasons by kind; among ``accounts`` those with at least two usable ones, and with fewer but no word about it."""

    accounts: int
    kinds: Counter[str]
    two_usable: int
    unsaid: int
    benchmarked: int


def count(folder: Path, band: str | None = None) -> Counts:
    """The reasons of the accounts of one band, or of all, of a folder of results."""
    judge = Judge(folder)
    kinds: Counter[str] = Counter()
    accounts = two = unsaid = benchmarked = 0
    bands = judge.list["risk_band"].to_numpy()
    for account, listed in enumerate(judge.reasons()):
        if band is not None and bands[account] != band:
            continue
        own = judge.kinds(listed)
        kinds.update(own)
        accounts += 1
        two += own.count("usable") >= 2
        unsaid += own.count("usable") < 2 and not {"nothing stands out", "nothing else"} & set(own)
        benchmarked += sum(bool(BENCHMARK.search(r.text) or CHANGE.search(r.text)) for r in listed)
    return Counts(accounts, kinds, two, unsaid, benchmarked)
