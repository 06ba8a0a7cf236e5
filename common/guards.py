"""What guards measured: whether a source or a result is too good, too late or too odd to be acted on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypedDict, cast

from pydantic import Field

from rind.common.errors import GuardError
from rind.common.settings import Section

Answer = Literal["stamp", "withhold", "refuse"]
"""What a guard that fires does: the list says so first; the list is empty and says why; the run ends."""

Kind = Literal["too good", "too late", "too odd"]

ANSWERS: tuple[Answer, ...] = ("stamp", "withhold", "refuse")


class Guard(Section):
    """The base of a guard's settings."""

    answer: Answer = Field(description="stamp, withhold or refuse")


@dataclass(frozen=True)
class Finding:
    """What one guard measured.

    Parameters
    ----------
    guard
        Its name, as in params.yaml.
    answer
        What it does where it fires.
    fired
        Whether the measure is beyond the threshold.
    evidence
        A sentence with the figures; "" where nothing could be measured.
    check
        A sentence: what to look at.
    measured
        The figures, by name.
    """

    guard: str
    kind: Kind
    answer: Answer
    fired: bool = False
    evidence: str = ""
    check: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The evidence and what to check."""
        return f"{self.evidence} {self.check}".strip()


def fired(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that fired: the strongest answer first, too good before too late before too odd."""
    kinds = ("too good", "too late", "too odd")
    return tuple(
        sorted((f for f in findings if f.fired), key=lambda f: (-ANSWERS.index(f.answer), kinds.index(f.kind)))
    )


def refuse_if_asked(findings: Iterable[Finding]) -> None:
    """End the run where a guard that fired is configured to.

    Raises
    ------
    GuardError
        Names each such guard, its evidence and what to check.
    """
    refused = [f for f in fired(findings) if f.answer == "refuse"]
    if refused:
        lines = "\n".join(f"  {f.guard} ({f.kind}): {f.evidence}\n    {f.check}" for f in refused)
        raise GuardError(
            f"a guard refuses this run:\n{lines}",
            "Correct this where the tables come from; or, if it is right as it is, set the guard's answer to stamp in "
            "params.yaml (guards).",
        )


class FindingRecord(TypedDict):
    """A `Finding` in JSON."""

    guard: str
    kind: Kind
    answer: Answer
    fired: bool
    evidence: str
    check: str
    measured: dict[str, Any]


class GuardsRecord(TypedDict):
    """The content of guards.json: the strongest answer of those that fired (None: none did), these, all figures."""

    answer: Answer | None
    fired: list[FindingRecord]
    measured: dict[str, dict[str, Any]]


def as_record(findings: Iterable[Finding]) -> GuardsRecord:
    """guards.json: the strongest answer of those that fired, these, and what all measured."""
    all_of = list(findings)
    strongest = fired(all_of)
    return {
        "answer": strongest[0].answer if strongest else None,
        "fired": records(strongest),
        "measured": {f.guard: dict(f.measured) for f in all_of},
    }


def records(findings: Iterable[Finding]) -> list[FindingRecord]:
    """One plain dict a finding, for JSON."""
    return [cast(FindingRecord, asdict(finding)) for finding in findings]


def of_records(written: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """The findings that `records` wrote down."""
    return tuple(Finding(**record) for record in written)
