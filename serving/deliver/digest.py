"""The content of a mail: a reader's accounts at risk, what changed, and the money behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from rind.common.bands import AMBER, RED
from rind.reports.facts import RunFacts
from rind.reports.formats import MONTHS_A_YEAR
from rind.reports.ledger import awake, by_kind, change_split, departed, of_book
from rind.reports.risk_list import Changes
from rind.reports.summary import yes
from rind.reports.tables import records
from rind.serving.addresses import account_segment
from rind.serving.deliver.settings import DeliverySettings
from rind.serving.deliver.texts import one_line
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.store.protocols import Week
from rind.serving.views.run_facts import facts_of
from rind.serving.views.week_summary import PreviousWeek, book

Row = dict[str, Any]
MOST_WATERMELONS = 10
MOST_MOVES = 10
MOST_NAMES = 3
LEAST_MOVE = 0.01
"""Smaller changes of the probability are left out: both figures would be printed alike."""


@dataclass(frozen=True)
class Totals:
    """Sums over a reader's accounts; money a month."""

    accounts: int
    red: int
    watermelons: int
    mrr: float
    mrr_at_risk: float


@dataclass(frozen=True)
class Group:
    """A line of a table for leadership: a segment's or a CSM's sums now, and MRR at risk before (None: no list)."""

    name: str
    now: Totals
    before: float | None

    @property
    def change(self) -> float | None:
        return None if self.before is None else self.now.mrr_at_risk - self.before


@dataclass(frozen=True)
class Digest:
    """One mail's content.

    Parameters
    ----------
    csm
        Whose accounts these are; None is leadership: all accounts.
    facts
        The run, with its verdict on how far to trust the order.
    since
        The date of the list before; None where there is none to compare with.
    now, before
        Sums over the reader's accounts, then and now.
    departed
        MRR at risk that is gone because its accounts gave notice or left (0 or less): nothing got better by it.
    top
        Red and amber accounts by rank, at most `DeliverySettings.top`; all of them count in ``at_risk``.
    watermelons
        By rank, at most `MOST_WATERMELONS`.
    new, gone, movers
        As in `reports.risk_list.changes`, of the whole company's list, those of the reader.
    by_segment, by_csm
        For leadership; empty for a CSM.
    url
        The served page of this list; "" without a base URL.
    snoozed
        The reader's red and amber accounts that are snoozed, with ``until``: they are in no other list of news, and in
        all sums.
    hits
        How many reasons were judged useful, as a sentence; "" where none was, and for a CSM.
    ledger, save_or_close
        What happened to the reader's accounts since the list before (of `reports.ledger.by_kind`, kinds with accounts,
        and ``names``: the first three), and those that gave notice and are still there, with ``title``.
    week_work, week_done
        How many accounts the CSM is expected to manage this week, the first ones of the own list, and how many of them
        are taken care of; 0 for leadership, and where the list does not tell.
    """

    csm: str | None
    facts: RunFacts
    since: date | None
    now: Totals
    before: Totals | None
    departed: float
    at_risk: int
    top: tuple[Row, ...]
    watermelons: tuple[Row, ...]
    on_the_list: int
    new: tuple[Row, ...]
    gone: tuple[Row, ...]
    movers: tuple[Row, ...]
    by_segment: tuple[Group, ...]
    by_csm: tuple[Group, ...]
    url: str
    snoozed: tuple[Row, ...] = ()
    hits: str = ""
    ledger: tuple[Row, ...] = ()
    save_or_close: tuple[Row, ...] = ()
    week_work: int = 0
    week_done: int = 0

    @property
    def change(self) -> float | None:
        """How MRR at risk moved without what departed; None where there is nothing to compare with."""
        return None if self.before is None else self.now.mrr_at_risk - self.before.mrr_at_risk - self.departed


def digest(
    week: Week, settings: DeliverySettings, csm: str | None = None, feedback: BookFeedback | None = None
) -> Digest:
    """The content of one reader's mail.

    Parameters
    ----------
    week
        The published week.
    settings
        How many accounts and movers; where the pages are.
    csm
        Only this CSM's accounts; None for leadership.
    feedback
        What was snoozed in it is told as such, and not as news.
    """
    previous = PreviousWeek(week)
    mine = book(week.risk_list, csm=csm)
    mine_before = None if previous.listed is None else book(previous.listed, csm=csm)
    at_risk = mine[mine["risk_band"].isin([RED, AMBER])]
    snoozed = {account: act.until for account, act in feedback.snoozed.items()} if feedback else {}
    risky = _awake(at_risk, snoozed)
    asleep = at_risk[at_risk["account_id"].isin(list(snoozed))]
    work = _week_work(mine, csm)
    for_leadership, happened = csm is None, of_book(previous.ledger, csm=csm)
    return Digest(
        csm=csm,
        facts=facts_of(week),
        since=previous.as_of,
        now=totals(mine),
        before=None if mine_before is None else totals(mine_before),
        departed=0.0
        if mine_before is None
        else departed(change_split(mine, mine_before, happened), "arr_at_risk") / MONTHS_A_YEAR,
        at_risk=len(risky),
        top=rows(risky.head(settings.top), settings),
        watermelons=rows(mine[_watermelons(mine)].head(MOST_WATERMELONS), settings),
        on_the_list=previous.changes.top,
        **_moves(previous.changes, csm, settings, snoozed),
        by_segment=_groups(mine, mine_before, "segment") if for_leadership else (),
        by_csm=_groups(mine, mine_before, "csm") if for_leadership else (),
        url=_page(settings, csm),
        snoozed=_until(asleep, snoozed, settings),
        hits=feedback.hits.sentence if feedback and for_leadership else "",
        ledger=_ledger(happened, snoozed) if previous.as_of else (),
        save_or_close=tuple(line | {"title": _title(line)} for line in happened["save_or_close"]),
        week_work=len(work),
        week_done=sum(account in feedback.worked for account in work) if feedback else 0,
    )


