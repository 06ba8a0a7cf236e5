"""The ledger of the week: who gave notice, left, renewed, shrank, grew, turned red, and what that did to the money."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from rind.common.bands import RED
from rind.reports.formats import MONTHS_A_YEAR

Line = dict[str, Any]
KINDS = {
    "gave_notice": "Gave notice",
    "left": "Left",
    "renewed": "Renewed",
    "shrank": "Shrank",
    "grew": "Grew",
    "newly_red": "Newly red",
    "no_longer_red": "No longer red",
}
"""Kind of line -> its title, in the order of the ledger."""
WHOLE = 1 - 1e-9  # money under notice is all of it, however the sums are rounded
LEAST = 0.005  # money a month that is no rounding


def ledger(
    contracts: pd.DataFrame, listed: pd.DataFrame, previous: pd.DataFrame, since: date, as_of: date
) -> dict[str, Any]:
    """What happened between two dates, each by what was known on it.

    Parameters
    ----------
    contracts
        One row per account and date (as_of: datetime64) with a running subscription: of `features.contracts`.
    listed, previous
        The risk lists of both dates by one model; both are empty where the list is withheld.
    since, as_of
        The two dates.

    Returns
    -------
    dict
        since, as_of: ISO dates. lines: one per account and kind of `KINDS`, the most money first: kind, account_id,
        name, segment, csm, arr (of the account; where it shrank, grew or gave notice: of the change), day (of the
        notice, the end, or the new end; ISO or None), contract_ends_on. save_or_close: whoever has given notice for all
        that it pays and is still there, the nearest end first: the same fields, and notice_on.
    """
    contracts = contracts[contracts["mrr"] > 0]
    before = contracts[contracts["as_of"] == pd.Timestamp(since)].set_index("account_id")
    now = contracts[contracts["as_of"] == pd.Timestamp(as_of)].set_index("account_id")
    both = before.merge(now, left_index=True, right_index=True, suffixes=("_before", ""))
    lines = [
        *_notices(both, now, before),
        *_left(before, now),
        *_changes_of_terms(both),
        *_bands(listed, previous, now),
    ]
    order = {kind: place for place, kind in enumerate(KINDS)}
    lines.sort(key=lambda line: (order[line["kind"]], -line["arr"], str(line["account_id"])))
    leaving = now[now["mrr_under_notice"] >= now["mrr"] * WHOLE]
    save = [_line("save_or_close", a, row, row["mrr"], row["notice_on"]) for a, row in _rows(leaving)]
    for line in save:
        line["notice_on"] = line["day"]
    save.sort(key=lambda line: (line["contract_ends_on"] or "9999", -line["arr"], str(line["account_id"])))
    return {"since": since.isoformat(), "as_of": as_of.isoformat(), "lines": lines, "save_or_close": save}


def _notices(both: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame) -> list[Line]:
    """Whoever has more money under notice than on the date before; an account that came since may have given it too."""
    new = now[~now.index.isin(before.index)].assign(mrr_under_notice_before=0.0)
    known = pd.concat([both, new]) if len(new) else both
    by = known["mrr_under_notice"] - known["mrr_under_notice_before"]
    more = known[by > LEAST]
    return [_line("gave_notice", a, row, by[a], row["notice_on"]) for a, row in _rows(more)]


def _left(before: pd.DataFrame, now: pd.DataFrame) -> list[Line]:
    gone = before[~before.index.isin(now.index)]
    return [_line("left", a, row, row["mrr"], row["contract_ends_on"]) for a, row in _rows(gone)]


def _changes_of_terms(both: pd.DataFrame) -> list[Line]:
    by = both["mrr"] - both["mrr_before"]
    renewed = both[both["term_ends_on"] > both["term_ends_on_before"]]
    return [
        *(_line("renewed", a, row, row["mrr"], row["term_ends_on"]) for a, row in _rows(renewed)),
        *(_line("shrank", a, row, -by[a], None) for a, row in _rows(both[by < -LEAST])),
        *(_line("grew", a, row, by[a], None) for a, row in _rows(both[by > LEAST])),
    ]


def _bands(listed: pd.DataFrame, previous: pd.DataFrame, now: pd.DataFrame) -> list[Line]:
    """Who turned red, and who is no longer red and still on the list: who gave notice or left has a line of its own."""
    if listed.empty or previous.empty:
        return []
    reds = set(listed.loc[listed["risk_band"] == RED, "account_id"])
    reds_before = set(previous.loc[previous["risk_band"] == RED, "account_id"])
    rows = listed.set_index("account_id")
    rows = rows.join(now[["contract_ends_on"]])
    newly = rows[rows.index.isin(reds - reds_before)]
    no_longer = rows[rows.index.isin(reds_before - reds)]
    return [
        *(_line("newly_red", a, row, row["mrr"], None) for a, row in _rows(newly)),
        *(_line("no_longer_red", a, row, row["mrr"], None) for a, row in _rows(no_longer)),
    ]


def _rows(frame: pd.DataFrame) -> list[tuple[Any, dict[Any, Any]]]:
    return list(zip(frame.index.tolist(), frame.to_dict("records"), strict=True))


def _line(kind: str, account_id: Any, row: Mapping[Any, Any], mrr: float, day: Any) -> Line:
    texts = {name: None if pd.isna(row[name]) else str(row[name]) for name in ("name", "segment", "csm")}
    arr = 0.0 if pd.isna(mrr) else round(MONTHS_A_YEAR * float(mrr), 2)
    return {
        "kind": kind, "account_id": account_id, **texts, "arr": arr, "day": _iso(day),
        "contract_ends_on": _iso(row.get("contract_ends_on")),
    }  # fmt: skip


def _iso(day: Any) -> str | None:
    return None if day is None or pd.isna(day) else pd.Timestamp(day).date().isoformat()


def of_book(record: Mapping[str, Any], segment: str | None = None, csm: str | None = None) -> dict[str, Any]:
    """The ledger of a segment and a CSM; None: all."""

    def mine(lines: Sequence[Line]) -> list[Line]:
        return [x for x in lines if segment in (None, x["segment"]) and csm in (None, x["csm"])]

    return {**record, "lines": mine(record["lines"]), "save_or_close": mine(record["save_or_close"])}


def by_kind(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per kind of `KINDS`, in order: kind, title, accounts (how many), arr (their sum), lines."""
    groups = {kind: [line for line in record["lines"] if line["kind"] == kind] for kind in KINDS}
    return [
        {"kind": k, "title": KINDS[k], "accounts": len(of), "arr": sum(x["arr"] for x in of), "lines": of}
        for k, of in groups.items()
    ]


