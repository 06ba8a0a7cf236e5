from __future__ import annotations

import pandas as pd

from rind.models.evaluation.similar_accounts import Peers

DAY = pd.Timestamp("2024-01-01")


def history(accounts: int, dates: int = 1) -> pd.DataFrame:
    """Every account on every date; risk and health rise with its number, the first third left."""
    rows = [
        {
            "account_id": f"a{n}",
            "as_of": DAY + pd.Timedelta(days=7 * d),
            "churn_probability": (n + 1) / (accounts + 1),
            "health_usage": 100 * n / accounts,
            "churned": float(n < accounts / 3),
        }
        for n in range(accounts)
        for d in range(dates)
    ]
    return pd.DataFrame(rows)


def like(known: pd.DataFrame, account_id: str, probability: float, count: int = 10) -> tuple[int, int] | None:
    group = Peers(known).like(account_id, {"churn_probability": probability, "health_usage": 100 * probability}, count)
    return (group.accounts, group.left) if group else None


def test_peers_are_the_nearest_other_accounts_and_those_of_them_that_left() -> None:
    known = history(60)
    assert like(known, "new", 0.05) == (10, 10)
    assert like(known, "new", 0.95) == (10, 0)


def test_an_account_is_no_peer_of_its_own_and_counts_once_however_often_it_was_seen() -> None:
    few = history(6, dates=4)
    assert like(few, "new", 0.5, count=6) == (6, 2)
    assert like(few, "a3", 0.5, count=6) == (5, 2)


def test_where_fewer_than_half_as_many_are_known_there_are_no_peers() -> None:
    assert like(history(4), "new", 0.5) is None
    assert like(history(0).reindex(columns=history(1).columns), "new", 0.5) is None


def test_dates_on_which_only_leavers_are_known_take_no_part() -> None:
    known = history(60)
    late = known.assign(as_of=DAY + pd.Timedelta(days=70), churned=known["churned"].where(known["churned"] == 1))
    assert like(pd.concat([known, late], ignore_index=True), "new", 0.95) == (10, 0)
