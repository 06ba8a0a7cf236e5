"""What customers say: comments of answers, why they left, what they wish; each text has a cause that is known.

The cause is drawn from what is worst in the account's latent state at the time, so that topics go with risk where the
state does. In a scenario whose churn follows no state (null) people say the same and it means nothing. Drawn from
streams of their own: no other table moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rind.demo.accounts import Births
from rind.demo.clock import FAR, Bools, Floats, Ints, to_dates
from rind.demo.events import World, happen
from rind.demo.names import csm_names
from rind.demo.outcomes import logo_churn
from rind.demo.phrases import ASKED, PHRASES, PRAISE, REASONS

CAUSES = ("value", "friction", "people", "money")
_GOOD = np.array([1.0, -1.0, 1.0, 1.0])
_SHARPNESS = 2.2
"""How strongly the worst of the four decides what is said."""
_RIVALS = ("Northdesk", "Plano", "Workloom")


def worst(state: Floats, rng: np.random.Generator) -> Ints:
    """(rows,) index of the cause that speaks, drawn by how bad each of the four is; ``state``: (rows, 4)."""
    bad = -_SHARPNESS * state * _GOOD
    return np.asarray((bad + rng.gumbel(size=bad.shape)).argmax(axis=1), dtype=np.int64)


def with_comments(surveys: pd.DataFrame, world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The surveys with what their comments say, and the cause of each.

    Whether an answer has a comment stays as it was. High scores praise, all others name what is wrong.

    Returns
    -------
    (surveys, truth)
        truth: one row per comment: source, account_id, key (response_id), cause.
    """
    here = surveys["comment"].notna().to_numpy()
    answers = surveys[here]
    account = _positions(world.births, answers["account_id"])
    low = answers["kind"].map({"nps": 0, "csat": 1, "ces": 1, "essential": 1}).to_numpy("float64")
    high = answers["kind"].map({"nps": 10, "csat": 5, "ces": 7, "essential": 3}).to_numpy("float64")
    level = (answers["score"].to_numpy("float64") - low) / (high - low)
    day = answers["responded_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    cause = worst(world.history.state[world.clock.week_of(day), account], rng)
    praises = level > 0.75
    managers = np.array(csm_names(world.births.count), dtype=object)[world.births.csm[account]]
    texts = np.where(praises, _praise(managers, rng), _complaints(cause, rng))
    comments = surveys["comment"].astype("object").to_numpy(copy=True)
    comments[here] = texts
    names = np.where(praises, "praise", np.array(CAUSES, dtype=object)[cause])
    return surveys.assign(comment=comments), _truth("survey", answers["account_id"], answers["response_id"], names)


def departures_table(
    subscriptions: pd.DataFrame, world: World, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Table `departures`: seven of ten leavers say why, some days after they have left; and the cause of each."""
    left = logo_churn(subscriptions).sort_values(["churned_on", "account_id"], ignore_index=True)
    day = left["churned_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    account = _positions(world.births, left["account_id"])
    week = world.clock.week_of(day - 1)
    cause = worst(world.history.state[week, account], rng)
    speaks = rng.random(len(left)) < 0.7
    comments, rivals = rng.random(len(left)) < 0.6, rng.random(len(left)) < 0.3
    texts, rival = _complaints(cause, rng), rng.integers(len(_RIVALS), size=len(left))
    recorded = day + 1 + rng.integers(0, 14, len(left))
    table = pd.DataFrame(
        {
            "account_id": left["account_id"],
            "left_on": left["churned_on"],
            "reason": np.array(REASONS, dtype=object)[cause],
            "competitor": pd.Series(np.array(_RIVALS, dtype=object)[rival]).where(rivals),
            "comment": pd.Series(texts).where(comments),
            "recorded_at": to_dates(recorded),
        }
    )
    kept = speaks & (recorded <= world.clock.end)
    names = np.array(CAUSES, dtype=object)[cause]
    truth = _truth("departure", left["account_id"], left["churned_on"].astype("str"), names)
    return table[kept].reset_index(drop=True), truth[kept].reset_index(drop=True)


def requests_table(world: World, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Table `requests`: wishes; those of `ASKED` that go with little value are asked where value is low."""
    rate = np.broadcast_to(0.01, (world.clock.weeks, world.births.count))
    wished = happen(world, rate, rng)
    value = world.history.state[wished.week, wished.account, 0]
    pull = np.array([wish.by_low_value for wish in ASKED])
    weight = np.array([np.log(wish.share) for wish in ASKED]) - np.outer(value, pull)
    wish = (weight + rng.gumbel(size=weight.shape)).argmax(axis=1) if len(value) else np.zeros(0, dtype=np.int64)
    day = wished.second // 86_400
    closed = day + rng.integers(20, 400, len(day))
    closed = np.where((rng.random(len(day)) < 0.5) & (closed <= world.clock.end), closed, FAR)
    outcome = np.where(rng.random(len(day)) < 0.6, "done", "declined").astype(object)
    outcome[closed >= FAR] = None
    keys = [f"Q{n:06d}" for n in range(1, len(day) + 1)]
    ids = pd.Series(world.births.ids[wished.account])
    topics = np.array([each.topic for each in ASKED], dtype=object)[wish]
    table = pd.DataFrame(
        {"request_id": keys, "account_id": ids, "topic": topics, "asked_on": to_dates(day),
         "closed_on": to_dates(closed), "outcome": outcome}
    )  # fmt: skip
    causes = np.where(pull[wish] > 0, "value", "none").astype(object)
    return table, _truth("request", ids, pd.Series(keys), causes)


def _positions(births: Births, ids: pd.Series) -> Ints:
    return np.asarray(pd.Index(births.ids).get_indexer(pd.Index(ids)), dtype=np.int64)


def _complaints(cause: Ints, rng: np.random.Generator) -> np.ndarray:
    """(rows,) a sentence for each cause, put together from its parts."""
    texts = np.empty(len(cause), dtype=object)
    for number, name in enumerate(CAUSES):
        mine = np.flatnonzero(cause == number)
        texts[mine] = _composed(PHRASES[name], len(mine), rng)
    return texts


def _praise(managers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(rows,) praise; a fifth of it names the account's manager, as people do."""
    texts = _composed(PRAISE, len(managers), rng)
    thanks: Bools = rng.random(len(managers)) < 0.2
    first = np.array([str(name).split()[0] for name in managers], dtype=object)
    return np.where(thanks, texts + " Thanks to " + first + "!", texts)


def _composed(parts: Sequence[Sequence[str]], count: int, rng: np.random.Generator) -> np.ndarray:
    """(count,) texts of one choice of each part; a choice may be empty."""
    chosen = [np.array(part, dtype=object)[rng.integers(len(part), size=count)] for part in parts]
    joined = [" ".join(piece for piece in row if piece) for row in zip(*chosen, strict=True)]
    return np.array(joined, dtype=object)


def _truth(source: str, account: pd.Series, key: pd.Series, cause: np.ndarray) -> pd.DataFrame:
    rows = {"account_id": account.to_numpy(), "key": key.to_numpy(), "cause": cause}
    return pd.DataFrame(rows).assign(source=source).astype("str")[["source", "account_id", "key", "cause"]]
