"""The same week from a folder and from PostgreSQL: the same data, the same pages, the same API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from report_examples import AS_OF
from result_folders import write_results

from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.settings import Settings
from rind.serving.store.places import open_store
from rind.serving.store.protocols import DOCUMENTS, EXPLANATION, HISTORY, TABLES, Store, Week
from rind.serving.store.publish import publish

FEATURES = ("usage__active_users__28d", "surveys__nps_mean__364d", "absent__feature__now")
PAGES = ("/", "/?band=red&sort=mrr", "/?watermelons=true", "/?q=media", "/accounts/A0004", "/accounts/nobody",
         "/accounts/%00", "/v1/accounts/%00",
         "/watermelons", "/true-north", "/health-score", "/model", "/risk-list.csv", "/v1/risk-list?page=2",
         "/v1/accounts/A0004", "/v1/watermelons", "/v1/true-north", "/v1/health-score")  # fmt: skip
STORES = ("folder", "postgres")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_results(tmp_path / "week", accounts=60, watermelon=True, nickname="Bob", csm=None, term_ends_on=None)


@pytest.fixture
def stores(folder: Path, results_url: str) -> Iterator[dict[str, Store]]:
    publish(folder, results_url)
    with closing(open_store(str(folder), 0)) as files, closing(open_store(results_url, 0)) as server:
        yield dict(zip(STORES, (files, server), strict=True))


@pytest.fixture
def weeks(stores: dict[str, Store]) -> tuple[Week, Week]:
    files, server = (stores[name].current() for name in STORES)
    return files, server


def same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Equal values in the columns that the folder has, whatever the types that carry them."""
    assert set(ours.columns) <= set(theirs.columns)
    theirs = theirs[list(ours.columns)]
    for name in ours:
        left, right = (frame[name].reset_index(drop=True) for frame in (ours, theirs))
        if not pd.api.types.is_numeric_dtype(left):  # what is empty is None here and NaN there
            left, right = (side.astype("object").where(side.notna(), None) for side in (left, right))
        pd.testing.assert_series_equal(left, right, check_dtype=False, check_index_type=False, rtol=1e-12)


def test_the_lists_and_small_tables_are_the_same(weeks: tuple[Week, Week]) -> None:
    files, server = weeks
    assert files.as_of == server.as_of == AS_OF
    same(files.risk_list, server.risk_list)
    assert list(files.risk_list.columns) == list(server.risk_list.columns)
    for name in TABLES:
        ours, theirs = files.table(name), server.table(name)
        assert (ours is None) == (theirs is None), name
        if ours is not None and theirs is not None:
            same(ours, theirs)
    for name in DOCUMENTS:
        assert files.document(name) == server.document(name), name
    assert server.document("absent") is None
    same(files.drift(), server.drift())


@pytest.mark.parametrize("account", ["A0004", "A0059", "nobody"])
def test_what_is_known_of_an_account_is_the_same(weeks: tuple[Week, Week], account: str) -> None:
    files, server = weeks
    same(files.history(account)[list(HISTORY)], server.history(account))
    ours, theirs = (w.explanation(account)[list(EXPLANATION)].sort_values("feature") for w in weeks)
    same(ours, theirs)
    drawn = files.series(account, FEATURES), server.series(account, FEATURES)
    same(*drawn) if len(drawn[0]) else same(*(frame[["as_of"]] for frame in drawn))
    assert len(theirs) == (0 if account == "nobody" else 3)


def test_the_whole_backtest_is_the_same(weeks: tuple[Week, Week]) -> None:
    columns = ("account_id", "as_of", "churn_probability", "churned", "absent")
    ours, theirs = (week.backtest(columns).sort_values(["account_id", "as_of"]) for week in weeks)
    same(ours, theirs)
    assert len(theirs) == 300


def ask(app: Any, paths: tuple[str, ...]) -> list[httpx.Response]:
    """What an application answers, without a network between."""

    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(all_of_them())


def test_every_page_and_answer_is_the_same(stores: dict[str, Store], tmp_path: Path) -> None:
    answers = []
    for name in STORES:
        with closing(Access(tmp_path / f"{name}.sqlite")) as access:
            answers.append(ask(create_app(stores[name], access, Settings(demo=True)), PAGES))
    versions = [stores[name].current().version for name in STORES]
    for path, ours, theirs in zip(PAGES, *answers, strict=True):
        assert ours.status_code == theirs.status_code, path
        assert ours.status_code == (404 if path.endswith(("nobody", "%00")) else 200), path
        text = theirs.text.replace(versions[1], versions[0])
        if "json" in ours.headers["content-type"]:  # the order of names in an object says nothing
            assert json.loads(text) == ours.json(), path
        else:
            assert text == ours.text, path
