from __future__ import annotations

import pandas as pd

from rind.reports.playbooks import choose
from rind.reports.settings import PlaybookRule

TABLE = (
    PlaybookRule(family="tickets", segment="*", band="red", do="call"),
    PlaybookRule(family="*", segment="enterprise", band="red", do="visit"),
    PlaybookRule(family="tickets", segment="*", band="*", do="answer"),
)


def chosen(*accounts: tuple[str | None, str | None, str], table: tuple[PlaybookRule, ...] = TABLE) -> list[str]:
    families, segments, bands = (pd.Series(list(column)) for column in zip(*accounts, strict=True))
    return choose(families, segments, bands, table).tolist()


def test_the_first_rule_that_fits_decides() -> None:
    assert chosen(("tickets", "enterprise", "red"), ("usage", "enterprise", "red"), ("tickets", "smb", "amber")) == [
        "call",
        "visit",
        "answer",
    ]


def test_where_no_rule_fits_there_is_no_advice() -> None:
    assert chosen(("usage", "smb", "green")) == [""]


def test_a_missing_family_or_segment_fits_only_a_star() -> None:
    assert chosen((None, "enterprise", "red"), (None, None, "red")) == ["visit", ""]
    assert chosen((None, None, "green"), table=(PlaybookRule(family="*", segment="*", band="*", do="write"),)) == [
        "write"
    ]


def test_segments_are_matched_by_account_not_by_place() -> None:
    families = pd.Series(["usage", "usage"], index=["a", "b"])
    segments = pd.Series(["smb", "enterprise"], index=["b", "a"])
    bands = pd.Series(["red", "red"], index=["a", "b"])
    assert choose(families, segments, bands, TABLE).to_dict() == {"a": "visit", "b": ""}
