"""What a feature is called, what it means, and how it is said to a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["count", "days", "hours", "share", "score", "money", "ratio", "balance", "delay", "flag", "text"]


@dataclass(frozen=True)
class Settings:
    """What a family may know of the run.

    Parameters
    ----------
    horizon_days
        The churn horizon.
    grace_days
        An account that pays again within so many days has not left; its revenue goes on from where it was.
    main_share
        The share of an account's mrr from which on the end of a term is the account's renewal.
    currency
        ISO 4217 code of the company's own currency; "": amounts are taken as they are.
    """

    horizon_days: int = 90
    grace_days: int = 30
    main_share: float = 0.5
    currency: str = ""


@dataclass(frozen=True)
class Feature:
    """One column of the feature matrix.

    Parameters
    ----------
    name
        ``family__what__window``, e.g. ``tickets__opened__28d``; window is ``now`` or ``ever`` where none applies.
    description
        One line for the catalogue, without a full stop.
    unit
        How a value is printed: count 14, days 34, hours 6.5, share 37 %, score 8.2, money 1,200,
        ratio 0.61, flag yes/no, text as it is; a balance, (now - before) / (now + before), as "down by 47 %" against
        before; a delay in days as "5 days late" or "3 days early".
    direction
        +1 where, all else equal, more of it can only raise the risk of churn, -1 where it can only lower it,
        0 where it may be either. Both models are held to it (monotone constraints), so only claim the obvious.
        A feature with 0 is never told as a reason.
    sentence
        What a CSM reads when the feature drives a score; a fact, not a judgement. ``{tickets__open__now}`` prints
        that feature's value of the account, ``{change:a:b}`` prints "fell from <a> to <b>" (rose, stayed at),
        ``{moved:a}`` a difference with its direction, "down by 2".
        A sentence must never contain a raw column name or jargon.
    when_zero, when_missing
        The sentence where the value is 0 (or no), and where it is empty; "" takes ``sentence`` for zero
        and "no data on <description>" for missing.
    when_one
        The sentence of an account with one seat (of the family contacts: with one contact), where ``sentence`` speaks
        of several people; "" takes ``sentence``. What is usual stands behind it, too: "none is usual".
    theme
        What the feature speaks of, where `common.themes.MATTERS` does not name it (families of one's own).
    """

    name: str
    description: str
    unit: Unit
    direction: int = 0
    sentence: str = ""
    when_zero: str = ""
    when_missing: str = ""
    when_one: str = ""
    theme: Literal["", "value", "friction", "people", "money", "context"] = ""

    @property
    def family(self) -> str:
        """The part of the name before the first double underscore."""
        return self.name.split("__", 1)[0]
