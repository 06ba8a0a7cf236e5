from __future__ import annotations

import numpy as np
import pandas as pd

from rind.demo.clock import Clock
from rind.demo.ledger import Tenure

ROWS = pd.DataFrame({"account": [0, 0, 0, 2], "start": [0, 10, 30, 5], "end": [10, 20, 40, 15]})
"""Account 0 renews on day 10 and comes back on day 30; account 1 never signs."""


def active(account: int, *on: int) -> list[bool]:
    return Tenure.from_rows(ROWS).active(np.full(len(on), account), np.array(on)).tolist()


def test_terms_that_follow_one_another_without_a_gap_are_one_spell() -> None:
    tenure = Tenure.from_rows(ROWS)
    assert list(zip(tenure.account, tenure.start, tenure.end, strict=True)) == [(0, 0, 20), (0, 30, 40), (2, 5, 15)]


def test_an_account_is_active_on_the_first_day_of_a_term_and_not_on_its_end() -> None:
    assert active(0, 0, 19, 20, 29, 30, 39, 40) == [True, True, False, False, True, True, False]
    assert active(1, 0, 10) == [False, False]
    assert active(2, 4, 5, 14, 15) == [False, True, True, False]


def test_a_week_counts_where_the_account_is_a_customer_on_any_of_its_days() -> None:
    weeks = Tenure.from_rows(ROWS).weeks(Clock(start=0, end=41), accounts=3)
    assert weeks[:, 0].tolist() == [True, True, True, False, True, True]
    assert weeks[:, 1].any() == np.False_
    assert weeks[:, 2].tolist() == [True, True, True, False, False, False]