def awake(rows: Sequence[Mapping[str, Any]], snoozed: Collection[str]) -> list[dict[str, Any]]:
    """Rows of `by_kind` without the newly red accounts that are snoozed, which are no news; ``snoozed``: how many."""
    kept = []
    for row in rows:
        asleep = [x for x in row["lines"] if row["kind"] == "newly_red" and x["account_id"] in snoozed]
        lines = [line for line in row["lines"] if line not in asleep]
        arr = sum(line["arr"] for line in lines)
        kept.append({**row, "accounts": len(lines), "arr": arr, "lines": lines, "snoozed": len(asleep)})
    return kept


PARTS = {
    "notice": "gave notice",
    "left": "left",
    "gone": "are no longer scored",
    "new": "are new on the list",
    "renewed": "renewed",
    "higher": "are at higher risk",
    "lower": "are at lower risk",
}
"""Part of a change -> what its accounts did."""
NOT_BETTER = ("notice", "left", "gone")
"""Parts of a change after which less is at risk and nothing is better."""


def change_split(listed: pd.DataFrame, previous: pd.DataFrame, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The change of the list's sums since the date before, by what happened to the accounts; the parts add up to it.

    Returns
    -------
    list
        One row per part of `PARTS` that has accounts: part, words, accounts, arr_at_risk, red, watermelons (changes).
    """
    columns = ["account_id", "mrr_at_risk", "churn_probability", "risk_band", "watermelon"]
    both = previous[columns].merge(listed[columns], on="account_id", how="outer", suffixes=("_before", ""))
    of = {kind: {x["account_id"] for x in record["lines"] if x["kind"] == kind} for kind in KINDS}
    both["part"] = [_part(row, of) for row in both.to_dict("records")]
    now_red, then_red = both["risk_band"] == RED, both["risk_band_before"] == RED
    at_risk = both["mrr_at_risk"].fillna(0.0) - both["mrr_at_risk_before"].fillna(0.0)
    flags = [both[name].astype("boolean").fillna(False).astype(int) for name in ("watermelon", "watermelon_before")]
    changes = pd.DataFrame(
        {"part": both["part"], "accounts": 1, "arr_at_risk": MONTHS_A_YEAR * at_risk,
         "red": now_red.astype(int) - then_red.astype(int), "watermelons": flags[0] - flags[1]}
    )  # fmt: skip
    sums: dict[Any, Any] = changes.groupby("part").sum().astype("float64").to_dict("index")
    return [{"part": part, "words": words, **sums[part]} for part, words in PARTS.items() if part in sums]


def departed(split: Sequence[Mapping[str, Any]], name: str) -> float:
    """The part of a change (of `change_split`) of accounts that gave notice or left: nothing got better by it."""
    return float(sum(part[name] for part in split if part["part"] in NOT_BETTER))


def _part(row: Mapping[Any, Any], of: Mapping[str, set[Any]]) -> str:
    account = row["account_id"]
    if pd.isna(row["churn_probability"]):
        return "left" if account in of["left"] else "notice" if account in of["gave_notice"] else "gone"
    if pd.isna(row["churn_probability_before"]):
        return "new"
    if account in of["renewed"]:
        return "renewed"
    return "higher" if row["churn_probability"] >= row["churn_probability_before"] else "lower"


def departures(record: Mapping[str, Any]) -> dict[Any, str]:
    """Account -> why it is no longer at the top of the list, in words with ISO dates."""
    words = {}
    for line in reversed(record["lines"]):  # a notice or an end says more than a renewal
        if line["kind"] == "renewed":
            words[line["account_id"]] = f"renewed until {line['day']}"
        elif line["kind"] == "left":
            words[line["account_id"]] = "left" + (f" on {line['day']}" if line["day"] else "")
        elif line["kind"] == "gave_notice":
            words[line["account_id"]] = "gave notice" + (f" on {line['day']}" if line["day"] else "")
    return words


EMPTY: dict[str, Any] = {"since": None, "as_of": None, "lines": [], "save_or_close": []}
"""Of a run that wrote no ledger."""
