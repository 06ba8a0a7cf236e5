"""Are planted topics found, and is none called risky where it says nothing?

`python -m benchmarks.voice [companies]` lets companies that no test uses speak: is each planted cause a topic of its
own, and are topics of low value marked as risky? In the null company every text is given to another account by lot.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from rind.demo.company import DATA_END
from rind.demo.people import make_people
from rind.demo.story import Story, tell_story
from rind.demo.support import tickets_table
from rind.demo.surveys import surveys_table
from rind.demo.voices import with_comments
from rind.models.book.topics import find_topics
from rind.models.book.voice import risk_beside_comparable, voice
from rind.pipelines.params import Params, load

ACCOUNTS, FIRST_SEED, PURE = 800, 9000, 0.8


def comments_of(story: Story) -> pd.DataFrame:
    """The comments of the last year with their planted cause."""
    people = make_people(story.scenario, story.world, story.stream("people"))
    _, cases = tickets_table(story.scenario, story.world, people, story.stream("tickets"))
    surveys = surveys_table(story.scenario, story.world, people, cases, story.stream("surveys"))
    spoken, truth = with_comments(surveys, story.world, story.stream("comments"))
    rows = spoken[spoken["comment"].notna()].reset_index(drop=True)
    rows = rows.assign(cause=truth["cause"].to_numpy(), said_on=rows["responded_at"], text=rows["comment"])
    return rows[rows["said_on"] >= pd.Timestamp(DATA_END) - pd.Timedelta(days=365)].reset_index(drop=True)


def cohort(story: Story) -> pd.DataFrame:
    """The customers of the last week with a probability that follows their state."""
    week = story.world.clock.weeks - 1
    here = np.flatnonzero(story.world.history.alive[week])
    state = story.world.history.state[week, here]
    odds = -3.0 + state @ np.array([-1.0, 0.5, -0.6, -0.4])
    ids = story.world.births.ids[here]
    segment = story.world.births.segment[here].astype("str")
    return pd.DataFrame(
        {"account_id": ids, "as_of": pd.Timestamp(DATA_END), "churn_probability": 1 / (1 + np.exp(-odds)),
         "commercial__segment__now": segment, "mrr": 100.0}
    )  # fmt: skip


def main(companies: int) -> int:
    """Print topics found, risky and false ones; 1 where fewer than 90 % are found or more than 10 % are false."""
    params, recovered, causes, marked, false = load(None, []), 0, 0, 0, 0
    for seed in range(FIRST_SEED, FIRST_SEED + companies):
        story = tell_story(ACCOUNTS, 2.0, seed, "yearly", DATA_END)
        texts, customers = comments_of(story), cohort(story)
        topics = find_topics(texts["text"], texts["account_id"], set(), params.voice, params.seed)
        texts = texts.assign(topic=[f"T{n}" if n >= 0 else "" for n in topics.of_text], words="", source="survey")
        held = pd.crosstab(texts["topic"], texts["cause"]).drop(index="", errors="ignore")
        pure = held[held.max(axis=1) >= PURE * held.sum(axis=1)]
        recovered += len(set(pure.idxmax(axis=1)))
        causes += texts["cause"].nunique()
        risky = _risky(texts, customers, params)
        marked += any(pure.loc[name].idxmax() == "value" for name in risky if name in pure.index)
        lot = np.random.default_rng(seed).permutation(texts["account_id"].to_numpy())
        false += bool(_risky(texts.assign(account_id=lot), customers, params))
    print(f"planted causes: {recovered} of {causes} are topics of their own (at least {PURE:.0%} pure)")
    print(f"low value: marked as risky in {marked} of {companies} companies; null: a topic marked in {false}")
    return int(recovered < 0.9 * causes or false > 0.1 * companies)


def _risky(texts: pd.DataFrame, customers: pd.DataFrame, params: Params) -> list[str]:
    """The topics whose accounts are beyond chance more likely to leave than comparable ones."""
    known = customers.set_index("account_id")[["mrr", "churn_probability"]]
    differences = risk_beside_comparable(customers, params.reasons.fewest_comparable)
    worth = voice(
        texts[texts["topic"] != ""], known.assign(risk_against_comparable=differences), DATA_END, params.voice
    )
    return list(worth.loc[worth["beyond_chance"] & (worth["risk_against_comparable"] > 0), "topic"])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
