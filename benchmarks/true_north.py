"""Are planted moments found, and nothing else? `python -m benchmarks.true_north [--seeds N] [--nulls N]`.

Companies of the demo with other planted rules for each seed (features, measures, counts, windows), as they were
(the scenarios of the demo), monthly and shifting, and with none at all; 1,500 and 5,000 accounts. Only the first weeks
of each account's use are made: the search sees nothing else. Then the search on 5,000 accounts and five million rows.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console
from rich.table import Table

from demo.company import DATA_END, tables_of
from demo.events import World
from demo.scenarios import SCENARIOS, SEGMENTS, Moment, Scenario
from demo.schema import to_arrow, typed
from demo.story import tell_story
from features.early import early_behaviour
from features.launches import launches
from features.sources import duckdb_connection
from models.true_north import Search, find

WINDOWS = (7, 14, 30, 60, 90)
SIZES = (1500, 5000)
FIRST_SEED = 901
FEATURES = ("dashboard", "template", "data_export", "file_upload", "mail_sync", "chat_sync", "guest_invite",
            "public_link", "shared_report", "workflow_run", "data_import", "table_edit", "comment")  # fmt: skip
COUNT_NEAR = 0.15  # a count within one, or within so much of the true one, is one step away


class Young(World):
    """A world in which only the first 13 weeks of each account are lived through."""

    def live(self) -> npt.NDArray[np.bool_]:
        """(weeks, accounts): customer, and young."""
        return np.asarray(super().live() & (self.clock.mondays[:, None] < self.births.signed[None, :] + 91))


@dataclass(frozen=True)
class Found:
    """One segment of one company: what was planted, and what was found."""

    scenario: str
    accounts: int
    segment: str
    planted: Moment | None
    searched: dict[str, Any] | None
    smallest: float | None

    @property
    def confirmed(self) -> bool:
        """Whether a moment stands."""
        return bool(self.searched and self.searched["confirmed"])

    @property
    def right(self) -> bool:
        """Whether it is about the planted feature."""
        return bool(self.planted and self.searched and self.searched["feature"] == self.planted.feature)

    def near(self, what: str) -> bool:
        """Whether window or count are at most one step from the planted ones."""
        if not (self.planted and self.searched):
            return False
        if what == "window":
            steps = sorted({*WINDOWS, self.planted.within_days})
            return abs(steps.index(self.searched["within_days"]) - steps.index(self.planted.within_days)) <= 1
        return bool(abs(self.searched["count"] - self.planted.count) <= max(1.0, COUNT_NEAR * self.planted.count))


def varied(name: str, seed: int) -> Scenario:
    """The scenario with rules of this seed's own; as it is for the first seed."""
    base = SCENARIOS[name]
    if not base.moments or seed == FIRST_SEED:
        return base
    rng = np.random.default_rng(seed)
    moments = []
    for segment, feature in zip(SEGMENTS, rng.choice(FEATURES, len(SEGMENTS), replace=False), strict=True):
        users = segment != "small_business" and rng.random() < 0.5
        count = int(rng.integers(3, (7 if segment == "mid_market" else 13) if users else 13))
        within = int(rng.choice([7, 14, 21, 30, 45, 60]))
        moments.append(Moment(segment, str(feature), "users" if users else "events", count, within))
    return replace(base, moments=tuple(moments))


def first_days(scenario: Scenario, accounts: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The early behaviour and the accounts of a company, as the pipeline's stage `early` makes them."""
    story = tell_story(accounts, 3.0, seed, scenario, DATA_END)
    world = story.world
    tables = tables_of(replace(story, world=Young(world.births, world.history, world.tenure, world.clock)))
    connection = duckdb_connection()
    on_engine = {
        name: connection.create_table(name, to_arrow(name, typed(name, table))) for name, table in tables.items()
    }
    as_of = DATA_END + timedelta(days=1)
    early = early_behaviour(on_engine, as_of, WINDOWS, ("integrations",)).to_pandas()
    cohorts = launches(on_engine, as_of, 365, 30, 30).to_pandas()
    connection.disconnect()
    for column in ("signed_on", "left_on"):
        cohorts[column] = pd.to_datetime(cohorts[column])
    return early, cohorts


def searched(name: str, accounts: int, seed: int) -> list[Found]:
    """Every segment of one company."""
    scenario = varied(name, seed)
    found = find(*first_days(scenario, accounts, seed), Search(seed=seed))
    best = {m["segment"]: m for m in [*found["rejected"], *found["moments"]]}
    rules = {m.segment: m for m in scenario.moments}
    return [
        Found(name, accounts, group, rules.get(group), best.get(group), facts["smallest_effect"])
        for group, facts in ((g, found["segments"].get(g, {"smallest_effect": None})) for g in ("all", *SEGMENTS))
    ]


def share(values: Sequence[bool]) -> str:
    """A share with its 95 % interval (Wilson 1927)."""
    n, z = len(values), 1.96
    if not n:
        return "-"
    p = sum(values) / n
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return f"{p:.2f} ({low:.2f}-{high:.2f}) of {n}"


def table_of(found: Sequence[Found]) -> Table:
    """One row per size and segment, and per size over all that were planted."""
    table = Table("accounts", "segment", "confirmed, right feature", "searched, right feature", "window near *",
                  "count near *", "wrong feature confirmed", "smallest effect", title="planted rules")  # fmt: skip
    for size in SIZES:
        for segment in (*SEGMENTS, "every segment"):
            own = [f for f in found if f.accounts == size and f.planted and segment in (f.segment, "every segment")]
            right = [f for f in own if f.confirmed and f.right]
            seen = [f.smallest for f in own if f.smallest is not None]
            table.add_row(
                f"{size:,}",
                segment,
                share([f.confirmed and f.right for f in own]),
                share([f.right for f in own]),
                share([f.near("window") for f in right]),
                share([f.near("count") for f in right]),
                share([f.confirmed and not f.right for f in own]),
                f"{100 * float(np.median(seen)):.0f} points" if seen else "-",
            )
    return table


def main(seeds: int, nulls: int, say: Callable[[str], None]) -> None:
    """Print the tables."""
    found: list[Found] = []
    chosen = range(FIRST_SEED, FIRST_SEED + seeds)
    for size in SIZES:
        for name in (n for n in SCENARIOS if n != "null"):
            for seed in chosen:
                found += searched(name, size, seed)
                say(f"{name}, {size:,} accounts, seed {seed}")
    console = Console(width=200)
    console.print(table_of(found))
    console.print(f"   * of those confirmed: at most one step of the windows {WINDOWS}; within one or {COUNT_NEAR:.0%}")
    of_all = [f for f in found if f.segment == "all"]
    console.print(
        f"   a moment of all confirmed where each segment has its own: {share([f.confirmed for f in of_all])}"
    )
    for size in SIZES:
        runs = []
        for seed in range(FIRST_SEED, FIRST_SEED + nulls):
            runs.append(any(f.confirmed for f in searched("null", size, seed)))
            say(f"null, {size:,} accounts, seed {seed}")
        console.print(f"   null company, {size:,} accounts: any confirmed moment in {share(runs)} runs")
    early, cohorts = first_days(SCENARIOS["yearly"], 5000, FIRST_SEED)
    start = time.perf_counter()
    find(early, cohorts, Search(), say)
    console.print(f"   the search on 5,000 accounts: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--nulls", type=int, default=20)
    given = parser.parse_args()
    sys.exit(main(given.seeds, given.nulls, Console(stderr=True).print))
