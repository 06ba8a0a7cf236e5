"""What `model.max_training_rows` costs in reach and saves in time and memory.

    python -m benchmarks.training_sample                             # a demo company of 2,000 accounts made here
    python -m benchmarks.training_sample --accounts 800 --most 4000 2000 1000
    python -m benchmarks.training_sample --workspace data            # what `make demo` left: nothing is written there

The past is scored with all rows, then with a sample of each size in its place. On the same rows with a known outcome
it prints AUC, average precision, calibration slope, and the mean probability over the share that left; below the
first line how far each lies from all rows, with its 95 % interval by account; CPU seconds; rows and memory of the
last training set's features.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.companies import judged
from rind.demo.company import make_company, write_company
from rind.models.churn.backtest import bag_rows, roll
from rind.models.churn.estimators import Hyperparameters
from rind.models.common.resampling import complete_dates
from rind.models.evaluation.metrics import auc, average_precision, calibration_slope, measure
from rind.pipelines.data import read_json
from rind.pipelines.labels_as_known import weighed_outcomes
from rind.pipelines.params import Params, load
from rind.pipelines.training_inputs import directions, first_reported, folds, snapshots
from rind.pipelines.workspace import Workspace

FIGURES = {"auc": auc, "average_precision": average_precision, "calibration_slope": calibration_slope}
DRAWS = 200
QUICK = ("model.search_trials=0", "model.bags=1", "threads=1")
ALL = 10**9


@dataclass(frozen=True)
class Scored:
    """The reported past with a known outcome, as models of at most so many rows scored it; and what that took."""

    most: int
    rows: pd.DataFrame
    cpu: float
    learned: int
    megabytes: float


def main() -> None:
    """Score the past with each size of the sample and print what that costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=2000, help="accounts of the demo company")
    parser.add_argument("--most", type=int, nargs="+", default=[20_000, 10_000, 5_000], help="rows, at most")
    parser.add_argument("--workspace", type=Path, help="a finished workspace instead of a company made here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as made:
        params = load(overrides=[f"source.url={Path(made) / 'company' / 'source'}", *QUICK])
        space = Workspace(args.workspace, args.workspace / "mlruns") if args.workspace else None
        if space is None:
            write_company(make_company(accounts=args.accounts), Path(made, "company"))
            space = judged(params, Path(made, "run"), "search")
        print("\n".join(report([scored(space, params, most) for most in (ALL, *args.most)])))


def scored(space: Workspace, params: Params, most: int) -> Scored:
    """Score the past with models that learn from at most so many rows."""
    rows, all_folds = snapshots(space), folds(space, params)
    settings = params.model.model_copy(update={"max_training_rows": most})
    known = weighed_outcomes(space, rows.outcomes, settings.intervention_weight)
    hyper = Hyperparameters(**read_json(space.hyperparameters)["chosen"])
    start, every = time.process_time(), settings.train_every_days
    rolled = roll(
        rows, all_folds, directions(space), hyper, settings, every, outcomes=known,
        threads=params.threads, seed=params.seed,
    )  # fmt: skip
    cpu = time.process_time() - start
    past = rolled.predictions
    past = past[past["trained_as_of"] >= pd.Timestamp(first_reported(all_folds, params, space))]
    [last] = bag_rows(rows, all_folds[-1], every, 1, known, most, seed=params.seed)
    learned = last.rows()
    size = learned.select_dtypes("number").memory_usage(index=False).sum() / 2**20
    return Scored(most, past[complete_dates(past)].assign(mrr=0.0), cpu, len(learned), float(size))


def report(runs: Sequence[Scored]) -> list[str]:
    """One line a run; the first learned from all rows."""
    whole = runs[0]
    left = whole.rows["churned"].mean()
    heads = (*FIGURES, "mean / share left", "CPU s", "rows", "MB")
    lines = [
        f"{len(whole.rows):,} measured rows, {left:.2%} left",
        f"{'learned from':>16s}" + "".join(f"{h:>30s}" for h in heads[:3]) + "".join(f"{h:>20s}" for h in heads[3:]),
    ]
    for run in runs:
        name = "all rows" if run is whole else f"at most {run.most:,}"
        mean = run.rows["churn_probability"].mean() / left
        cells = "".join(f"{cell:>30s}" for cell in figures(run, whole))
        lines.append(f"{name:>16s}{cells}{mean:20.3f}{run.cpu:20.1f}{run.learned:20,}{run.megabytes:20.0f}")
    return lines


def figures(run: Scored, whole: Scored) -> list[str]:
    """Each figure; of a sample how far it lies from that of all rows."""
    both = whole.rows.assign(sample=run.rows["churn_probability"])
    made = measure(both, {"sample": "sample", "all": "churn_probability"}, DRAWS, 7, FIGURES)
    if run is whole:
        return [f"{made['all'][key]['value']:.4f}" for key in FIGURES]
    off = made["sample_minus_all"]
    return [f"{off[key]['value']:+.4f} ({off[key]['low']:+.4f}..{off[key]['high']:+.4f})" for key in FIGURES]


if __name__ == "__main__":
    main()
