"""What the demo company's customers say follows the state that they are in, and moves nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.demo.company import Company
from rind.demo.voices import worst


def test_the_cause_is_mostly_what_is_worst() -> None:
    state = np.array([[-2.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, -2.0, 0], [0, 0, 0, -2.0]]).repeat(300, axis=0)
    drawn = worst(state, np.random.default_rng(1)).reshape(4, 300)
    assert [int(np.bincount(row, minlength=4).argmax()) for row in drawn] == [0, 1, 2, 3]
    assert all((row == n).mean() > 0.8 for n, row in enumerate(drawn))


def test_every_text_has_its_cause(company: Company) -> None:
    texts, tables = company.truth["texts"], company.tables
    counts = texts["source"].value_counts()
    assert counts["survey"] == tables["surveys"]["comment"].notna().sum()
    assert counts["departure"] == len(tables["departures"])
    assert counts["request"] == len(tables["requests"])
    assert set(texts["cause"]) == {"value", "friction", "people", "money", "praise", "none"}


def test_departures_are_those_of_accounts_that_left_and_told_in_time(company: Company) -> None:
    rows, terms = company.tables["departures"], company.tables["subscriptions"]
    ends = set(zip(terms["account_id"], terms["ended_on"], strict=True))
    assert set(zip(rows["account_id"], rows["left_on"], strict=True)) <= ends
    assert (rows["recorded_at"] > rows["left_on"]).all()
    assert (rows["recorded_at"] <= pd.Timestamp(company.data_end)).all()


def test_wishes_close_after_they_were_asked_or_stay_open(company: Company) -> None:
    rows = company.tables["requests"]
    assert (rows["closed_on"].isna() | (rows["closed_on"] > rows["asked_on"])).all()
    assert (rows["closed_on"].isna() == rows["outcome"].isna()).all()
