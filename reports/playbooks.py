"""What to do next: the first line of `playbooks` that fits an account, and what is under way there already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rind.common.facts.effects import EffectRecord
from rind.reports.effects_text import HELPED_BEFORE, advice_note
from rind.reports.settings import PlaybookRule
from rind.reports.wording import spoken_day

ANY = "*"
UNDER_WAY = "Under way: "
NAMED = ("theme", "matter", "family", "segment", "band")


def choose(
    facts: pd.DataFrame, under_way: pd.DataFrame, table: Sequence[PlaybookRule], effects: Sequence[EffectRecord] = ()
) -> pd.Series:
    """The advice of the first line that fits, for every account that is not green.

    Parameters
    ----------
    facts
        One row per account (index: account_id): theme, matter and family of the first reason that is told (missing
        where nothing sets the account apart), segment, band, days_left to the end of the term (NaN: not known).
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
    return fits


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
