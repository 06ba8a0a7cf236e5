"""Companies whose truth is known, made and run once: `python -m benchmarks.companies [accounts] [scenario|seed ...]`.

Every scenario of the demo company on seeds that no test and no default uses, through the weekly stages up to the judged
past. Then how much of the truth the model reaches (`benchmarks.reach`), whether its probabilities and their intervals
are right (`benchmarks.honesty`), and what the flags and the proposed weights of the health score are worth against it
(`benchmarks.watermelons`). All tables are printed after each company, so that a long run can be ended.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pandas as pd
from rich.console import Console

from benchmarks import honesty, reach, watermelons
from rind.demo.company import make_company, write_company
from rind.pipelines.flow import WEEKLY
from rind.pipelines.params import Params, load
from rind.pipelines.workspace import Workspace

SCENARIOS = ("yearly", "monthly", "shifting", "null")
SEEDS = (1001, 1002, 1003)
LAST_STAGE = "watermelons"


@contextmanager
def made_company(accounts: int, seed: int, scenario: str, *overrides: str) -> Iterator[tuple[Params, Path]]:
    """The parameters of a run on a made company, and a folder for the time being: company/ holds source/ and truth/."""
    with tempfile.TemporaryDirectory() as folder:
        company = Path(folder, "company")
        write_company(make_company(accounts=accounts, seed=seed, scenario=scenario), company)
        yield load(overrides=[f"source.url={company / 'source'}", *overrides]), Path(folder)


def judged(params: Params, root: Path, last_stage: str = LAST_STAGE) -> Workspace:
    """Run the weekly stages up to one of them; what comes after the watermelons changes nothing of the past."""
    space = Workspace(root, root / "mlruns")
    for stage in WEEKLY:
        stage.run(space, params, lambda _: None)
        if stage.name == last_stage:
            break
    return space


def main(accounts: int, seeds: Sequence[int], scenarios: Sequence[str]) -> None:
    """Print all tables, after each company those of the companies so far."""
    ranked: list[tuple[str, int, pd.DataFrame]] = []
    flagged: list[tuple[str, int, watermelons.Measured]] = []
    judgements: list[honesty.Judgement] = []
    printed = Console(width=200)
    for seed, scenario in product(seeds, scenarios):
        with made_company(accounts, seed, scenario) as (params, folder):
            space, truth = judged(params, folder / "run"), folder / "company" / "truth"
            ranked.append((scenario, seed, reach.rows(space, params, truth)))
            flagged.append((scenario, seed, watermelons.measured(space, params, ranked[-1][-1])))
            if scenario != "null":  # there is nothing that a probability could tell but the calendar
                judgements.append(honesty.judge(f"{scenario} {seed}", space, params, ranked[-1][-1]))
        printed.print(f"\n{accounts} accounts, after {scenario} {seed}")
        for table in (
            *reach.reached(ranked),
            reach.halfway(ranked),
            honesty.table(judgements),
            *watermelons.caught(flagged),
        ):
            printed.print(table)
        seconds = ", ".join(f"{name} {spent:.0f}" for name, spent in reach.SECONDS.items())
        printed.print(f"seconds of all fits so far, one core: {seconds}")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:] if text.isdigit()]
    named = tuple(text for text in sys.argv[1:] if not text.isdigit())
    main(given[0] if given else 1500, given[1:] or SEEDS, named or SCENARIOS)