def _week_work(mine: pd.DataFrame, csm: str | None) -> list[str]:
    """The accounts that the CSM is expected to manage this week; none for leadership."""
    if csm is None or "within_capacity" not in mine:
        return []
    return [str(account) for account in mine.loc[yes(mine["within_capacity"]), "account_id"]]


def _ledger(happened: Mapping[str, Any], snoozed: Collection[str]) -> tuple[Row, ...]:
    rows = [row for row in awake(by_kind(happened), snoozed) if row["accounts"]]
    return tuple(row | {"names": [_title(line) for line in row["lines"][:MOST_NAMES]]} for row in rows)


def _title(line: Mapping[str, Any]) -> str:
    return one_line(str(line["name"] or line["account_id"]))


def _until(asleep: pd.DataFrame, snoozed: Mapping[str, date | None], settings: DeliverySettings) -> tuple[Row, ...]:
    """The rows, each with the end of its snooze, by the id as it stands in the list: the one of a row is for people."""
    pairs = zip(asleep["account_id"], rows(asleep, settings), strict=True)
    return tuple(row | {"until": snoozed[account_id]} for account_id, row in pairs)


def _awake(listed: pd.DataFrame, snoozed: Collection[str]) -> pd.DataFrame:
    return listed[~listed["account_id"].isin(list(snoozed))] if snoozed else listed


def totals(listed: pd.DataFrame) -> Totals:
    """Sums over accounts; unknown money counts as 0."""
    money = listed[["mrr", "mrr_at_risk"]].fillna(0.0).sum()
    red = int((listed["risk_band"] == RED).sum())
    return Totals(len(listed), red, int(_watermelons(listed).sum()), float(money["mrr"]), float(money["mrr_at_risk"]))


def rows(listed: pd.DataFrame, settings: DeliverySettings) -> tuple[Row, ...]:
    """One dictionary per account, for people: texts of one line, empty cells as None.

    Besides the columns: ``title``, ``reasons``, and ``url``, its page ("" without a base URL).
    """
    account_rows = []
    for row in records(listed):
        reasons = tuple(one_line(reason) for reason in reasons_of(row))
        shown = {name: one_line(value) if isinstance(value, str) else value for name, value in row.items()}
        title = shown.get("name") or one_line(str(row["account_id"]))
        account_rows.append(shown | {"url": page_url(row, settings), "reasons": reasons, "title": title})
    return tuple(account_rows)


def reasons_of(row: Row) -> tuple[str, ...]:
    """The reasons that an account has, as they stand in the list."""
    return tuple(row[f"reason_{n}"] for n in (1, 2, 3) if row.get(f"reason_{n}"))


def page_url(row: Row, settings: DeliverySettings) -> str:
    """The page of an account; "" without a base URL."""
    return f"{settings.base_url}/accounts/{account_segment(str(row['account_id']))}" if settings.base_url else ""


def _watermelons(listed: pd.DataFrame) -> pd.Series:
    if "watermelon" not in listed:
        return pd.Series(False, index=listed.index)
    return yes(listed["watermelon"])


def _moves(
    moved: Changes, csm: str | None, settings: DeliverySettings, snoozed: Collection[str]
) -> dict[str, tuple[Row, ...]]:
    by = (moved.movers["churn_probability"] - moved.movers["previous_probability"]).abs()
    moved_most = moved.movers[by >= LEAST_MOVE]
    return {
        "new": rows(_awake(book(moved.new, csm=csm), snoozed).head(MOST_MOVES), settings),
        "gone": rows(book(moved.gone, csm=csm).head(MOST_MOVES), settings),
        "movers": rows(_awake(book(moved_most, csm=csm), snoozed).head(settings.movers), settings),
    }


def _groups(listed: pd.DataFrame, before: pd.DataFrame | None, by: str) -> tuple[Group, ...]:
    """Sums by segment or CSM, most MRR at risk first."""
    at_risk_before = None if before is None else before["mrr_at_risk"].fillna(0.0).groupby(_named(before[by])).sum()
    groups = [
        Group(
            one_line(str(name)), totals(part), None if at_risk_before is None else float(at_risk_before.get(name, 0.0))
        )
        for name, part in listed.groupby(_named(listed[by]))
    ]
    return tuple(sorted(groups, key=lambda group: (-group.now.mrr_at_risk, group.name)))


def _named(names: pd.Series) -> pd.Series:
    return names.astype("object").where(names.notna() & (names != ""), "(none)")


def _page(settings: DeliverySettings, csm: str | None) -> str:
    if not settings.base_url:
        return ""
    return f"{settings.base_url}/" + (f"?{urlencode({'csm': csm})}" if csm else "")
