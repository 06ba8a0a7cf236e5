"""Pages and API under load, a week published meanwhile, and scoring beside MLflow's own server.

python -m benchmarks.serving [--accounts 10000] [--weeks 104] [--rate 200] [--seconds 30] [--run results/]
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from benchmarks.load import Answer, Ask, load, options, table, wait_for
from benchmarks.made_results import CSMS, SEGMENTS, make_results
from rind.pipelines.weeks import commit
from rind.pipelines.workspace import of_run
from rind.serving.access.access_file import Access

PASSWORD = "only for the benchmark"
BOTH = ("(first)", "(second)")


def main() -> None:
    """Print what was measured."""
    parser = options(__doc__, rate=200.0, seconds=30.0)
    parser.add_argument(
        "--run", type=Path, help="Results of `rind run` or of DVC (data/), for scoring; default: a small demo company."
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rind-bench-") as name:
        folder = Path(name)
        under_load(folder, given.accounts, given.weeks, given.rate, given.seconds)
        scoring(given.run or _small_run(folder))


def under_load(folder: Path, accounts: int, weeks: int, rate: float, seconds: float) -> None:
    """Lists, accounts and API at a fixed rate; in the middle the next week is published into the folder."""
    results, coming = folder / "results", folder / "coming"
    make_results(results, accounts, weeks, features=176, mark=f" {BOTH[0]}")
    make_results(coming, accounts, weeks, seed=8, features=176, mark=f" {BOTH[1]}")
    for file in coming.rglob("*"):  # as a run would leave them: new files
        if file.is_file():
            os.utime(file)
    cookie, key = let_in(results)
    with served(results, "serve", "--dir", str(results)) as (port, process):
        time.sleep(20)  # it loads a model in the background, or finds that it has none
        asyncio.run(load(port, Questions(accounts, cookie, key), 50.0, 4.0))  # imports, first pages
        before = process.cpu_times()
        answers = asyncio.run(load(port, Questions(accounts, cookie, key), rate, seconds))
        after = process.cpu_times()
        busy = (after.user + after.system - before.user - before.system) / seconds
        print(
            f"\n{accounts:,} accounts x {weeks} weeks, {rate:g} requests/s for {seconds:g} s, server and generator on "
            f"{os.cpu_count()} cores; the server uses {busy:.2f} of one, {process.memory_info().rss / 2**30:.1f} GiB"
        )
        print(table(answers))
        answers = asyncio.run(
            load(port, Questions(accounts, cookie, key, seed=2), rate, seconds, lambda: commit(coming, results))
        )
        print("\nthe same while the next week is published")
        print(table(answers))
        print(whole_weeks(answers))


class Questions:
    """A mix as of a Monday morning: lists with filters, accounts, the API; every request another one.

    The pictures of an account's page are not asked for: a process of their own draws them, one after the other.
    """

    def __init__(self, accounts: int, cookie: str, key: str, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        self._accounts = accounts
        self._page = f"accept: text/html\r\naccept-language: en-GB\r\ncookie: rind_session={cookie}\r\n"
        self._api = f"authorization: Bearer {key}\r\n"

    def __call__(self, number: int) -> Ask:
        pick = self._rng.integers
        account = f"A{pick(self._accounts):05d}"
        kind = number % 10
        if kind < 4:
            filters = (f"page={pick(1, 40)}", f"csm={CSMS[pick(6)].replace(' ', '+')}&page={pick(1, 8)}",
                       f"segment={SEGMENTS[pick(3)]}&sort=mrr_at_risk", f"band=red&page={pick(1, 4)}",
                       f"q={pick(10, 99)}", f"renewal_within_days={pick(10, 200)}")  # fmt: skip
            return Ask("list page", f"/?{filters[pick(6)]}", self._page)
        if kind < 7:
            return Ask("account page", f"/accounts/{account}", self._page)
        if kind < 8:
            return Ask("API risk-list", f"/v1/risk-list?page={pick(1, 150)}", self._api)
        return Ask("API account", f"/v1/accounts/{account}", self._api)


def whole_weeks(answers: list[Answer]) -> str:
    """Whether any answer held marks of both weeks (names, reasons, next steps, the company), or a version both."""
    weeks: dict[str, set[str]] = {}
    mixed = naming = 0
    for answer in answers:
        text = answer.body.decode("utf-8", "replace")
        marks = {mark for mark in BOTH if mark in text}
        naming += bool(marks)
        mixed += len(marks) > 1
        if (version := re.search(r'"version":"(\w+)"', text)) and marks:
            weeks.setdefault(version[1], set()).update(marks)
    mixed += sum(len(marks) > 1 for marks in weeks.values())
    return f"answers that name accounts: {naming}; weeks seen: {len(weeks)}; answers that mix two weeks: {mixed}"


def scoring(run: Path, accounts: int = 1000) -> None:
    """POST /v1/score with reasons, beside `mlflow models serve` for the same model without reasons."""
    features = pd.read_parquet(run / "features.parquet")
    features = features.sort_values("as_of").tail(accounts)
    rows = json.loads(features.drop(columns=["account_id", "as_of"]).to_json(orient="records"))
    _, key = let_in(run)
    body = json.dumps({"accounts": [{"features": row} for row in rows]}).encode()
    quick = json.dumps({"accounts": [{"features": row} for row in rows], "reasons": False}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    print(f"\n{len(rows)} accounts with {len(rows[0])} features each in one POST, {len(body) / 2**20:.1f} MiB; "
          "seconds, the best of 5")  # fmt: skip
    with served(run, "serve", "--dir", str(run)) as (port, _):
        address = f"http://127.0.0.1:{port}/v1/score"
        print(f"POST /v1/score with three reasons each     {_best(address, body, headers):6.2f}")
        print(f"POST /v1/score without reasons             {_best(address, quick, headers):6.2f}")
    with _mlflow(run) as port:
        body = json.dumps({"dataframe_records": [_typed(row) for row in rows]}).encode()
        best = _best(f"http://127.0.0.1:{port}/invocations", body, {"content-type": "application/json"})
        print(f"mlflow models serve, without reasons       {best:6.2f}")


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """As the model's signature wants it: numbers as floats, no text missing."""
    texts = ("segment__now", "industry__now", "region__now", "plan__now")
    return {
        name: ("" if value is None else value) if name.endswith(texts) else (None if value is None else float(value))
        for name, value in row.items()
    }


