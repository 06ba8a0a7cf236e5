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

import pandas as pd
import pyarrow.parquet as pq
from pyarrow import lib as pa  # the package re-exports without saying so

from rind.demo.accounts import accounts_table
from rind.demo.billing import invoices_table
from rind.demo.ledger import subscriptions
from rind.demo.outreach import interactions_table, interventions_table
from rind.demo.people import contacts_table, make_people
from rind.demo.product import product_features
from rind.demo.scenarios import SCENARIOS, Scenario
from rind.demo.schema import to_arrow, typed
from rind.demo.story import Story, story_truth, tell_story, true_north
from rind.demo.support import tickets_table
from rind.demo.surveys import surveys_table
from rind.demo.usage import make_slots, usage_rows, usage_table
from rind.demo.vendor_health import health_scores_table
from rind.demo.voices import departures_table, requests_table, with_comments

__all__ = ["DATA_END", "DEMO_END", "SCENARIOS", "Company", "make_company", "write_company"]

_write_parquet: Callable[[pa.Table, Path], None] = pq.write_table  # untyped in pyarrow
DATA_END = date(2026, 6, 28)  # a Sunday: the last week is whole
DEMO_END = date(2026, 6, 29)  # of the company that `rind demo` makes: a Monday, on which lists are read


@dataclass(frozen=True)
class Company:
    """A company with known truth.

    Attributes
    ----------
    tables
        The tables of the contract; dates and times are datetime64[us], UTC.
    truth
        ``churn_probability`` (an account and Monday: p_30, p_60, p_90, p_180), ``mrr_change_probability`` (the same:
        contraction_90, expansion_90), ``accounts`` (segment, captive, fit,
        the state it tends to, planted moment reached or not), ``drivers`` (an account and Monday of the last half
        year: how much of p_90 each latent state makes), ``texts`` (a text: source, account_id, key,
        cause) and ``effects`` (an intervention: p_90 without and with it).
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
    story = tell_story(accounts, years, seed, scenario, data_end)
    raw, causes = with_voices(tables_of(story), story)
    tables = {name: typed(name, table) for name, table in raw.items()}
    return Company(tables, story_truth(story) | {"texts": causes}, true_north(story), data_end)


def tables_of(story: Story) -> dict[str, pd.DataFrame]:
    """The tables but for what people say, each from its own stream of random numbers."""
    spec, world, births = story.scenario, story.world, story.world.births
    people = make_people(spec, world, story.stream("people"))
    slots = make_slots(world.history, story.stream("slots"))
    used = usage_rows(world, story.product, story.early, slots, story.stream("usage"))
    tickets, cases = tickets_table(spec, world, people, story.stream("tickets"))
    return {
        "accounts": accounts_table(births, story.stream("names")),
        "subscriptions": subscriptions(spec, births, story.contracts),
        "usage": usage_table(used, world, story.product, story.early, people, slots),
        "product_features": product_features(story.product),
        "tickets": tickets,
        "contacts": contacts_table(births, people),
        "interactions": interactions_table(spec, world, people, story.stream("interactions")),
        "surveys": surveys_table(spec, world, people, cases, story.stream("surveys")),
        "invoices": invoices_table(spec, world, story.contracts, story.stream("invoices")),
        "health_scores": health_scores_table(world, used, tickets, story.stream("health")),
        "interventions": interventions_table(world, story.stream("interventions")),
    }


def with_voices(tables: dict[str, pd.DataFrame], story: Story) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The tables with what people say, each from its own stream; and the cause of every text."""
    surveys, of_comments = with_comments(tables["surveys"], story.world, story.stream("comments"))
    departures, of_departures = departures_table(tables["subscriptions"], story.world, story.stream("departures"))
    requests, of_requests = requests_table(story.world, story.stream("requests"))
    spoken = tables | {"surveys": surveys, "departures": departures, "requests": requests}
    return spoken, pd.concat([of_comments, of_departures, of_requests], ignore_index=True)


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
        _write_parquet(to_arrow(name, table), folder / f"{name}.parquet")


def _write_truth(company: Company, folder: Path) -> None:
    for name in ("churn_probability", "mrr_change_probability", "drivers", "effects"):
        rows = pa.Table.from_pandas(company.truth[name], preserve_index=False)
        rows = rows.set_column(rows.schema.get_field_index("as_of"), "as_of", rows["as_of"].cast(pa.date32()))
        _write_parquet(rows.replace_schema_metadata(None), folder / f"{name}.parquet")
    company.truth["texts"].to_parquet(folder / "texts.parquet", index=False)
    company.truth["accounts"].to_parquet(folder / "accounts.parquet", index=False)
    (folder / "true_north.json").write_text(json.dumps(company.true_north, indent=2) + "\n")
