"""The risk list: who is at risk, in which order, and what moved since the last one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

COLUMNS = (
    "rank", "account_id", "name", "segment", "csm", "mrr", "term_ends_on", "churn_probability",
    "risk_band", "mrr_at_risk", "health_score", "health_band", "watermelon", "reason_1", "reason_2",
    "reason_3", "playbook", "rank_change",
)  # fmt: skip
REQUIRED = ("account_id", "mrr", "churn_probability", "risk_band")
COMPARED = COLUMNS[:13]
"""What is kept of the list of the date before."""


def rank(scored: pd.DataFrame, previous: pd.DataFrame | None = None) -> pd.DataFrame:
    """Order scored accounts into the risk list of the contract, riskiest first unless ``order_key`` says otherwise.

    Parameters
    ----------
    scored
        One row per account of the cohort: account_id, mrr (a month), churn_probability, risk_band, and what is known of
        name, segment, csm, term_ends_on, health_score, health_band, watermelon, reason_1..3, playbook
        (absent columns become empty; further columns follow at the end). order_key, where it is there: what the list
        is sorted by in place of the probability, the largest first.
    previous
        The risk list of the date before by the same model (account_id, rank), or None where there is none.

    Returns
    -------
    pd.DataFrame
        One row per account: `COLUMNS` and money_rank, ranks 1..n; ties go to the larger mrr, then to the smaller id.
        money_rank: the place by mrr_at_risk, 1 is the account to save first; unknown money comes last.
        rank_change: Int64 = previous rank - rank, positive = moved up the list (riskier), null when new or
        where there is no previous list.

    Raises
    ------
    ValueError
        A required column is missing, an account is there twice, a probability is missing or outside 0..1.
    """
    _check(scored)
    ordered = (
        scored.assign(_key=scored.get("order_key", scored["churn_probability"]), _mrr=scored["mrr"].fillna(0.0))
        .sort_values(["_key", "_mrr", "account_id"], ascending=[False, False, True], kind="stable")
        .drop(columns=["_key", "_mrr", "order_key"], errors="ignore")
        .reset_index(drop=True)
    )
    ordered["rank"] = pd.RangeIndex(1, len(ordered) + 1)
    ordered["mrr_at_risk"] = ordered["mrr"] * ordered["churn_probability"]
    ordered["rank_change"] = _rank_change(ordered, previous)
    ordered["money_rank"] = _money_rank(ordered["mrr_at_risk"])
    further = [c for c in scored.columns if c not in (*COLUMNS, "money_rank", "order_key")]
    return ordered.reindex(columns=[*COLUMNS, "money_rank", *further])


def _money_rank(mrr_at_risk: pd.Series) -> pd.Series:
    """1 is the most mrr_at_risk; ties go to the riskier account, unknown money comes last."""
    by_money = mrr_at_risk.sort_values(ascending=False, kind="stable", na_position="last").index
    return pd.Series(range(1, len(by_money) + 1), index=by_money, dtype="int64").reindex(mrr_at_risk.index)


def _check(scored: pd.DataFrame) -> None:
    missing = [c for c in REQUIRED if c not in scored.columns]
    if missing:
        raise ValueError(f"the scored accounts have no column {', '.join(missing)}")
    twice = scored.loc[scored["account_id"].duplicated(), "account_id"]
    if len(twice):
        raise ValueError(f"{len(twice)} accounts are scored twice, e.g. {twice.iloc[0]!r}: keep one row per account")
    wrong = scored.loc[~scored["churn_probability"].between(0, 1), "account_id"]
    if len(wrong):
        raise ValueError(f"{len(wrong)} accounts have no churn_probability between 0 and 1, e.g. {wrong.iloc[0]!r}")


def _rank_change(ordered: pd.DataFrame, previous: pd.DataFrame | None) -> pd.Series:
    if previous is None:
        return pd.Series(pd.NA, index=ordered.index, dtype="Int64")
    before = ordered["account_id"].map(previous.set_index("account_id")["rank"])
    return before.astype("Int64") - ordered["rank"].astype("Int64")


@dataclass(frozen=True)
class Changes:
    """What moved between two risk lists; each frame holds one row per account, see `changes`."""

    first_run: bool
    top: int
    new: pd.DataFrame
    gone: pd.DataFrame
    movers: pd.DataFrame
    movers_by_money: pd.DataFrame


def changes(
    current: pd.DataFrame,
    previous: pd.DataFrame | None,
    top: int,
    movers: int = 10,
    departures: Mapping[object, str] | None = None,
) -> Changes:
    """Compare the first ``top`` accounts of this risk list and the last one.

    Parameters
    ----------
    current, previous
        Whole risk lists, one row per account; previous is None where there is no date before.
    top
        How many accounts of a list are "on the list".
    movers
        How many movers at most.
    departures
        account_id -> what happened to its contract ("left on 2026-03-01", "renewed until 2027-03-01"), where that is
        known; of `reports.ledger.departures`.

    Returns
    -------
    Changes
        All frames: account_id, name, segment, csm, mrr, rank, previous_rank (Int64), churn_probability,
        previous_probability, mrr_at_risk_change; where the lists say so, moved_by (what moved it) and
        published_probability (what the list before said of it then, by the model of then). Disjoint:

        - new: in the top now and not before, by rank (previous_rank null = was not scored before);
        - gone: in the top before and not now, by previous rank, with ``why``: the departure if known,
          "left or gave notice" if it is scored no more, "lower risk: now rank 31" otherwise.

        And of all accounts on both lists, wherever they stand, with ``why`` (the departure if known, else ""):

        - movers: largest change of probability first (of ranks where equal). Ranks alone mislead: in the crowded
          middle of a list a hair moves an account by fifty places;
        - movers_by_money: largest change of mrr at risk first.
    """
    if previous is None:
        none = _with_why(_both(current, current).iloc[:0], [])
        return Changes(True, top, none.drop(columns="why"), none, none, none)
    both, happened = _both(current, previous), departures or {}
    now, before = (both["rank"] <= top).fillna(False), (both["previous_rank"] <= top).fillna(False)
    gone = both[before & ~now].sort_values("previous_rank")
    stayed = both[both["rank"].notna() & both["previous_rank"].notna()]
    stayed = _with_why(stayed, [happened.get(account, "") for account in stayed["account_id"]])
    why = [_why(a, r, happened) for a, r in zip(gone["account_id"], gone["rank"], strict=True)]
    return Changes(
        first_run=False,
        top=top,
        new=both[now & ~before].sort_values("rank").reset_index(drop=True),
        gone=_with_why(gone, why).reset_index(drop=True),
        movers=_largest(stayed, stayed["churn_probability"] - stayed["previous_probability"], movers),
        movers_by_money=_largest(stayed, stayed["mrr_at_risk_change"], movers),
    )


def _with_why(rows: pd.DataFrame, why: list[str]) -> pd.DataFrame:
    return rows.assign(why=pd.Series(why, index=rows.index, dtype="str"))


def _both(current: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    """All accounts of either list, one row each, with what both lists say of it."""
    kept = ["account_id", "name", "segment", "csm", "mrr"]
    only_before = previous[~previous["account_id"].isin(current["account_id"])]
    both = pd.concat([current.reindex(columns=kept), only_before.reindex(columns=kept)], ignore_index=True)
    now, before = current.set_index("account_id"), previous.set_index("account_id")
    both["rank"] = both["account_id"].map(now["rank"]).astype("Int64")
    both["previous_rank"] = both["account_id"].map(before["rank"]).astype("Int64")
    both["churn_probability"] = both["account_id"].map(now["churn_probability"]).astype("float64")
    both["previous_probability"] = both["account_id"].map(before["churn_probability"]).astype("float64")
    if "published_probability" in before:
        both["published_probability"] = both["account_id"].map(before["published_probability"]).astype("float64")
    at_risk = [
        both["account_id"].map(money).astype("float64").fillna(0.0) for money in (_at_risk(now), _at_risk(before))
    ]
    both["mrr_at_risk_change"] = at_risk[0] - at_risk[1]
    if "moved_by" in now:
        both["moved_by"] = both["account_id"].map(now["moved_by"])
    return both


def _at_risk(listed: pd.DataFrame) -> pd.Series:
    return listed["mrr_at_risk"] if "mrr_at_risk" in listed else listed["mrr"] * listed["churn_probability"]


def _why(account: object, now: Any, departures: Mapping[object, str]) -> str:
    if account in departures:
        return departures[account]
    return "left or gave notice" if pd.isna(now) else f"lower risk: now rank {now}"


def _largest(both: pd.DataFrame, by: pd.Series, count: int) -> pd.DataFrame:
    moved = both.assign(_by=by.abs().round(6), _ranks=(both["previous_rank"] - both["rank"]).abs())
    moved = moved[(moved["_by"] > 0) | (moved["_ranks"] > 0)]
    moved = moved.sort_values(["_by", "_ranks", "rank"], ascending=[False, False, True]).head(count)
    return moved.drop(columns=["_by", "_ranks"]).reset_index(drop=True)
