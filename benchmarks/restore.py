"""Destroy and restore: `python -m benchmarks.restore [--accounts 2000] [--dir DIR]`.

Backs a folder of results up while it is served, deletes it, restores it elsewhere and compares: every page and every
answer of the API, every file, every row of users, feedback and deliveries, and what the champion of MLflow says.
Without --dir the results are made up (without MLflow). It ends with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import pandas as pd
from fastapi import FastAPI

from benchmarks.made_results import make_results
from rind.common.files import sha256
from rind.common.results import public_paths
from rind.pipelines.backup import Backup, restore, staged, write_archive
from rind.pipelines.params import load
from rind.pipelines.places import places_of
from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox
from rind.serving.feedback.acts import Entry
from rind.serving.feedback.file import Feedback
from rind.serving.settings import Settings
from rind.serving.store.folder import FolderStore

PATHS = (
    "/", "/watermelons", "/books", "/numbers", "/forecast", "/board", "/effects", "/advocates", "/voice", "/personas",
    "/true-north", "/health-score", "/model", "/risk-list.csv", "/risk-list.xlsx", "/v1/risk-list",
    "/v1/watermelons", "/v1/true-north", "/v1/health-score",
)  # fmt: skip
WEEK = date(2026, 6, 29)
BROWSER = {"accept": "text/html", "accept-language": "en"}


def make_state(out: Path) -> None:
    """Users, feedback and deliveries beside the results."""
    with closing(Access(out / "access.sqlite")) as access:
        access.users.add("ana", "correct horse battery", "admin", "")
    account = str(pd.read_parquet(out / "risk_list.parquet")["account_id"].iloc[0])
    with closing(Feedback(out / "feedback.sqlite")) as feedback:
        feedback.add(Entry("ana", account, WEEK, "note", note="called"))
    with closing(Outbox(out / "deliveries", "Somebody")) as outbox:
        outbox.put(Item(WEEK, "mail", "leadership", "cco@example.com", b"the list", "Somebody"))


def answers(out: Path, accounts: int = 5) -> dict[str, bytes]:
    """Path -> what a reader gets: every page, every list, the pages of some accounts."""
    with closing(FolderStore(out, 0)) as store, closing(Access(out / "access.sqlite")) as access:
        app = create_app(store, access, Settings(demo=True))
        ids = [str(id_) for id_ in store.current().risk_list["account_id"].head(accounts)]
        paths = (*PATHS, *(f"{kind}/{id_}" for id_ in ids for kind in ("/accounts", "/v1/accounts")))
        got = asyncio.run(_ask(app, paths))
        app.state.serving.feedback.close()
        app.state.serving.pictures.close()
    return got


async def _ask(app: FastAPI, paths: tuple[str, ...]) -> dict[str, bytes]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=BROWSER) as client:
        return {path: _content((await client.get(path)).raise_for_status()) for path in paths}


def _content(answer: httpx.Response) -> bytes:
    """The body; of a workbook its parts but the time at which it was written."""
    if "spreadsheet" not in answer.headers["content-type"]:
        return answer.content
    with ZipFile(BytesIO(answer.content)) as book:
        return b"".join(book.read(name) for name in book.namelist() if name != "docProps/core.xml")


def files(out: Path) -> dict[str, str]:
    """Path -> hash of every file of the results."""
    places = [out / name for name in public_paths()]
    every = [file for place in places for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file()]
    return {str(file.relative_to(out)): sha256(file) for file in every}


def rows(out: Path) -> dict[str, list[str]]:
    """File -> every row of users, feedback and deliveries.

    Not the audit log, as a backup writes its own line there; nor sessions, which a restore ends.
    """
    passed_over, held = ('INSERT INTO "audit"', 'INSERT INTO "sessions"', 'INSERT INTO "company_sessions"'), {}
    for name in ("access.sqlite", "feedback.sqlite", "deliveries/deliveries.sqlite"):
        with closing(sqlite3.connect(out / name)) as file:
            every = [line for line in file.iterdump() if not line.startswith(passed_over)]
        held[name] = every
    return held


def champion(out: Path) -> pd.Series | None:
    """What the champion says of the accounts of the scoring date; None without an MLflow store."""
    from rind.pipelines import tracking
    from rind.pipelines.data import read, read_json
    from rind.pipelines.workspace import Workspace

    space = Workspace(out, places_of(out, load()).tracking)
    if not space.tracking.is_dir():
        return None
    with tracking.store(space, load().tracking) as mlflow:
        best = tracking.champion(mlflow, read_json(space.run)["scored_by"]["name"])
    features = read(space.features)
    now = features[features["as_of"] == features["as_of"].max()]
    return None if best is None else best.predict(now)["churn_probability"]


def _all_of(out: Path) -> tuple[Mapping[str, object], ...]:
    return answers(out), files(out), rows(out)


def drill(out: Path, archive: Path, elsewhere: Path) -> tuple[Backup, list[str], dict[str, float]]:
    """Back up, destroy, restore elsewhere; the archive, what differs, and seconds a step."""
    before, model = _all_of(out), champion(out)
    start = time.perf_counter()
    with staged(places_of(out, load())) as folder:
        written = write_archive(folder, archive, str(WEEK))
    backed_up = time.perf_counter()
    shutil.rmtree(out)
    gone = time.perf_counter()
    restore(archive, elsewhere, lambda: places_of(elsewhere, load()))
    seconds = {"backup": backed_up - start, "restore": time.perf_counter() - gone}
    after = _all_of(elsewhere)
    differ = [
        name
        for one, other in zip(before, after, strict=True)
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]
    now = champion(elsewhere)
    same = model is now if model is None or now is None else model.equals(now)
    if not same:
        differ.append("the champion")
    return written, differ, seconds


def main() -> None:
    """Print the figures of one drill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--dir", type=Path, help="a finished folder; it is copied")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rind-restore-") as made:
        out, archive, elsewhere = (Path(made) / name for name in ("results", "backup.tar.zst", "elsewhere/results"))
        if given.dir:
            shutil.copytree(given.dir, out, symlinks=True)
        else:
            make_results(out, accounts=given.accounts, weeks=104)
        make_state(out)
        written, differ, seconds = drill(out, archive, elsewhere)
        size = archive.stat().st_size / 2**20
    print(f"{len(written.files)} files, {written.bytes / 2**20:.1f} MB, {size:.1f} MB in the archive")
    print(f"backup {seconds['backup']:.1f} s, restore {seconds['restore']:.1f} s")
    print(f"differ after the restore: {', '.join(differ) or 'nothing'}")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
