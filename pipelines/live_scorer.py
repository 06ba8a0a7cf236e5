"""The model of the week as POST /v1/score asks for it: loaded at the first question, again when it is another one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock

import pandas as pd

from rind.common.errors import RindError
from rind.pipelines import tracking
from rind.pipelines.tracking_settings import TrackingSettings
from rind.pipelines.workspace import Workspace
from rind.serving.store.protocols import Week

logger = logging.getLogger(__name__)


class ChampionScorer:
    """A loaded model version; see `serving.request_context.Scorer`."""

    def __init__(self, champion: tracking.Champion) -> None:
        self._champion = champion
        self.features = frozenset(champion.scorer.features)
        self.numeric = frozenset(champion.scorer.numeric)

    @property
    def version(self) -> str:
        """Name and version in the registry."""
        return f"{self._champion.name} version {self._champion.version}"

    def score(self, features: pd.DataFrame, explain: bool) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """Probability and margin, and the SHAP values where they are wanted."""
        predicted = self._champion.predict(features, explain=explain)
        scored = predicted[["churn_probability", "margin"]]
        return scored, predicted[[name for name in predicted.columns if "__" in name]] if explain else None


def live_scorer(space: Workspace, settings: TrackingSettings) -> Callable[[Week], ChampionScorer]:
    """A function that gives the model version that scored a week, loaded.

    Raises (when called)
    --------------------
    RindError
        The registry has no such version, or its files are not those that were registered.
    """
    lock = Lock()
    loaded: dict[tuple[str, str], ChampionScorer] = {}

    def load(week: Week) -> ChampionScorer:
        """The version that scored the week; loaded once, let go when another week wants another one."""
        run = week.document("run") or {}
        scored_by = run.get("scored_by") or {}
        wanted = (str(scored_by.get("name", "")), str(scored_by.get("version", "")))
        with lock:
            if wanted not in loaded:
                with tracking.store(space, settings) as mlflow:
                    champion = tracking.model_version(mlflow, *wanted, settings.trusted_packages)
                if champion is None:
                    name = " version ".join(wanted)
                    raise RindError(f"no model {name} in the registry", "is MLFLOW_TRACKING_URI that of the run?")
                loaded.clear()
                loaded[wanted] = ChampionScorer(champion)
                logger.info("scoring with %s", loaded[wanted].version)
            return loaded[wanted]

    return load
