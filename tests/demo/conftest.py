"""One small company with all its tables, and larger stories without tables, shared by the tests of the demo."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from rind.demo.clock import to_dates
from rind.demo.company import DATA_END, Company, make_company
from rind.demo.ledger import subscriptions
from rind.demo.outcomes import days_to_churn, logo_churn
from rind.demo.scenarios import LATENTS
from rind.demo.story import Story, story_truth, tell_story


@pytest.fixture(scope="session")
def company() -> Company:
    """250 accounts over two years, all tables."""
    return make_company(accounts=250, years=2.0, seed=3)


@pytest.fixture(scope="session")
def outcomes() -> Callable[[str], pd.DataFrame]:
    """Scenario name -> one row an account and Monday of the cohort: truth, latent state, and what happened.

    The cost of tables is saved, so there is room for 2,000 accounts.
    """
    return cache(lambda scenario: _outcomes(tell_story(2000, 3.0, 11, scenario, DATA_END)))


def _outcomes(story: Story) -> pd.DataFrame:
    truth, history, clock = story_truth(story), story.world.history, story.world.clock
    week, account = history.alive.nonzero()
    latent = pd.DataFrame(history.state[week, account], columns=list(LATENTS))
    latent["account_id"], latent["as_of"] = story.world.births.ids[account], to_dates(clock.mondays[week])
    latent["days_left"] = history.term_ends[week, account] - clock.mondays[week]
    latent["noticed"] = history.noticed[week, account]
    rows = truth["churn_probability"].merge(latent, on=["account_id", "as_of"])
    rows = rows.merge(truth["accounts"], on="account_id")
    churned = logo_churn(subscriptions(story.scenario, story.world.births, story.contracts))
    rows = days_to_churn(rows[~rows["noticed"]], churned)
    return rows.assign(days_seen=(pd.Timestamp(DATA_END) - rows["as_of"]).dt.days - 30)  # less the grace
