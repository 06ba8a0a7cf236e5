"""SHAP in words: which facts about an account drove its score."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.reports.wording import (
    REFERENCE,
    capitalised,
    is_missing,
    is_zero,
    render,
    spoken,
    spoken_name,
    uncapitalised,
)

FAVOUR = "In its favour: "
SEATS, USERS, CONTACTS = "commercial__seats__now", "usage__active_users__91d", "contacts__active__now"
"""What says that `when_one` of a feature fits an account."""
TREND = re.compile(r"_(?:before|change|trend|slope|delta|growth|vs_\w+|against_\w+)$")


def reasons(
    catalogue: pd.DataFrame,
    values: pd.DataFrame,
    explanations: pd.DataFrame,
    count: int = 3,
    per_family: int = 2,
    minimum: float = 0.02,
    beside: Callable[[Fact], str] = lambda _: "",
) -> pd.DataFrame:
    """The facts that drove each account's score, strongest first.

    What pushes the risk up comes first. Where that is fewer than ``count`` facts, the rest says what speaks
    for the account ("In its favour: ..."). Two facts that say the same thing (the same measure over another
    window, its trend, the same words) are told once, by the stronger one.

    Parameters
    ----------
    catalogue
        One row per feature: name, family, description, unit, direction, sentence, when_zero, when_missing, when_one?
        (the template language is that of `features.catalogue.Feature`).
    values
        One row per account (index: account_id), one column per feature; empty cells are "not known".
    explanations
        One row per (account_id, feature): family, shap_value (log-odds, positive = more risk).
        Rows of accounts that ``values`` does not have are ignored.
    count, per_family
        How many reasons, and how many of one family unless nothing else is left.
    minimum
        Contributions below this (log-odds; 0.02 is 2 % of the odds) are not worth a sentence.
    beside
        What is usual beside a fact, in words; "" where nothing is to be said.

    Returns
    -------
    pd.DataFrame
        One row per account of ``values`` (index: account_id), reason_1..reason_<count>: text, "" where
        nothing is left to say.
    """
    speaker = Speaker(catalogue, values)
    raising = _strongest_first(explanations, values.index, minimum, sign=1)
    lowering = _strongest_first(explanations, values.index, minimum, sign=-1)
    rows = []
    for position in range(len(values)):
        against = _pick(speaker, position, raising.get(position, ()), [], count, per_family)
        picked = _pick(speaker, position, lowering.get(position, ()), against, count, per_family)
        worded = ["; ".join(filter(None, (fact.text, beside(fact)))) for fact in picked]
        texts = [text if n < len(against) else FAVOUR + uncapitalised(text) for n, text in enumerate(worded)]
        rows.append(texts + [""] * (count - len(texts)))
    columns = [f"reason_{n}" for n in range(1, count + 1)]
    return pd.DataFrame(rows, index=values.index, columns=columns, dtype="str")


def sentences(catalogue: pd.DataFrame, values: pd.DataFrame, explanations: pd.DataFrame) -> pd.Series:
    """One sentence for every row of ``explanations`` (account_id, feature); same index."""
    speaker = Speaker(catalogue, values)
    positions = values.index.get_indexer(pd.Index(explanations["account_id"]))
    pairs = zip(positions, explanations["feature"], strict=True)
    texts = [speaker.fact(int(position), feature).text for position, feature in pairs]
    return pd.Series(texts, index=explanations.index, name="sentence", dtype="str")


def family_totals(explanations: pd.DataFrame) -> pd.DataFrame:
    """Sum of SHAP values: one row per account_id (index), one column per family, log-odds."""
    return explanations.pivot_table(
        index="account_id",
        columns="family",
        values="shap_value",
        aggfunc="sum",
        fill_value=0.0,
        observed=True,
    ).rename(columns=str)


@dataclass(frozen=True)
class Template:
    """A template and its topics: ``tells`` what it states, ``mentions`` also what it names in passing."""

    text: str
    tells: frozenset[str]
    mentions: frozenset[str]

    def repeats(self, other: Template) -> bool:
        """Whether both together would say one thing twice."""
        return bool(self.tells & other.mentions or other.tells & self.mentions)


@dataclass(frozen=True)
class Fact:
    """A feature of one account that is worth a sentence."""

    speaker: Speaker
    position: int
    feature: str
    template: Template

    @property
    def family(self) -> str:
        return self.speaker.family(self.feature)

    @cached_property
    def text(self) -> str:
        return self.speaker.say(self)


def entries(catalogue: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The catalogue by feature, empty cells as ""; made once where many a `Speaker` is needed."""
    texts = catalogue.astype("object").where(catalogue.notna(), "").to_dict("records")
    return {str(entry["name"]): {str(k): v for k, v in entry.items()} for entry in texts}


