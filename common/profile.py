"""What a source is, before anything is run on it: one small tree that terminal and page print alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Use = Literal["used", "missing", "unused"]


@dataclass(frozen=True)
class ColumnProfile:
    """A column of a table.

    Parameters
    ----------
    use
        "used": of the contract, and there. "missing": of the contract, and not there. "unused": there, and ignored.
    empty_share
        Of the table's rows; None where the column is not read, or the table has no row.
    looks_like
        Of an unused one: the missing column of the contract that it may be; "" where none is alike.
    """

    name: str
    use: Use
    empty_share: float | None = None
    looks_like: str = ""
    required: bool = False


@dataclass(frozen=True)
class TableProfile:
    """A table of the contract that the source has.

    Parameters
    ----------
    first, last
        The first and the last day on which a row happened; None where no row has a date.
    months
        The first day of each month from the first row to the last, with its rows; the last `MOST_MONTHS` of them.
    """

    name: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    first: date | None
    last: date | None
    months: tuple[tuple[date, int], ...]

    def with_use(self, use: Use) -> tuple[ColumnProfile, ...]:
        """The columns of one kind, in the order of the table."""
        return tuple(column for column in self.columns if column.use == use)


MOST_MONTHS = 60
"""So many months are in a picture; a date of 1900 must not stretch it."""


@dataclass(frozen=True)
class MonthProfile:
    """The company at the end of a month.

    Parameters
    ----------
    month
        Its first day.
    active, paying
        Accounts with a subscription, and with one of mrr above 0, on its last day (or the data end).
    mrr
        Sum of mrr of all subscriptions that run on that day, in the company's own currency where rates convert it.
    invoiced
        Sum of the invoices issued in the month; None without invoices.
    """

    month: date
    active: int
    paying: int
    mrr: float
    invoiced: float | None


@dataclass(frozen=True)
class CompanyProfile:
    """Customers and money.

    Parameters
    ----------
    months
        The last `MOST_MONTHS` months until the data end.
    churned
        Year -> accounts that left in it (their grace days have passed, and they did not come back within them).
    returned
        Accounts that left and came back later.
    trials
        Subscriptions of the kind trial; None where the source has no kinds.
    currencies
        Currency -> subscriptions; empty where the source has no currencies.
    terms
        Months from the start of a term to the end agreed at its start -> subscriptions; None: without such an end.
    """

    months: tuple[MonthProfile, ...]
    churned: dict[int, int]
    returned: int
    trials: int | None
    currencies: dict[str, int]
    terms: dict[int | None, int]


@dataclass(frozen=True)
class Gain:
    """What something gives, or would give.

    Parameters
    ----------
    name
        A family, an outcome, a page, or a table that is absent.
    there
        Whether these tables give it.
    words
        What it is, what it lacks, or what it would add.
    """

    name: str
    there: bool
    words: str


@dataclass(frozen=True)
class SourceProfile:
    """All of it.

    Parameters
    ----------
    url
        Where the tables lie, without passwords.
    data_end
        The last day that the source covers; None where nothing has a date.
    tables
        The tables of the contract that are there.
    company
        None where accounts or subscriptions are not there, or not readable as such.
    families, outcomes, pages
        What these tables give, and what they do not.
    next_tables
        The absent tables, the most useful first, with what each would add.
    others
        Files or tables that were not read.
    """

    url: str
    data_end: date | None
    tables: tuple[TableProfile, ...]
    company: CompanyProfile | None
    families: tuple[Gain, ...]
    outcomes: tuple[Gain, ...]
    pages: tuple[Gain, ...]
    next_tables: tuple[Gain, ...]
    others: tuple[str, ...] = ()
