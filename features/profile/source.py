"""The whole profile of an opened source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rind.common.profile import CompanyProfile, SourceProfile, TableProfile
from rind.features.counting import Counts
from rind.features.engine import reading
from rind.features.profile.company import profile_company
from rind.features.profile.gains import families, next_tables, outcomes, pages
from rind.features.profile.tables import profile_table
from rind.features.sources import Source

COMPANY_COLUMNS = {"account_id", "mrr", "starts_on"}
"""Columns of subscriptions without which there are no customers to count."""


def profile_source(
    source: Source, counts: Mapping[str, Counts], data_end: date | None, grace_days: int
) -> SourceProfile:
    """What a source is, of what validation counted, and of a few passes over the subscriptions.

    Parameters
    ----------
    counts
        Per table what one pass over it counted (`features.validation.Checked`).
    data_end
        The last day that the source covers, as validation found it; None where nothing has a date.
    grace_days
        Who comes back within so many days has not left.

    Raises
    ------
    SourceError
        A table cannot be read to its end.
    """
    tables = [profile_table(source, name, counts[name]) for name in source.tables]
    filled = set(_filled(tables))
    present = [table.name for table in tables]
    return SourceProfile(
        url=source.url,
        data_end=data_end,
        tables=tuple(tables),
        company=_company(source, data_end, grace_days),
        families=families(present),
        outcomes=outcomes(filled),
        pages=pages(filled),
        next_tables=next_tables(present),
        others=source.others,
    )


def _filled(tables: list[TableProfile]) -> Iterator[str]:
    for table in tables:
        for column in table.with_use("used"):
            if column.empty_share is not None and column.empty_share < 1:
                yield f"{table.name}.{column.name}"


def _company(source: Source, data_end: date | None, grace_days: int) -> CompanyProfile | None:
    lacking = COMPANY_COLUMNS & set(source.missing_columns.get("subscriptions", ()))
    if data_end is None or "subscriptions" not in source.tables or lacking:
        return None
    with reading("the table subscriptions"):
        return profile_company(source.tables, data_end, grace_days)
