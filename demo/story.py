"""What truly happens in a company, before anybody writes anything down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from rind.demo.accounts import make_births
from rind.demo.clock import make_clock
from rind.demo.early import EarlyUse, plant_moments
from rind.demo.events import World
from rind.demo.ledger import Tenure
from rind.demo.product import Product, make_product
from rind.demo.scenarios import LATENTS, SCENARIOS, SEGMENTS, Scenario
from rind.demo.simulation import Simulation
from rind.demo.true_changes import mrr_change_probability
from rind.demo.true_drivers import drivers
from rind.demo.true_effects import intervention_effects
from rind.demo.true_risk import churn_probability

_STREAMS = ("births", "moments", "story", "wear", "names", "slots", "usage", "people", "tickets",
            "interactions", "surveys", "invoices", "health", "interventions",
            "comments", "departures", "requests")  # fmt: skip


@dataclass(frozen=True)
class Story:
    """A played scenario: the world, its product, the early use, and the rows of the contract book."""

    scenario: Scenario
    product: Product
    early: EarlyUse
    world: World
    contracts: pd.DataFrame  # see `Ledger.rows`
    seeds: dict[str, np.random.SeedSequence]

    def stream(self, name: str) -> np.random.Generator:
        """The random numbers of one maker of tables: a new row in one table moves no other table."""
        return np.random.default_rng(self.seeds[name])


def tell_story(accounts: int, years: float, seed: int, scenario: str | Scenario, data_end: date) -> Story:
    """Play the scenario from the Monday about `years` years before `data_end` to that day."""
    spec = find_scenario(scenario)
    if accounts < 1 or years <= 0:
        raise ValueError(f"a company needs accounts and time, not {accounts} accounts and {years} years")
    clock = make_clock(data_end, years)
    seeds = dict(zip(_STREAMS, np.random.SeedSequence(seed).spawn(len(_STREAMS)), strict=True))
    product = make_product(clock)
    births = make_births(spec, accounts, clock, np.random.default_rng(seeds["births"]))
    births, early = plant_moments(spec, births, product, clock, np.random.default_rng(seeds["moments"]))
    history, ledger = Simulation(spec, births, clock, (seeds["story"], seeds["wear"])).run()
    contracts = ledger.rows()
    world = World(births, history, Tenure.from_rows(contracts), clock)
    return Story(spec, product, early, world, contracts, seeds)


def find_scenario(scenario: str | Scenario) -> Scenario:
    """The scenario of that name, or the one given."""
    if isinstance(scenario, Scenario):
        return scenario
    if scenario not in SCENARIOS:
        raise ValueError(f"unknown scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    return SCENARIOS[scenario]


def story_truth(story: Story) -> dict[str, pd.DataFrame]:
    """The planted truth: `churn_probability`, `mrr_change_probability`, `accounts`, `drivers` and `effects`."""
    world = story.world
    chances = churn_probability(story.scenario, world.births, world.history, world.clock)
    causes = drivers(story.scenario, world.births, world.history, world.clock)
    changes = mrr_change_probability(story.scenario, world.births, world.history, world.clock)
    return {
        "churn_probability": chances,
        "mrr_change_probability": changes,
        "accounts": _traits(story),
        "drivers": causes,
        "effects": intervention_effects(story.scenario, world),
    }


def _traits(story: Story) -> pd.DataFrame:
    """One row an account: what it was born with, and whether it reached its segment's moment."""
    births = story.world.births
    traits = {
        "account_id": births.ids,
        "segment": np.array(SEGMENTS, dtype=object)[births.segment],
        "captive": births.captive,
        "fit": births.fit,
        "job": births.job,
        **{f"mean_{name}": births.mean[:, i] for i, name in enumerate(LATENTS)},
        "moment_reached": births.reached,
        "lift": births.lift,
    }
    return pd.DataFrame(traits).astype({"account_id": "str", "segment": "str"})


def true_north(story: Story) -> dict[str, dict[str, Any]]:
    """Segment -> its planted rule; `leaving_odds_ratio` is what the lift does once it works in full."""
    births, rules = story.world.births, {}
    for moment in story.scenario.moments:
        mine = births.segment == SEGMENTS.index(moment.segment)
        weight = story.scenario.rule.weights[moment.segment][0]
        rules[moment.segment] = {
            "feature": moment.feature,
            "measure": moment.measure,
            "count": moment.count,
            "within_days": moment.within_days,
            "lift_of_value": moment.lift,
            "leaving_odds_ratio": round(float(np.exp(weight * moment.lift)), 4),
            "share_reached": round(float(births.reached[mine].mean()), 4) if mine.any() else None,
        }
    return rules
