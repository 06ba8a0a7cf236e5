from __future__ import annotations

from datetime import date, timedelta

from rind.features.coverage import Coverage
from rind.features.data_end import data_end, happened_columns

DAY = date(2026, 1, 10)


def reach(**last: date | None) -> dict[str, Coverage]:
    return {name: Coverage(DAY - timedelta(days=400), day) for name, day in last.items()}


def test_the_latest_thing_in_a_required_table_is_the_data_end_and_optional_tables_never_move_it() -> None:
    later = DAY + timedelta(days=30)
    assert data_end(reach(usage=DAY, accounts=DAY - timedelta(days=3), tickets=later)) == DAY


def test_dates_of_terms_count_only_where_nothing_else_has_a_date() -> None:
    plan = DAY + timedelta(days=300)
    assert data_end(reach(usage=DAY, subscriptions=plan)) == DAY
    assert data_end(reach(usage=None, accounts=None, subscriptions=plan)) == plan
    assert data_end({}) is None


def test_a_row_happened_at_its_own_time_and_when_its_later_fields_were_filled() -> None:
    assert {"opened_at", "resolved_at"} <= set(happened_columns("tickets"))
    assert "occurred_at" in happened_columns("usage")