class Speaker:
    """Says what a feature means for an account; templates are looked up once, cells when asked for."""

    def __init__(self, catalogue: pd.DataFrame, values: pd.DataFrame) -> None:
        self._entries = entries(catalogue)
        self._units = {name: entry["unit"] for name, entry in self._entries.items() if name in values}
        self._values: pd.DataFrame | Mapping[str, Sequence[Any]] = values
        self._columns: dict[str, npt.NDArray[np.object_]] = {}
        self._templates: dict[tuple[str, str], Template] = {}

    def about(self, values: Mapping[str, Sequence[Any]]) -> Speaker:
        """A speaker of the same catalogue about other accounts: feature -> one value per account. Costs little."""
        other = copy(self)
        other._units = {name: entry["unit"] for name, entry in self._entries.items() if name in values}
        other._values, other._columns = values, {}
        return other

    def value(self, position: int, feature: str) -> Any:
        """The account's cell; None where the feature is not in the table."""
        if feature not in self._columns:
            if feature not in self._values:
                return None
            self._columns[feature] = np.asarray(self._values[feature], dtype=object)
        return self._columns[feature][position]

    def family(self, feature: str) -> str:
        return str(self._entries.get(feature, {}).get("family") or feature.split("__", 1)[0])

    def fact(self, position: int, feature: str) -> Fact:
        """What there is to say of the feature, with the template that its value calls for."""
        value = self.value(position, feature)
        kind = "when_missing" if is_missing(value) else "when_zero" if is_zero(value) else "sentence"
        if kind == "sentence" and self._entries.get(feature, {}).get("when_one") and self._of_one(position, feature):
            kind = "when_one"
        if (feature, kind) not in self._templates:
            self._templates[feature, kind] = self._template(feature, kind)
        return Fact(self, position, feature, self._templates[feature, kind])

    def has_one_seat(self, position: int) -> bool:
        """Whether the account pays for one seat, and nobody else is seen to use it."""
        users = self.value(position, USERS)
        return self._is_one(position, SEATS) and (is_missing(users) or users <= 1)

    def _of_one(self, position: int, feature: str) -> bool:
        """Whether one person is all that the feature can speak of."""
        if self.family(feature) == "contacts":
            return self._is_one(position, CONTACTS)
        return self.has_one_seat(position)

    def _is_one(self, position: int, feature: str) -> bool:
        number = self.value(position, feature)
        return not is_missing(number) and number == 1

    def say(self, fact: Fact) -> str:
        """The sentence of a fact; its description and value where the template cannot be filled."""
        sentence = render(fact.template.text, lambda name: self.value(fact.position, name), self._units)
        if sentence is not None:
            return sentence
        value = self.value(fact.position, fact.feature)
        entry = self._entries.get(fact.feature, {})
        description = _plain(entry.get("description", "")) or spoken_name(fact.feature)
        if is_missing(value):
            return f"No data on {uncapitalised(description)}"
        return f"{capitalised(description)}: {spoken(value, entry.get('unit', ''))}"

    def _template(self, feature: str, kind: str) -> Template:
        entry = self._entries.get(feature, {})
        text = entry.get(kind, "")
        if kind == "when_zero":
            text = text or entry.get("sentence", "")
        own = {_topic(feature)} | ({_wording(text)} if text else set())
        references = list(REFERENCE.finditer(text))
        changing = {_topic(m["after"]) for m in references if m["after"]}
        passing = {_topic(m["feature"]) for m in references if m["feature"]}
        return Template(text, frozenset(own | changing), frozenset(own | changing | passing))


def _pick(
    speaker: Speaker, position: int, features: Iterable[str], first: list[Fact], count: int, per_family: int
) -> list[Fact]:
    """``first`` and the strongest of ``features`` (strongest first) that add something to it."""
    chosen, over = list(first), []
    families: Counter[str] = Counter()
    for feature in features:
        if len(chosen) == count:
            return chosen
        fact = speaker.fact(position, feature)
        if families[fact.family] >= per_family:
            over.append(fact)  # has its turn where the others have nothing to say
        elif not _known(fact, chosen):
            families[fact.family] += 1
            chosen.append(fact)
    for fact in over:
        if len(chosen) < count and not _known(fact, chosen):
            chosen.append(fact)
    return chosen


def _known(fact: Fact, chosen: list[Fact]) -> bool:
    return any(fact.template.repeats(other.template) or fact.text == other.text for other in chosen)


def _strongest_first(
    explanations: pd.DataFrame, accounts: pd.Index, minimum: float, sign: int
) -> dict[int, npt.NDArray[np.object_]]:
    """Position of the account -> its features that push by at least ``minimum`` in this direction."""
    push = sign * explanations["shap_value"].to_numpy(dtype=float)
    strong = np.flatnonzero(push >= minimum)
    position = accounts.get_indexer(pd.Index(explanations["account_id"].iloc[strong]))
    strong, position = strong[position >= 0], position[position >= 0]
    order = np.lexsort((strong, -push[strong], position))
    features = explanations["feature"].iloc[strong[order]].to_numpy(dtype=object)
    accounts_here, starts = np.unique(position[order], return_index=True)
    groups = np.split(features, starts[1:]) if len(accounts_here) else []
    return dict(zip(accounts_here.tolist(), groups, strict=True))


def _topic(feature: str) -> str:
    """``usage__active_users_change__28d`` -> ``usage__active_users``: near-duplicates share it."""
    family, _, rest = feature.partition("__")
    return f"{family}__{TREND.sub('', rest.split('__', 1)[0])}"


def _wording(template: str) -> str:
    """The template without its numbers and windows: sentences that differ in nothing else are the same."""
    return re.sub(r"\W+", " ", re.sub(r"\d+", "", REFERENCE.sub("", template))).strip().lower()


def _plain(description: str) -> str:
    return "" if "__" in description else description.strip().rstrip(".")
