"""Surveys: who is asked, who answers (which says something itself), and what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.demo.clock import Floats, Ints, to_times
from rind.demo.events import DAY, NEVER, Happenings, World, happen, hours
from rind.demo.people import People
from rind.demo.rules import sigmoid
from rind.demo.scenarios import Scenario

_KINDS = np.array(["nps", "csat", "ces", "essential"], dtype=object)
_LOW, _HIGH = np.array([0, 1, 1, 1]), np.array([10, 5, 7, 3])
_CENTRE = np.array([6.4, 3.6, 4.7, 2.1])
_BY_VALUE = np.array([1.45, 0.45, 0.30, 0.60])
_BY_FRICTION = np.array([-0.8, -0.75, -1.25, -0.05])
_PERSON, _NOISE = np.array([0.9, 0.4, 0.6, 0.3]), np.array([0.8, 0.4, 0.6, 0.4])
_WORDS = (
    np.array(["Too slow to help", "It does not do what we need", "Hard to justify the price"], dtype=object),
    np.array(["Fine", "Does the job", "Some rough edges"], dtype=object),
    np.array(["Could not work without it", "Great people", "Saves us hours"], dtype=object),
)


def surveys_table(
    scenario: Scenario, world: World, people: People, cases: Happenings, rng: np.random.Generator
) -> pd.DataFrame:
    """Table `surveys`: one row a question put to a contact, answered or not."""
    week, account, sent, kind = _questions(scenario, world, cases, rng)
    contact = people.pick(account, sent // DAY, rng)
    to_somebody = contact >= 0
    week, account, sent, kind, contact = (x[to_somebody] for x in (week, account, sent, kind, contact))
    state = world.felt(1)[week, account]
    warmth = people.warmth[contact]
    value = state[:, 0] - 0.3 * (people.level[contact] >= 3) * (state[:, 3] < 0)
    delight = value - 0.5 * state[:, 1]
    keen = 0.15 + 0.6 * state[:, 2] + 0.5 * warmth + 0.20 * np.abs(delight) + 0.4 * (kind == 1)
    answers = rng.random(len(week)) < sigmoid(keen)
    answered = np.where(answers, sent + hours(len(week), 26, 1.0, rng), NEVER)
    answered = world.before_end(account, sent, answered)
    need = 0.35 * world.births.captive[account] * (kind == 3) + 0.2 * world.births.fit[account] * (kind == 3)
    score = _CENTRE[kind] + _BY_VALUE[kind] * value + _BY_FRICTION[kind] * state[:, 1] + need
    score += _PERSON[kind] * warmth * 0.7 + _NOISE[kind] * rng.normal(size=len(week))
    scores = np.clip(np.round(score), _LOW[kind], _HIGH[kind])
    order = np.lexsort((kind, account, sent))
    table = pd.DataFrame(
        {
            "account_id": world.births.ids[account],
            "contact_id": people.names(contact),
            "kind": _KINDS[kind],
            "sent_at": to_times(sent),
            "responded_at": to_times(answered),
            "score": pd.array(scores.astype(np.int64), dtype="Int64"),
            "comment": _comments(kind, scores, rng),
        }
    )
    table.loc[answered >= NEVER, ["score", "comment"]] = pd.NA
    table = table.iloc[order].reset_index(drop=True)
    table.insert(0, "response_id", [f"R{i:07d}" for i in range(1, len(table) + 1)])
    return table


def _questions(
    scenario: Scenario, world: World, cases: Happenings, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints]:
    """Week, account, second and kind: relation surveys on a rhythm, others after a solved case."""
    size = np.array([s.contacts for s in scenario.segments])[world.births.segment]
    season = np.isin(np.arange(world.clock.weeks) % 26, (8, 9, 10))[:, None]
    nps = happen(world, 0.115 * 2.2 * size**0.5 * season + 0.045 * size**0.5, rng)
    need = happen(world, np.broadcast_to(0.025 * size**0.5, (world.clock.weeks, world.births.count)), rng)
    luck = rng.random(len(cases))
    parts = [(nps.week, nps.account, nps.second, np.zeros(len(nps), dtype=np.int64)),
             (need.week, need.account, need.second, np.full(len(need), 3))]  # fmt: skip
    for number, low, high in ((1, 0.0, 0.30), (2, 0.30, 0.55)):
        mine = (cases.second < NEVER) & (luck >= low) & (luck < high)
        sent = world.before_end(cases.account[mine], cases.second[mine], cases.second[mine] + 3600)
        week = world.clock.week_of(sent // DAY)
        parts.append((week, cases.account[mine], sent, np.full(len(sent), number)))
    week, account, sent, kind = (np.concatenate(c) for c in zip(*parts, strict=True))
    there = sent < NEVER
    return week[there], account[there], sent[there], kind[there]


def _comments(kind: Ints, score: Floats, rng: np.random.Generator) -> np.ndarray:
    """A few words with a fifth of the answers."""
    level = (score - _LOW[kind]) / (_HIGH[kind] - _LOW[kind])
    tone = (level > 0.45).astype(np.int64) + (level > 0.8)
    pick = rng.integers(0, 3, len(kind))
    words = np.asarray(np.stack(_WORDS)[tone, pick], dtype=object)
    words[rng.random(len(kind)) >= 0.2] = None
    return words
