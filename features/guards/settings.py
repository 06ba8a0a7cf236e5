"""Thresholds of the guards of source tables: ``guards.source`` of params.yaml."""

from __future__ import annotations

from rind.common.guards import Guard
from rind.common.settings import Count, OpenShare, Section, Share


class StoppedFeed(Guard):
    """The last weeks of a table against its own past.

    Parameters
    ----------
    last_weeks
        So many weeks before the scoring date are looked at, together.
    share_of_usual
        Fires below this share of what such weeks have had at the least before, and a year ago.
    fewest_rows_a_week
        A table with fewer rows in a usual week is not judged.
    fewest_weeks
        Nor is one with fewer weeks of rows.
    """

    last_weeks: Count
    share_of_usual: OpenShare
    fewest_rows_a_week: Count
    fewest_weeks: Count


class LoadedTwice(Guard):
    """Rows that come in even numbers of copies (or in threes), their id aside, in a month or in all."""

    share_of_rows: Share
    fewest_rows: Count


class LateRows(Guard):
    """Fires when more than this share of a table's rows, and at least so many, are dated later than can be."""

    share_of_rows: Share
    fewest_rows: Count


class MrrInvoices(Guard):
    """Invoices of a year beside the mrr of its months, account by account.

    Parameters
    ----------
    tolerance_share
        How near to 100, 12 or 2 times, or a part of it, an account must lie, as a share.
    share_of_accounts
        Fires when so many accounts lie near one of them.
    """

    tolerance_share: OpenShare
    share_of_accounts: Share
    fewest_accounts: Count


class ShareOfAccounts(Guard):
    """Fires when at least so many accounts, and such a share of them, are concerned."""

    share_of_accounts: Share
    fewest_accounts: Count


class TermLeak(Guard):
    """Ends of terms that only those who left ever reached.

    Parameters
    ----------
    share_survived
        Of the terms whose end has passed, so few were survived by their account: the date was written afterwards.
    share_overlong
        Of the renewed terms so many reach far beyond their own renewal.
    fewest_terms
        With fewer terms the guard does not fire.
    """

    share_survived: Share
    share_overlong: Share
    fewest_terms: Count


class InclusiveEnds(Guard):
    """A gap of one day at so many renewals."""

    share_of_renewals: Share
    fewest_renewals: Count


class MixedCurrencies(Guard):
    """Fires when more than this share of the paid terms is in a currency that no rate converts."""

    share_of_terms: Share


class SourceGuards(Section):
    """All guards of source tables, by name."""

    term_leak: TermLeak
    late_rows: LateRows
    stopped_usage: StoppedFeed
    stopped_feed: StoppedFeed
    loaded_twice: LoadedTwice
    mrr_invoices: MrrInvoices
    two_ids: ShareOfAccounts
    open_terms: ShareOfAccounts
    zero_mrr: ShareOfAccounts
    mixed_currencies: MixedCurrencies
    inclusive_ends: InclusiveEnds
