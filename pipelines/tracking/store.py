"""Which store MLflow works on, and how long it waits for another program that holds it."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rind.common.errors import RindError, UsageError
from rind.features.locations import masked
from rind.pipelines.tracking_settings import TrackingSettings
from rind.pipelines.workspace import Workspace

DATABASE, SQLITE = "mlflow.db", "sqlite:///"
LOCKED = ("database is locked", "database table is locked")
QUIET = ("alembic", "mlflow.store", "mlflow.tracking", "mlflow.utils", "mlflow.models", "mlflow.pyfunc")


@contextmanager
def store(space: Workspace, settings: TrackingSettings) -> Iterator[Any]:
    """MLflow on the server of MLFLOW_TRACKING_URI, else on SQLite and local artifacts in the workspace.

    Raises
    ------
    RindError
        Another program holds the SQLite file for longer than ``settings.lock_wait_seconds``.
    UsageError
        The own store lies below a folder whose name MLflow cannot address.
    """
    mlflow = _quiet_mlflow()
    from mlflow.exceptions import MlflowException

    # MLflow writes the address that it is given into the same variable: look before, and put it back after.
    before = os.environ.get("MLFLOW_TRACKING_URI")
    address = before or own_address(space)
    if not before:
        space.tracking.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(address)
    seconds = settings.lock_wait_seconds
    try:
        with _patience(seconds):
            if not before:
                _await_readers_turn(database(space), seconds)
            yield mlflow
    except (MlflowException, sqlite3.OperationalError) as error:
        if any(words in str(error) for words in LOCKED):
            raise RindError(
                f"another program has held MLflow's database for more than {seconds:g} seconds: "
                f"{address.removeprefix('sqlite:///')}",
                "end it (a backup, a database browser) and run again, `rind run` with --resume; "
                "tracking.lock_wait_seconds says how long to wait",
            ) from error
        raise
    finally:
        reset: Any = mlflow.set_tracking_uri  # takes None, whatever its annotation says
        reset(before or None)


def own_address(space: Workspace) -> str:
    """The address of the store in the workspace."""
    path = str(database(space))
    if any(sign in path for sign in "?%#"):  # SQLAlchemy would cut the name there, and open another file
        raise UsageError(f"MLflow cannot keep its runs below {path}: the name holds ?, % or #", "rename the folder")
    return f"sqlite:///{path}"


def recorded_address(mlflow: Any, space: Workspace) -> str:
    """The address of the store for run.json.

    The own store is named from the folder of the results (``sqlite:///mlruns/mlflow.db``), since that may move; a
    server's address holds no password.
    """
    if not is_own(mlflow, space):
        return masked(mlflow.get_tracking_uri())
    return f"{SQLITE}{os.path.relpath(database(space), space.home.resolve())}"


def present_address(folder: Path, recorded: str) -> str:
    """The address of the store that run.json in ``folder`` names, for a program that works anywhere."""
    path = recorded.removeprefix(SQLITE)
    own = recorded.startswith(SQLITE) and not Path(path).is_absolute()
    return f"{SQLITE}{(folder / path).resolve()}" if own else recorded


def is_own(mlflow: Any, space: Workspace) -> bool:
    """Whether MLflow works on the store in the workspace."""
    return bool(mlflow.get_tracking_uri() == f"sqlite:///{database(space)}")


def database(space: Workspace) -> Path:
    """The SQLite file of the own store."""
    return space.tracking.resolve() / DATABASE


def _quiet_mlflow() -> Any:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import mlflow

    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # it logs what it raises, with a traceback
    return mlflow


def _await_readers_turn(path: Path, seconds: float) -> None:
    """Wait until the file can be read: MLflow itself would try to open it a dozen times over."""
    if path.exists():
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=seconds)) as connection:
            connection.execute("select count(*) from sqlite_master").fetchone()


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Let SQLite itself wait at each statement, so that nothing has to be done twice; MLflow's own wait is 20 s."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    pragma = f"PRAGMA busy_timeout = {int(seconds * 1000)}"

    def on_connect(connection: Any, _: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute(pragma)

    def on_statement(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> tuple[str, Any]:
        return pragma if statement.startswith("PRAGMA busy_timeout") else statement, parameters

    event.listen(Engine, "connect", on_connect)
    event.listen(Engine, "before_cursor_execute", on_statement, retval=True)
    try:
        yield
    finally:
        event.remove(Engine, "connect", on_connect)
        event.remove(Engine, "before_cursor_execute", on_statement)
