"""What a released version leaves, stored small: `python -m benchmarks.released_fixture`.

Run it with the code of a release and commit the file: tests/fixtures/released/<version>/backup.tar.zst. It is a backup
of the whole week of a small made-up company, with users, feedback, deliveries and MLflow, without pictures. The tests
of every later version restore it, open its pages, load its model and score with it.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path

from rich.console import Console

from benchmarks.release import installed
from benchmarks.restore import make_state
from rind.demo.company import make_company, write_company
from rind.pipelines.backup import staged, write_archive
from rind.pipelines.data import read_json
from rind.pipelines.params import load
from rind.pipelines.places import places_of
from rind.pipelines.weekly import run_weekly

FOLDER = Path(__file__).parents[1] / "tests/fixtures/released"
SETTINGS = (
    "threads=1", "source.name=Released", "labels.horizon_days=60", "snapshots.every_days=28",
    "snapshots.history_days=560", "backtest.refit_every_days=140", "backtest.min_train_dates=4",
    "model.train_every_days=28", "model.bags=1", "model.search_trials=0", "model.min_churned_for_boosting=8",
    "metrics.bootstrap_draws=20", "true_north.permutations=20",
)  # fmt: skip
"""Parameters that make a run quick and its files small."""
LARGEST_KB = 700


def main() -> None:
    """Make the fixture of this version, over one that is there."""
    file = FOLDER / installed() / "backup.tar.zst"
    with tempfile.TemporaryDirectory(prefix="rind-released-") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        company, out = Path(made) / "company", Path(made) / "results"
        write_company(make_company(accounts=46, years=2.0, seed=7, scenario="monthly"), company)
        params = load(None, [*SETTINGS, f"source.url={company / 'source'}"])
        missing = run_weekly(out, params, Console(stderr=True))
        make_state(out)
        with staged(places_of(out, load())) as folder:
            for picture in sorted(folder.rglob("*.png")):
                picture.unlink()
            shutil.rmtree(folder / "results/set_aside", ignore_errors=True)
            write_archive(folder, file, str(read_json(folder / "results/run.json")["as_of"]))
    kilobytes = file.stat().st_size / 1024
    print(f"{file.relative_to(FOLDER.parents[2])}: {kilobytes:,.0f} kB, parts missing: {', '.join(missing) or 'none'}")
    if kilobytes > LARGEST_KB:
        raise SystemExit(f"larger than {LARGEST_KB} kB: too large for git")


if __name__ == "__main__":
    main()
