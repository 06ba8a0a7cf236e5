"""Where artefacts lie now: MLflow writes down whole paths, and a folder of results may be moved, copied or mounted.

Who reads looks below the store's present place and changes nothing; who writes corrects the paths first (`settle`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rind.common.errors import RindError
from rind.pipelines.tracking.store import DATABASE, database
from rind.pipelines.workspace import Workspace

FOLDER = "artifacts"
PATHS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Table and column of each path of an artefact in MLflow's database."""


def artifact_root(space: Workspace) -> str:
    """The folder of all artefacts of the own store, as MLflow writes it down."""
    return (space.tracking.resolve() / FOLDER).as_uri()


def run_file(mlflow: Any, run: Any, name: str) -> Path:
    """A file that was logged with a run; from a server it is downloaded.

    Raises
    ------
    RindError
        The local store names it and does not have it.
    """
    folder = local_folder(mlflow, run.info.artifact_uri, run.info.experiment_id)
    if folder is None:
        return Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path=name))
    return _existing(folder / name)


def model_folder(mlflow: Any, version: Any) -> Path:
    """The folder of the artefacts of a model version; from a server it is downloaded. See `run_file`."""
    model_id = str(version.source).removeprefix("models:/")
    if model_id.startswith("m-"):
        model = mlflow.MlflowClient().get_logged_model(model_id)
        folder = local_folder(mlflow, model.artifact_location, model.experiment_id)
        if folder is not None:
            return _existing(folder)
    return Path(mlflow.artifacts.download_artifacts(f"models:/{version.name}/{version.version}"))


def local_folder(mlflow: Any, location: str, experiment_id: str) -> Path | None:
    """Where the folder lies today that was ``location`` when it was written; None: not in a store of ours."""
    address = mlflow.get_tracking_uri()
    root = str(mlflow.get_experiment(experiment_id).artifact_location)
    if not (address.startswith("sqlite:") and _is_ours(root) and location.startswith(f"{root}/")):
        return None
    relative = unquote(urlsplit(location.removeprefix(f"{root}/")).path)
    place = Path(address.removeprefix("sqlite:///").removesuffix(DATABASE)) / FOLDER
    folder = (place / relative).resolve()
    return folder if folder.is_relative_to(place.resolve()) else None


def settle(space: Workspace, lock_wait_seconds: float) -> None:
    """Correct the paths in the own store, in one transaction, where it was moved or copied since they were written.

    Experiments that lie elsewhere by a user's wish (not in a folder named artifacts, or on a server) stay.
    """
    here = artifact_root(space)
    with closing(sqlite3.connect(database(space), timeout=lock_wait_seconds)) as connection, connection:
        roots = [root for (root,) in connection.execute("select distinct artifact_location from experiments")]
        for former in roots:
            if not _is_ours(str(former)) or former == here:
                continue
            for table, column in PATHS:
                connection.execute(
                    f"update {table} set {column} = ? || substr({column}, ?) "
                    f"where {column} = ? or substr({column}, 1, ?) = ?",
                    (here, len(former) + 1, former, len(former) + 1, f"{former}/"),
                )


def _is_ours(root: str) -> bool:
    return root.startswith("file:") and root.endswith(f"/{FOLDER}")


def _existing(path: Path) -> Path:
    if not path.exists():
        hint = "restore the folder mlruns as a whole, or move it away to begin a new registry"
        raise RindError(f"the registry names {path}, which is not there", hint)
    return path
