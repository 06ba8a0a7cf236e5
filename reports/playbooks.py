"""What to do next: the first line of `playbooks` that fits an account, and what is under way there already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rind.common.facts.effects import EffectRecord
from rind.reports.effects_text import HELPED_BEFORE, advice_note
from rind.reports.settings import Need, PlaybookRule
from rind.reports.wording import spoken_day

ANY = "*"
UNDER_WAY = "Under way: "
PEOPLE = ("commercial__seats__now", "usage__active_users__91d", "contacts__active__now")
SENIOR = ("contacts__decision_makers__now", "contacts__executives__now")
NAMED = ("theme", "matter", "family", "segment", "band")


def choose(
    facts: pd.DataFrame, under_way: pd.DataFrame, table: Sequence[PlaybookRule], effects: Sequence[EffectRecord] = ()
) -> pd.Series:
    """The advice of the first line that fits, for every account that is not green.

    Parameters
    ----------
    facts
        One row per account (index: account_id): theme, matter and family of the first reason that is told (missing
        where nothing sets the account apart), segment, band, days_left to the end of the term (NaN: not known); people
        (seats, users or contacts, whichever is most), contacts, decision_makers: how many are known.
    under_way
        One row per intervention that runs: account_id, playbook, started_on.
    table
        Lines in order of precedence.
    effects
        What the playbooks did before: a line that starts one that is shown to harm fits no account, and the advice to
        start one that is shown to help says so.

    Returns
    -------
    pd.Series
        ``playbook``, one text per account_id; what is under way stands behind the advice. "" for green accounts, and
        where no line fits.
    """
    chosen = pd.Series("", index=facts.index, name="playbook", dtype="str")
    running = _running(under_way)
    open_ = facts["band"].ne("green")
    helped = {_key(record["playbook"]): advice_note(record) for record in effects if record["verdict"] == "helps"}
    harmed = {_key(record["playbook"]) for record in effects if record["verdict"] == "harms"}
    for rule in table:
        if rule.starts and _key(rule.starts) in harmed:
            continue
        fits = open_ & _fits(facts, rule)
        if rule.starts:
            fits &= ~facts.index.isin(running.index[running["key"] == _key(rule.starts)])
        chosen[fits] = ". ".join(filter(None, (rule.do, helped.get(_key(rule.starts)))))
        open_ &= ~fits
    words = running["words"].groupby(level=0).agg("; ".join).reindex(facts.index)
    advised = words.notna() & facts["band"].ne("green")
    chosen[advised] = np.where(chosen[advised] != "", chosen[advised] + f". {UNDER_WAY}", UNDER_WAY) + words[advised]
    return chosen


def people(values: pd.DataFrame) -> pd.DataFrame:
    """Who is known at each account, for the lines that presume somebody.

    Parameters
    ----------
    values
        One row per account, one column per feature; a source without contacts or users has not all of them.

    Returns
    -------
    pd.DataFrame
        Same index: people, contacts, decision_makers (counts; 0 where nobody is known).
    """
    known = values.reindex(columns=[*PEOPLE, *SENIOR]).apply(pd.to_numeric, errors="coerce").astype("float64")
    return pd.DataFrame(
        {
            "people": known[list(PEOPLE)].max(axis=1).fillna(0.0),
            "contacts": known["contacts__active__now"].fillna(0.0),
            "decision_makers": known[list(SENIOR)].sum(axis=1),
        }
    )


def advice_of(playbook: str) -> str:
    """The advice without what is under way and what it did before; "" where there is none."""
    sentences = playbook.partition(UNDER_WAY)[0].removesuffix(". ").split(". ")
    return ". ".join(sentences[:-1] if HELPED_BEFORE in sentences[-1] else sentences)


def _fits(facts: pd.DataFrame, rule: PlaybookRule) -> pd.Series:
    fits = pd.Series(True, index=facts.index)
    for name in NAMED:
        wanted = getattr(rule, name)
        if wanted != ANY:
            fits &= facts[name].astype("object").eq(wanted)
    days = facts["days_left"].astype("float64")
    if rule.days_left_at_least is not None:
        fits &= days >= rule.days_left_at_least
    if rule.days_left_at_most is not None:
        fits &= days <= rule.days_left_at_most
    for need in rule.needs:
        fits &= _has(facts, need)
    return fits


def _has(facts: pd.DataFrame, need: Need) -> pd.Series:
    """Whether each account is known to have what a step presumes."""
    if need == "term":
        return facts["days_left"].astype("float64").ge(0)
    column, least = {"team": ("people", 2), "contacts": ("contacts", 2), "decision maker": ("decision_makers", 1)}[need]
    return facts[column].ge(least)


def _running(under_way: pd.DataFrame) -> pd.DataFrame:
    """One row per account and playbook that runs (index: account_id): key, and words ("success plan since 15 June")."""
    rows = under_way.assign(key=[_key(name) for name in under_way["playbook"]])
    rows = rows.sort_values("started_on").drop_duplicates(["account_id", "key"]).set_index("account_id")
    words = [
        f"{str(name).replace('_', ' ')} since {spoken_day(day)}"
        for name, day in zip(rows["playbook"], rows["started_on"], strict=True)
    ]
    return rows.assign(words=pd.Series(words, index=rows.index, dtype="str"))[["key", "words"]]


def _key(name: str) -> str:
    """Spelling aside, "Success Plan" is "success_plan"."""
    return str(name).strip().casefold().replace(" ", "_").replace("-", "_")
