"""Are planted effects of playbooks found, and no others? `python -m benchmarks.effects [accounts] [yearly N] [null N]`.

Companies of the demo on seeds that no test and no default uses, through the weekly stages up to the past scores (one
bag of trees, a refit every half year, to save time), then the stage of the effects. In each yearly company one playbook
works, one harms, one does nothing and two do a little, each given mostly to accounts at risk; in the null company none
does anything. The planted effect is that on the very starts that are judged.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.companies import judged, made_company
from rind.common.facts.effects import EffectRecord
from rind.models.common.frames import KEYS
from rind.models.common.resampling import wilson
from rind.models.effects.comparison import UNTREATED
from rind.pipelines.data import read
from rind.pipelines.stages.effects import compared, document, starts

FIRST_SEED = 3001
QUICK = ("model.bags=1", "model.search_trials=1", "backtest.refit_every_days=182", "threads=1")


@dataclass(frozen=True)
class Estimate:
    """A playbook of a company: what was planted on the starts that are judged, and what was found."""

    scenario: str
    seed: int
    planted: float
    record: EffectRecord

    @property
    def measured(self) -> bool:
        """Whether there is an interval."""
        return self.record["effect"] is not None

    @property
    def covered(self) -> bool:
        """Whether the planted effect lies inside the interval."""
        return (self.record["low"] or 0.0) <= self.planted <= (self.record["high"] or 0.0)

    @property
    def wrong_sign(self) -> bool:
        """Whether the raw comparison says the opposite of what was planted."""
        return (self.record["raw"] or 0.0) * self.planted < 0

    @property
    def false_claim(self) -> bool:
        """Whether an effect is claimed where none is, or the opposite."""
        claimed = {"helps": -1, "harms": 1}.get(self.record["verdict"], 0)
        return claimed != 0 and claimed * self.planted <= 0


def measured(scenario: str, seed: int, accounts: int) -> list[Estimate]:
    """Every playbook of one company."""
    with made_company(accounts, seed, scenario, *QUICK) as (params, folder):
        space = judged(params, folder / "run", "backtest")
        begun = starts(space)
        rows = compared(space, params, begun)
        planted = planted_effects(rows, read(folder / "company" / "truth" / "effects.parquet"))
        records = document(params, len(begun), rows)["effects"]
    return [Estimate(scenario, seed, planted[record["playbook"]], record) for record in records]


def planted_effects(rows: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Playbook -> its mean planted effect on the starts among the rows."""
    own = rows.loc[rows["playbook"] != UNTREATED, [*KEYS, "playbook"]]
    truth = truth.assign(as_of=truth["as_of"].astype(own["as_of"].dtype))
    joined = own.merge(truth, on=[*KEYS, "playbook"])
    effects = (joined["p_90_with"] - joined["p_90_without"]).groupby(joined["playbook"]).mean()
    return {str(name): float(value) for name, value in effects.items()}


def share(values: Sequence[bool]) -> str:
    """A share with its 95 % interval."""
    if not values:
        return "-"
    low, high = wilson(sum(values) / len(values), len(values))
    return f"{sum(values)} of {len(values)} ({low:.2f}-{high:.2f})"


def mean(values: Sequence[float | None]) -> str:
    """The mean of those that are known, in points."""
    known = [value for value in values if value is not None]
    return f"{100 * sum(known) / len(known):+.1f}" if known else "-"


def table_of(estimates: Sequence[Estimate]) -> Table:
    """One row per scenario and playbook, and one over all of a scenario."""
    table = Table("scenario", "playbook", "starts", "planted", "found", "raw", "mean error", "inside 95 %",
                  "raw sign wrong", "claimed", "false claims", "cannot tell", title="points")  # fmt: skip
    for scenario in dict.fromkeys(e.scenario for e in estimates):
        names = dict.fromkeys(e.record["playbook"] for e in estimates if e.scenario == scenario)
        for name in (*sorted(names), ""):
            own = [e for e in estimates if e.scenario == scenario and name in (e.record["playbook"], "")]
            table.add_row(scenario, name or "all", *_cells(own))
    return table


def _cells(own: Sequence[Estimate]) -> list[str]:
    known = [e for e in own if e.measured]
    claims = ["helps", "harms"]
    return [
        f"{sum(e.record['starts'] for e in own) / len(own):.0f}",
        mean([e.planted for e in known]),
        mean([e.record["effect"] for e in known]),
        mean([e.record["raw"] for e in known]),
        mean([(e.record["effect"] or 0.0) - e.planted for e in known]),
        share([e.covered for e in known]),
        share([e.wrong_sign for e in known if e.planted]),
        share([e.record["verdict"] in claims for e in own]),
        share([e.false_claim for e in own]),
        share([e.record["verdict"] == "cannot_tell" for e in own]),
    ]


def main(accounts: int, yearly: int, null: int) -> None:
    """Print the table after each company, so that a run that is cut short has one."""
    estimates: list[Estimate] = []
    printed = Console(width=200)
    for place in range(max(yearly, null)):
        for scenario, count in (("yearly", yearly), ("null", null)):
            if place < count:
                estimates += measured(scenario, FIRST_SEED + place, accounts)
                printed.print(f"{scenario} {FIRST_SEED + place}: done")
                printed.print(table_of(estimates))
    nulls = {e.seed: False for e in estimates if e.scenario == "null"}
    nulls |= {e.seed: True for e in estimates if e.scenario == "null" and e.false_claim}
    printed.print(f"null companies with a false claim: {share(list(nulls.values()))}")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*(given + [2000, 12, 8][len(given) :]))