def _best(address: str, body: bytes, headers: dict[str, str]) -> float:
    times = []
    for _ in range(6):  # the first one may load the model
        start = time.perf_counter()
        try:
            with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=300) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{address} answered {error.code}: {error.read(500).decode(errors='replace')}") from None
        times.append(time.perf_counter() - start)
    return min(times[1:])


def let_in(results: Path) -> tuple[str, str]:
    """A session's token and an API key."""
    access = Access(results / "access.sqlite")
    name = f"bench-{time.time_ns()}"
    access.users.add(name, PASSWORD, "viewer")
    session = access.sessions.open_local(name, 1)
    key = access.keys.create("bench", ["read", "score"])
    access.close()
    assert session
    return session, key


@contextmanager
def served(results: Path, *command: str, seconds: float = 120.0) -> Iterator[tuple[int, psutil.Process]]:
    """The port and the process of a server that runs while this is open; its log lies in ``results``."""
    port = _free_port()
    with (results / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rind.pipelines.cli", *command, "--port", str(port)], stdout=log, stderr=log
        )
    try:
        wait_for(port, seconds)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)
        (results / "server.log").unlink()


@contextmanager
def _mlflow(run: Path) -> Iterator[int]:
    port = _free_port()
    named = json.loads((run / "run.json").read_text())["scored_by"]
    models = of_run(run.resolve()).tracking
    environment = {"MLFLOW_TRACKING_URI": f"sqlite:///{models}/mlflow.db"} | os.environ
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"  # it starts uvicorn by its name
    command = ["models", "serve", "-m", f"models:/{named['name']}/{named['version']}", "--env-manager", "local"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *command, "--port", str(port), "--workers", "1"], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(port, 180)
        yield port
    finally:
        os.killpg(process.pid, 15)
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _small_run(folder: Path) -> Path:
    """A demo company of 400 accounts, whole."""
    company, results = folder / "company", folder / "run"
    rind = [sys.executable, "-m", "rind.pipelines.cli"]
    subprocess.run([*rind, "demo", "--out", str(company), "--accounts", "400"], check=True, capture_output=True)
    made = [*rind, "run", "--source", str(company / "source"), "--out", str(results)]
    subprocess.run(made, check=True, capture_output=True)
    shutil.rmtree(company)
    return results


if __name__ == "__main__":
    main()
