"""Where everything lies. Stages read and write through these names only.

The DVC pipeline works in ``data/``; `rind run` in a hidden folder beside its results. The layout is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rind.common.errors import UsageError
from rind.common.files import sha256

RESULTS = (
    "features.parquet", "catalogue.json", "labels.parquet", "known_labels.parquet", "backtest.parquet",
    "risk_list.parquet", "risk_list.csv", "risk_list.xlsx", "risk_list.html", "previous_list.parquet",
    "explanations.parquet", "true_north.json", "adoption.parquet", "adoption_metrics.json", "moments.json",
    "true_north.html", "health_score.json", "health_params.yaml", "health_score.html", "family_shap.parquet",
    "green_churn.parquet", "metrics.json", "hyperparameters.json", "plots", "validation.json", "run.json",
)  # fmt: skip
"""What `rind run` leaves in its folder, run.json last."""


@dataclass(frozen=True)
class Workspace:
    """Paths of a run.

    Parameters
    ----------
    root
        Folder of all data.
    tracking
        Folder of the default MLflow store; it outlives the run.
    """

    root: Path
    tracking: Path

    def __getattr__(self, name: str) -> Path:
        try:
            return self.root / _PLACES[name]
        except KeyError:
            raise AttributeError(f"the workspace has no place {name!r}") from None

    def family(self, name: str) -> Path:
        """The features of one family."""
        return self.root / "families" / f"{name}.parquet"

    def manifest(self, names: Iterable[str] = RESULTS) -> dict[str, dict[str, Any]]:
        """Results but run.json (path from ``root`` -> bytes, sha256): what a reader checks before it trusts a week."""
        places = [self.root / name for name in names if name != "run.json"]
        files = [file for place in places for file in (sorted(place.iterdir()) if place.is_dir() else [place])]
        return {str(f.relative_to(self.root)): {"bytes": f.stat().st_size, "sha256": sha256(f)} for f in files}

    def seconds(self, stage: str) -> Path:
        """How long a stage took, for run.json; not an output that DVC tracks."""
        return self.root / ".seconds" / f"{stage}.json"


def of_run(folder: str | Path | None = None) -> Workspace:
    """The results of a run, to be looked at.

    Parameters
    ----------
    folder
        What `rind run` wrote to; a relative path counts from the project's root. None or "": the DVC workspace.
    """
    project = Path(__file__).parent.parent
    root = project / (folder or "data")
    if not (root / _PLACES["run"]).exists():
        raise UsageError(
            f"there are no results in {root}",
            "make some: `make demo`, or `rind run --source SOURCE --out DIR` and then set RIND_DIR=DIR",
        )
    near = (root / "mlruns", root.parent / "mlruns")  # of `rind run`, of DVC in any checkout
    return Workspace(root, next((place for place in near if place.is_dir()), project / "mlruns"))


_PLACES = {
    "demo": "demo",
    "tables": "tables",
    "validation": "validation.json",
    "dates": "dates.json",
    "snapshots": "snapshots.parquet",
    "features": "features.parquet",
    "catalogue": "catalogue.json",
    "labels": "labels.parquet",
    "known_labels": "known_labels.parquet",
    "early": "early.parquet",
    "past_cohorts": "past_cohorts.parquet",
    "cohorts": "cohorts.parquet",
    "hyperparameters": "hyperparameters.json",
    "predictions": "predictions.parquet",
    "family_shap": "family_shap.parquet",
    "model": "model",
    "health": "health.parquet",
    "health_score": "health_score.json",
    "health_params": "health_params.yaml",
    "health_page": "health_score.html",
    "green_churn": "green_churn.parquet",
    "backtest": "backtest.parquet",
    "watermelons": "watermelons.json",
    "metrics": "metrics.json",
    "plots": "plots",
    "registered": "registered.json",
    "scores": "scores.parquet",
    "explanations": "explanations.parquet",
    "true_north": "true_north.json",
    "moments": "moments.json",
    "true_north_page": "true_north.html",
    "adoption": "adoption.parquet",
    "adoption_metrics": "adoption_metrics.json",
    "adoption_model": "adoption_model",
    "adoption_registered": "adoption_registered.json",
    "risk_list": "risk_list.parquet",
    "previous_list": "previous_list.parquet",
    "risk_list_csv": "risk_list.csv",
    "risk_list_xlsx": "risk_list.xlsx",
    "risk_list_html": "risk_list.html",
    "run": "run.json",
    "promoted": "promoted.json",
}
