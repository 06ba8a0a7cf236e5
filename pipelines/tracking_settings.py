"""How the runs and models in MLflow are kept: the section ``tracking`` of params.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class TrackingSettings(BaseModel):
    """What a user may tune of the store of runs and models.

    Parameters
    ----------
    lock_wait_seconds
        How long to wait for another program that holds the SQLite file.
    keep_runs
        Runs of each experiment that are kept, the newest; None: all. At least those of two weeks.
    trusted_packages
        Packages whose classes a registered model may hold, beside scikit-learn's and LightGBM's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lock_wait_seconds: Annotated[float, Field(ge=0)]
    keep_runs: Annotated[int, Field(ge=4)] | None
    trusted_packages: tuple[str, ...]
