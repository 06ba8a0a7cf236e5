"""A source without the accounts and contacts that are to be forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ibis
import pytest

from rind.features.forgotten import held_ids, without_persons
from rind.features.sources import Source, open_source

FILES = {
    "accounts": "Account ID,name\n1,Acme\n2,Bolt\n",
    "subscriptions": "subscription_id,account_id,mrr,starts_on\n1,1,10,2025-01-01\n2,2,10,2025-01-01\n",
    "usage": "account_id,user_id,feature,occurred_at\n1,7,a,2025-01-02\n2,8,a,2025-01-02\n2,,a,2025-01-02\n",
    "contacts": "contact_id,account_id\n7,1\n8,2\n",
    "surveys": "response_id,account_id,Contact Id,kind,score,comment\n1,2,8,nps,9,I like it\n2,2,9,nps,3,I do not\n",
}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return open_source(tmp_path)


def test_all_rows_of_a_forgotten_account_are_left_out(source: Source) -> None:
    left = without_persons(source, {"1"}, set())
    assert held_ids(left, "account_id") == {"2"}
    assert left.audited["usage"].count().to_pyarrow().as_py() == 2


def test_rows_of_a_forgotten_contact_stay_with_the_account_without_who_it_was_and_what_was_written(
    source: Source,
) -> None:
    left = without_persons(source, set(), {"8"})
    assert held_ids(left, "contact_id", "user_id") == {"7", "9"}
    assert left.tables["contacts"].count().to_pyarrow().as_py() == 1
    for surveys in (left.tables["surveys"], left.audited["surveys"]):
        rows = surveys.order_by("response_id").to_pyarrow().to_pylist()
        assert [(row["score"], row["comment"]) for row in rows] == [(9.0, None), (3.0, "I do not")]
    assert [row["raw__Contact Id"] for row in rows] == [None, "9"]


def test_an_id_that_the_column_cannot_hold_forgets_nobody(source: Source) -> None:
    left = without_persons(source, {"A1"}, {"x@example.com"})
    assert held_ids(left, "account_id") == {"1", "2"}


def test_a_number_is_forgotten_by_the_digits_that_stand_in_the_source_and_by_no_others(source: Source) -> None:
    numbered = replace(source, tables={"accounts": ibis.memtable({"account_id": [1, -7, 8]})}, audited={})
    left = without_persons(numbered, {"01", "1" * 30, "A1", "-7"}, set())
    assert held_ids(left, "account_id") == {"1", "8"}
