"""The demo company: `make_company` plays a scenario, `write_company` puts tables and truth into a folder."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from demo.accounts import Births, accounts_table, make_births
from demo.billing import invoices_table
from demo.clock import make_clock
from demo.early import plant_moments
from demo.events import World
from demo.ledger import Tenure, subscriptions
from demo.naive import health_scores_table
from demo.outlook import churn_probability
from demo.outreach import interactions_table, interventions_table
from demo.people import contacts_table, make_people
from demo.product import make_product, product_features
from demo.scenarios import LATENTS, SCENARIOS, SEGMENTS, Scenario
from demo.schema import to_arrow, typed
from demo.simulation import Simulation
from demo.support import tickets_table
from demo.usage import make_slots, usage_rows, usage_table
from demo.voice import surveys_table

DATA_END = date(2026, 6, 28)  # a Sunday
_COMPONENTS = ("births", "moments", "story", "wear", "names", "slots", "usage", "people", "tickets",
               "interactions", "surveys", "invoices", "health", "interventions")  # fmt: skip


@dataclass(frozen=True)
class Company:
    """A company with known truth.

    Attributes
    ----------
    tables
        The eleven tables of the contract; dates and times are datetime64[us], UTC.
    truth
        ``churn_probability`` (an account and Monday: p_30, p_60, p_90, p_180) and ``accounts``
        (segment, captive, fit, the state it tends to, planted moment reached or not).
    true_north
        Segment -> planted rule: feature, measure, count, within_days, and its effect; empty when none.
    data_end
        Last day that the tables cover.
    """

    tables: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]
    true_north: dict[str, dict[str, Any]]
    data_end: date


def make_company(
    accounts: int = 2000,
    years: float = 3.0,
    seed: int = 7,
    scenario: str | Scenario = "yearly",
    data_end: date = DATA_END,
) -> Company:
    """Play a scenario and write down what the company would have recorded.

    Parameters
    ----------
    accounts
        Customers over the whole time, about 40 % of them from before the data start.
    years
        Length of the data, which start on a Monday.
    seed
        Same arguments, same company, byte for byte.
    scenario
        A name in `SCENARIOS`, or a scenario of your own.
    data_end
        Last day that the tables cover.
    """
    spec = _scenario(scenario)
    if accounts < 1 or years <= 0:
        raise ValueError(f"a company needs accounts and time, not {accounts} accounts and {years} years")
    clock = make_clock(data_end, years)
    seeds = dict(zip(_COMPONENTS, np.random.SeedSequence(seed).spawn(len(_COMPONENTS)), strict=True))
    product = make_product(clock)
    births = make_births(spec, accounts, clock, np.random.default_rng(seeds["births"]))
    births, early = plant_moments(spec, births, product, clock, np.random.default_rng(seeds["moments"]))
    history, ledger = Simulation(spec, births, clock, [seeds["story"], seeds["wear"]]).run()
    rows = ledger.rows()
    world = World(births, history, Tenure.from_rows(rows), clock)
    rng = {name: np.random.default_rng(s) for name, s in seeds.items()}
    people = make_people(spec, births, history, world.tenure, clock, rng["people"])
    slots = make_slots(history, rng["slots"])
    used = usage_rows(births, history, world.tenure, product, early, slots, clock, rng["usage"])
    tickets, cases = tickets_table(spec, world, people, rng["tickets"])
    tables = {
        "accounts": accounts_table(births, rng["names"]),
        "subscriptions": subscriptions(spec, births, rows),
        "usage": usage_table(used, births, product, early, people, slots, clock),
        "product_features": product_features(product),
        "tickets": tickets,
        "contacts": contacts_table(births, people),
        "interactions": interactions_table(spec, world, people, rng["interactions"]),
        "surveys": surveys_table(spec, world, people, cases, rng["surveys"]),
        "invoices": invoices_table(spec, world, rows, rng["invoices"]),
        "health_scores": health_scores_table(world, used, tickets, rng["health"]),
        "interventions": interventions_table(world, rng["interventions"]),
    }
    return Company(
        tables={name: typed(name, table) for name, table in tables.items()},
        truth={
            "churn_probability": churn_probability(spec, births, history, clock),
            "accounts": _traits(births),
        },
        true_north=_true_north(spec, births),
        data_end=data_end,
    )


def _scenario(scenario: str | Scenario) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    if scenario not in SCENARIOS:
        raise ValueError(f"unknown scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    return SCENARIOS[scenario]


def _traits(births: Births) -> pd.DataFrame:
    """Truth, one row an account: what it was born with."""
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


def _true_north(scenario: Scenario, births: Births) -> dict[str, dict[str, Any]]:
    """The planted rule of each segment; `leaving_odds_ratio` is what the lift does once it has worked in full."""
    rules = {}
    for moment in scenario.moments:
        mine = births.segment == SEGMENTS.index(moment.segment)
        weight = scenario.rule.weights[moment.segment][0]
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


def write_company(company: Company, folder: str | Path) -> None:
    """Write `folder/source/<table>.parquet` and `folder/truth/`; each appears whole or not at all."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "source", lambda new: _write_tables(company, new))
    _replace(folder / "truth", lambda new: _write_truth(company, new))


def _replace(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder beside the target, then swap it in."""
    mark = uuid.uuid4().hex[:8]
    new, old = target.with_name(f".{target.name}.{mark}.new"), target.with_name(f".{target.name}.{mark}.old")
    new.mkdir()
    try:
        fill(new)
        if target.exists():
            target.rename(old)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _write_tables(company: Company, folder: Path) -> None:
    for name, table in company.tables.items():
        pq.write_table(to_arrow(name, table), folder / f"{name}.parquet")


def _write_truth(company: Company, folder: Path) -> None:
    chances = pa.Table.from_pandas(company.truth["churn_probability"], preserve_index=False)
    place = chances.schema.get_field_index("as_of")
    chances = chances.set_column(place, "as_of", chances["as_of"].cast(pa.date32()))
    pq.write_table(chances.replace_schema_metadata(None), folder / "churn_probability.parquet")
    company.truth["accounts"].to_parquet(folder / "accounts.parquet", index=False)
    (folder / "true_north.json").write_text(json.dumps(company.true_north, indent=2) + "\n")
