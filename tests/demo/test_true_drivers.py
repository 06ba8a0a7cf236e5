"""What drives an account's risk is planted and written out: outside the source, for the benchmark of reasons."""

from __future__ import annotations

import pandas as pd
import pytest

from rind.demo.company import DATA_END, Company
from rind.demo.scenarios import LATENTS
from rind.demo.story import Story, tell_story
from rind.demo.true_drivers import drivers


def of(story: Story) -> pd.DataFrame:
    world = story.world
    return drivers(story.scenario, world.births, world.history, world.clock, weeks=2)


@pytest.fixture(scope="module")
def story() -> Story:
    return tell_story(300, 1.0, 5, "yearly", DATA_END)


def test_where_no_state_matters_nothing_drives_anybody_away() -> None:
    rows = of(tell_story(100, 1.0, 5, "null", DATA_END))
    assert len(rows) > 50
    assert (rows[list(LATENTS)].abs() < 1e-12).all(axis=None)


def test_an_account_with_little_value_is_driven_by_value_and_one_with_much_is_held_by_it(story: Story) -> None:
    rows, history = of(story), story.world.history
    index = {name: n for n, name in enumerate(story.world.births.ids)}
    last = rows[rows["as_of"] == rows["as_of"].max()]
    value = history.state[-1, last["account_id"].map(index), 0]
    near = last["value"].abs() > 0.02  # others decide too late for it to matter, or hardly differ from the usual
    worst, best = (last[near][value[near] < -1], last[near][value[near] > 1])
    assert len(worst) > 3
    assert (worst["value"] > 0).all()
    assert (best["value"] < 0).all()


def test_who_has_given_notice_is_not_among_them(story: Story) -> None:
    rows, history = of(story), story.world.history
    noticed = set(story.world.births.ids[history.noticed[-1]])
    assert noticed
    assert noticed.isdisjoint(rows.loc[rows["as_of"] == rows["as_of"].max(), "account_id"])


def test_the_drivers_are_part_of_the_truth_and_no_table_of_the_source(company: Company) -> None:
    assert list(company.truth["drivers"].columns) == ["account_id", "as_of", *LATENTS]
    assert "drivers" not in company.tables
