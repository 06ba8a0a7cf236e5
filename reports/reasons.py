"""Why an account is where it is: the facts that set it apart from comparable accounts, each beside what is usual.

A reason is a fact that (1) the model counts against the account more than against comparable ones, (2) has a direction
in the catalogue and lies on its bad side of what is usual, (3) differs from the usual by more than rounding hides.
Features of one matter tell one cause, so a matter speaks once, by its strongest fact; so do all facts of a time in
which the product was not used. Facts that speak for the account follow, and say so. The calendar, and what nobody can
change (segment, industry, size), is context and never a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from rind.common.themes import LAST_USE, PAST, Matter, matter_of, silent_matter
from rind.reports.benchmarks import Benchmarks
from rind.reports.sentences import FAVOUR, Speaker
from rind.reports.settings import ReasonSettings
from rind.reports.wording import is_missing, uncapitalised

NOTHING = "Nothing but the time of its renewal sets this account apart from others of its segment"
FIXED = "Nothing that can be changed sets this account apart; its size, plan, tenure or day of renewal does"
NOTHING_ELSE = "Nothing else that can be changed sets this account apart"
FIXED_FROM = 0.1
"""Log-odds from which on the context is said to set an account apart."""
COUNT = 3
FEWEST = 2
"""Facts against an account from which on no sentence says that there are no more."""


@dataclass(frozen=True)
class Reason:
    """One fact about an account: its text, its feature and matter, and whether it speaks against the account."""

    text: str
    feature: str
    matter: Matter
    against: bool


@dataclass(frozen=True)
class Candidate:
    """A feature of one account, and how much more it adds to the margin than for comparable accounts."""

    feature: str
    matter: Matter
    apart: float


def list_reasons(
    catalogue: pd.DataFrame,
    values: pd.DataFrame,
    explanations: pd.DataFrame,
    segments: pd.Series,
    settings: ReasonSettings,
) -> pd.DataFrame:
    """The reasons of every account, in the columns of the list.

    Parameters
    ----------
    catalogue
        One row per feature: name, unit, direction, sentence, when_zero, when_missing, when_one?, theme?.
    values
        One row per account (index: account_id), one column per feature.
    explanations
        One row per (account_id, feature): ``apart`` (see `models.churn.comparables.apart`).
    segments
        Segment of every account (index: account_id).

    Returns
    -------
    pd.DataFrame
        One row per account of ``values``: reason_1..3 ("" where nothing is left to say; `NOTHING` or `FIXED` first
        where nothing speaks against the account, `NOTHING_ELSE` second where one fact does), reason_1..3_theme and
        reason_1..3_feature; theme, matter and family of the first one that speaks against it (missing where none does).
    """
    chooser = Chooser(catalogue, values, segments, settings)
    rows = []
    for position, candidates, context in _by_account(catalogue, values, explanations):
        rows.append(_cells(chooser.reasons(position, candidates), FIXED if context >= FIXED_FROM else NOTHING))
    return pd.DataFrame(rows, index=values.index, columns=list(_cells([], "")))


def outcome_reasons(
    catalogue: pd.DataFrame,
    values: pd.DataFrame,
    explanations: pd.DataFrame,
    segments: pd.Series,
    settings: ReasonSettings,
    wanted: bool,
) -> pd.DataFrame:
    """The facts that make an outcome likelier for an account than for comparable ones.

    Parameters
    ----------
    catalogue, values, explanations, segments
        As for `list_reasons`; ``apart`` is that of the outcome's own model.
    wanted
        Whether the outcome is a good one (mrr that rises): then facts that speak for the account are told.

    Returns
    -------
    pd.DataFrame
        One row per account of ``values``, reason_1..3: text, "" where nothing is left to say.
    """
    chooser = Chooser(catalogue, values, segments, settings)
    rows = []
    for position, candidates, _context in _by_account(catalogue, values, explanations):
        texts = [reason.text for reason in chooser.raising(position, candidates, wanted)]
        rows.append(texts + [""] * (COUNT - len(texts)))
    return pd.DataFrame(rows, index=values.index, columns=[f"reason_{n}" for n in range(1, COUNT + 1)], dtype="str")


def _cells(reasons: Sequence[Reason], nothing: str) -> dict[str, str | None]:
    first = next(iter(reasons), None)
    against = sum(reason.against for reason in reasons)
    texts = [r.text if r.against else FAVOUR + uncapitalised(r.text) for r in reasons]
    worded: list[tuple[str, str, str]] = [
        (text, r.matter.theme, r.feature) for text, r in zip(texts, reasons, strict=True)
    ]
    if against < FEWEST:
        worded.insert(against, (NOTHING_ELSE if against else nothing, "", ""))
    rows = [*worded, *[("", "", "")] * COUNT][:COUNT]
    cells: dict[str, str | None] = {}
    for column, suffix in enumerate(("", "_theme", "_feature")):
        cells |= {f"reason_{n}{suffix}": row[column] for n, row in enumerate(rows, 1)}
    if first is None or not against:
        return cells | {"theme": None, "matter": None, "family": None}
    return cells | {
        "theme": first.matter.theme, "matter": first.matter.name, "family": first.feature.split("__", 1)[0],
    }  # fmt: skip


def _by_account(
    catalogue: pd.DataFrame, values: pd.DataFrame, explanations: pd.DataFrame
) -> Iterator[tuple[int, list[Candidate], float]]:
    """Position of the account in ``values``, its features outside the context, and what the context adds."""
    themes = catalogue.set_index("name")["theme"] if "theme" in catalogue else pd.Series(dtype="object")
    wide = explanations.pivot_table(index="account_id", columns="feature", values="apart", observed=True)
    wide = wide.reindex(values.index).fillna(0.0)
    matters = {str(name): matter_of(str(name), str(themes.get(name) or "")) for name in wide.columns}
    names = [name for name, matter in matters.items() if matter.theme != "context"]
    cells, context = wide[names].to_numpy("float64"), wide.drop(columns=names).sum(axis=1).to_numpy("float64")
    for position in range(len(values)):
        candidates = [Candidate(n, matters[n], float(v)) for n, v in zip(names, cells[position], strict=True)]
        yield position, candidates, float(context[position])


class Chooser:
    """Chooses and words the reasons of one account after the other."""

    def __init__(
        self, catalogue: pd.DataFrame, values: pd.DataFrame, segments: pd.Series, settings: ReasonSettings
    ) -> None:
        self._speaker = Speaker(catalogue, values)
        self._benchmarks = Benchmarks(self._speaker, catalogue, values, segments, settings.beyond_usual)
        self._least = settings.least_log_odds

    def reasons(self, position: int, candidates: Sequence[Candidate]) -> list[Reason]:
        """At most `COUNT` reasons: what speaks against the account, then what speaks for it."""
        against = list(self._against(position, candidates))
        heard = {reason.matter for reason in against}
        favour = (reason for reason in self._of_matters(position, candidates, -1) if reason.matter not in heard)
        return [*against[:COUNT], *favour][:COUNT]

    def raising(self, position: int, candidates: Sequence[Candidate], wanted: bool) -> list[Reason]:
        """At most `COUNT` facts that make an outcome likelier, of a wanted one facts that speak for the account.

        ``apart`` of the candidates is that of the outcome: above 0 makes it likelier.
        """
        if not wanted:
            return self._of_matters(position, candidates, 1)[:COUNT]
        turned = [replace(one, apart=-one.apart) for one in candidates]
        return self._of_matters(position, turned, -1)[:COUNT]

    def _against(self, position: int, candidates: Sequence[Candidate]) -> Iterator[Reason]:
        """First the theme that weighs most, by its heaviest matter that can still be changed; then by weight."""
        reasons = self._of_matters(position, candidates, 1)
        if not reasons:
            return
        weight: dict[str, float] = {}
        for one in candidates:
            weight[one.matter.theme] = weight.get(one.matter.theme, 0.0) + one.apart
        first = max(reasons, key=lambda r: (r.matter not in PAST, weight[r.matter.theme]))
        yield first
        yield from (r for r in reasons if r is not first)

    def _of_matters(self, position: int, candidates: Sequence[Candidate], sign: int) -> list[Reason]:
        """The strongest fact of each matter that can be told, the heaviest matter first.

        A matter that as a whole weighs nothing in this direction comes last.
        """
        candidates = self._of_silence(position, candidates)
        sums: dict[Matter, float] = {}
        for one in candidates:
            sums[one.matter] = sums.get(one.matter, 0.0) + sign * one.apart
        strong = [one for one in candidates if sign * one.apart >= self._least]
        chosen: dict[Matter, Reason] = {}
        for one in sorted(strong, key=lambda one: -sign * one.apart):
            if one.matter not in chosen:
                text = self._benchmarks.sentence(position, one.feature, worse=sign > 0)
                if text is not None and text not in {reason.text for reason in chosen.values()}:
                    chosen[one.matter] = Reason(text, one.feature, one.matter, sign > 0)
        return sorted(chosen.values(), key=lambda reason: -sums[reason.matter])

    def _of_silence(self, position: int, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """The candidates, those of a time in which the account did not use the product under one matter."""
        days = self._speaker.value(position, LAST_USE)
        if is_missing(days):
            return candidates
        return [replace(one, matter=silent_matter(one.feature, one.matter, float(days))) for one in candidates]
