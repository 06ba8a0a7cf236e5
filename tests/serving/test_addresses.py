"""Accounts in addresses."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rind.serving.addresses import account_of, account_segment


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_id_comes_back_from_its_address_as_browsers_and_routes_leave_it(account_id: str) -> None:
    segment = account_segment(account_id)
    assert urljoin("http://localhost/accounts/", segment) == f"http://localhost/accounts/{segment}"
    assert re.fullmatch(r"[\x21-\x7e]+", segment)
    assert "/" not in unquote(segment)
    assert account_of(unquote(segment)) == account_id


@pytest.mark.parametrize(
    ("account_id", "segment"),
    [("A00042", "A00042"), ("ü 50%", "%C3%BC%2050%25"), ("..", "~Li4"), ("a/b", "~YS9i"), ("~Li4", "~fkxpNA")],
)
def test_ids_are_written_as_they_are_wherever_they_survive(account_id: str, segment: str) -> None:
    assert account_segment(account_id) == segment


@pytest.mark.parametrize("segment", ["~", "~!", "~QTE", "~////", "a/b", "~Li4=", "~é"])
def test_what_no_link_of_ours_holds_is_an_id_as_it_stands(segment: str) -> None:
    assert account_of(segment) == segment
