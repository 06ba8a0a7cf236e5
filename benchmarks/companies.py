"""Companies whose truth is known, each made and run once: `python -m benchmarks.companies [accounts] [seed ...]`.

Every scenario of the demo company on seeds that no test and no default uses, through the weekly stages up to the judged
past. Then how much of the truth the model reaches (`benchmarks.reach`), and what the flags and the proposed weights of
the health score are worth against it (`benchmarks.watermelons`).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from rich.console import Console

from benchmarks import reach, watermelons
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


def main(accounts: int, seeds: list[int]) -> None:
    """Print all tables."""
    ranked: list[tuple[str, int, pd.DataFrame]] = []
    flagged: list[tuple[str, int, watermelons.Measured]] = []
    for scenario in SCENARIOS:
        for seed in seeds:
            with made_company(accounts, seed, scenario) as (params, folder):
                space = judged(params, folder / "run")
                ranked.append((scenario, seed, reach.rows(space, params, folder / "company" / "truth")))
                flagged.append((scenario, seed, watermelons.measured(space, params, ranked[-1][-1])))
            Console(stderr=True).print(f"{scenario} {seed}: done")
    printed = Console(width=200)
    printed.print(f"{accounts} accounts, seeds {', '.join(map(str, seeds))}")
    for table in (*reach.reached(ranked), *watermelons.caught(flagged)):
        printed.print(table)
    printed.print("seconds of all fits, one core: " + ", ".join(f"{n} {s:.0f}" for n, s in reach.SECONDS.items()))


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(given[0] if given else 1500, given[1:] or list(SEEDS))
