"""The acts of feedback: what a reader may do on one account, and the row that is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from rind.common.facts.commitments import Category

Kind = Literal["reason", "acknowledge", "snooze", "assign", "note", "intervention", "commitment", "withdraw"]
Verdict = Literal["useful", "known", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
MOST_NOTE = 2000
MOST_PLAYBOOK = 300


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("one line of printable characters")
    return text


def _readable(text: str) -> str:
    if not all(c.isprintable() or c in "\n\t" for c in text):
        raise ValueError("printable characters and line ends")
    return text


def _stripped(value: object) -> object:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _blank_is_none(value: object) -> object:
    """None for an empty text: a form sends its empty fields too."""
    return None if isinstance(value, str) and not value.strip() else value


Number = Annotated[int, Field(ge=1, le=2**53)]
Line = Annotated[str, BeforeValidator(_stripped), AfterValidator(_one_line)]
Superseded = Annotated[Number | None, BeforeValidator(_blank_is_none)]
SUPERSEDES = "Number of the act that this one replaces; it stays in the history"


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReasonVerdict(_Act):
    """A reason of this week's list was useful, known before, or wrong; a later verdict replaces an earlier one."""

    kind: Literal["reason"]
    reason: Annotated[int, Field(ge=1, le=3, description="Its place among the reasons of the list, 1 to 3")]
    verdict: Verdict


class Acknowledge(_Act):
    """Somebody has seen the account on this week's list."""

    kind: Literal["acknowledge"]


class Snooze(_Act):
    """The account is no news on lists dated before a day."""

    kind: Literal["snooze"]
    until: Annotated[date, Field(description="The first list date that shows it as news again")]


class Assign(_Act):
    """A customer success manager takes the account on; the source's own csm stays as it is."""

    kind: Literal["assign"]
    csm: Annotated[Line, Field(min_length=1, max_length=200, description="A CSM of this week's list")]


class Note(_Act):
    """A text about the account."""

    kind: Literal["note"]
    note: Annotated[
        str, BeforeValidator(_stripped), AfterValidator(_readable), Field(min_length=1, max_length=MOST_NOTE)
    ]
    supersedes: Annotated[Superseded, Field(description=SUPERSEDES)] = None


class Intervention(_Act):
    """Something that was started to save or grow the account; the next run reads it as a row of `interventions`."""

    kind: Literal["intervention"]
    playbook: Annotated[Line, Field(min_length=1, max_length=MOST_PLAYBOOK)]
    started_on: date
    ended_on: Annotated[date | None, BeforeValidator(_blank_is_none)] = None
    cost: Annotated[
        Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] | None, BeforeValidator(_blank_is_none)
    ] = None
    supersedes: Annotated[Superseded, Field(description=SUPERSEDES + "; to say when it ended")] = None


class Commitment(_Act):
    """What becomes of the account's revenue by the end of a quarter; a later one for the same quarter replaces it."""

    kind: Literal["commitment"]
    category: Annotated[
        Category, Field(description="commit: it will still be paid; best_case: it may be; at_risk: it may well be lost")
    ]
    quarter: Annotated[
        date, Field(description="The first day of the quarter: the present one or one of the next three")
    ]


class Withdraw(_Act):
    """An earlier act on the account is taken back."""

    kind: Literal["withdraw"]
    supersedes: Annotated[Number, Field(description="Number of the act that is taken back")]


NewAct = Annotated[
    ReasonVerdict | Acknowledge | Snooze | Assign | Note | Intervention | Commitment | Withdraw,
    Field(discriminator="kind"),
]
"""What a reader sends."""


@dataclass(frozen=True)
class Entry:
    """What is written down of a new act.

    Parameters
    ----------
    who
        The user, or the key with its name.
    week
        The date of the list that the reader looked at.
    supersedes
        The act in whose place this one stands; None for none.
    reason, feature
        The sentence that was judged, as it stood on the list, and the feature behind it ("" where it is not known).
    until
        A snooze's end: the first list date that shows the account as news again.
    category, quarter
        A commitment, and the first day of the quarter that it is about.
    """

    who: str
    account_id: str
    week: date
    kind: Kind
    supersedes: int | None = None
    reason: str | None = None
    feature: str | None = None
    verdict: Verdict | None = None
    until: date | None = None
    csm: str | None = None
    note: str | None = None
    playbook: str | None = None
    started_on: date | None = None
    ended_on: date | None = None
    cost: float | None = None
    category: Category | None = None
    quarter: date | None = None

    @property
    def summary(self) -> str:
        """The act in a few words, for the audit log; never the text of a note."""
        parts = (self.verdict, self.feature, self.until, self.csm, self.playbook, self.category, self.quarter)
        replaced = f"of act {self.supersedes}" if self.supersedes else None
        return " ".join(str(part) for part in (self.kind, *parts, replaced) if part)


@dataclass(frozen=True)
class Act(Entry):
    """An entry as the file keeps it: ``number`` counts all acts, ``at`` is ISO 8601, UTC."""

    number: int = 0
    at: str = ""

    @property
    def day(self) -> date:
        """The day on which it was written down, UTC."""
        return date.fromisoformat(self.at[:10])
