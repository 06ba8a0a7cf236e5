"""What drives a model's scores, drawn by SHAP itself: a beeswarm of many accounts, a waterfall of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rind.reports.review import Attributions

BEESWARM_FEATURES, WATERFALL_FEATURES = 15, 12


def explanation(attributions: Attributions) -> Any:
    """The `shap.Explanation` of some accounts, in log-odds: every plot of SHAP takes it."""
    import shap

    return shap.Explanation(
        attributions.values, attributions.base_values, attributions.data, feature_names=attributions.names
    )


def draw(attributions: Attributions, folder: Path) -> list[Path]:
    """Write shap_beeswarm.png, and shap_waterfall.png of the first account, into a folder; nothing of no accounts."""
    import shap

    if not len(attributions.accounts):
        return []
    shown = explanation(attributions)
    return [
        _drawn(
            folder / "shap_beeswarm.png",
            lambda: shap.plots.beeswarm(shown, max_display=BEESWARM_FEATURES, plot_size=(11, 6.5), show=False),
        ),
        _drawn(
            folder / "shap_waterfall.png",
            lambda: shap.plots.waterfall(shown[0], max_display=WATERFALL_FEATURES, show=False),
        ),
    ]


def _drawn(path: Path, plot: Callable[[], object]) -> Path:
    with _without_a_window() as pyplot:
        plot()
        pyplot.savefig(path, dpi=110, bbox_inches="tight")
        pyplot.close("all")
    return path


@contextmanager
def _without_a_window() -> Iterator[Any]:
    """pyplot that draws into files only; whoever had another backend has it again afterwards."""
    import matplotlib
    import matplotlib.pyplot as plt

    before = matplotlib.get_backend()
    plt.switch_backend("agg")
    try:
        yield plt
    finally:
        plt.switch_backend(before)
