from __future__ import annotations

from pathlib import Path


def test_mlflow_keeps_what_the_scores_of_a_training_rest_on(small_run: Path) -> None:
    logged = {path.name for path in (small_run / "results/mlruns/artifacts").rglob("plots/*.png")}
    assert {"shap_beeswarm.png", "shap_waterfall.png", "reliability.png"} <= logged
