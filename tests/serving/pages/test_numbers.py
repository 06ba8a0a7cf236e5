"""The page of the numbers, for each role."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from served import OTHER, OWN, Site, read, site

from rind.reports.book_charts import churn_funnel
from rind.reports.formats import HOUSE, NOTHING
from rind.reports.kpi_text import METRICS
from rind.serving.pages.numbers import chosen, written


def test_every_number_stands_beside_its_definition(here: Site) -> None:
    page = read(here, "/numbers")
    for metric in METRICS.values():
        assert metric.definition in page.replace("&#39;", "'")
    assert page.count('class="trend"') == len(METRICS)


def test_the_numbers_are_those_of_the_file(here: Site, results: Path) -> None:
    frame = pd.read_parquet(results / "kpis.parquet")
    keys = {
        "": ("all", "all", "all"), "?segment=enterprise": ("enterprise", "all", "all"),
        f"?csm={quote(OTHER)}": ("all", OTHER, "all"), "?plan=gold": ("all", "all", "gold"),
    }  # fmt: skip
    for query, key in keys.items():
        own = frame[(frame["segment"] == key[0]) & (frame["csm"] == key[1]) & (frame["plan"] == key[2])]
        last = own[own["month"] == own["month"].max()].set_index("metric")["value"]
        figures = re.findall(r'class="figure"><b>([^<]*)</b>', read(here, f"/numbers{query}"))
        assert figures == [written(last[name], metric.kind, HOUSE) for name, metric in METRICS.items()]


def test_a_book_beyond_chance_is_marked_and_the_others_are_not_ranked(here: Site) -> None:
    page = read(here, "/numbers")
    books = page[page.index('id="books"') :]
    assert books.count("beyond chance</span>") == 1
    names = re.findall(r'<th scope="row">([^<]+)', books)
    assert [name.strip() for name in names] == sorted(name.strip() for name in names)


def test_who_sees_the_own_accounts_only_sees_the_own_numbers_only(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", csm_sees="own_only") as strict:
        browser = strict.logged_in("csm", OWN)
        page = browser.get(f"/numbers?csm={quote(OTHER)}&plan=gold").text
        assert OTHER not in page
        assert OWN in page
        frame = pd.read_parquet(results / "kpis.parquet")
        own = frame[(frame["segment"] == "all") & (frame["csm"] == OWN) & (frame["metric"] == "accounts")]
        assert HOUSE.number(own["value"].iloc[-1]) in re.findall(r'class="figure"><b>([^<]*)</b>', page)


@pytest.mark.parametrize(
    ("only", "segment", "csm", "plan", "key"),
    [
        ("", None, None, None, ("all", "all", "all")),
        ("", "big", None, "gold", ("big", "all", "gold")),
        ("", "big", "Ann", "gold", ("big", "Ann", "all")),
        ("Bo", None, "Ann", "gold", ("all", "Bo", "all")),
    ],
)
def test_the_csm_wins_over_the_plan_and_the_own_name_over_all(
    only: str, segment: str | None, csm: str | None, plan: str | None, key: tuple[str, str, str]
) -> None:
    assert chosen(only, segment, csm, plan) == key


def test_that_a_plan_was_left_out_is_said_to_who_chose_one_and_to_nobody_else(here: Site) -> None:
    book, words = f"/numbers?csm={quote(OTHER)}", "the CSM's whole book"
    pages = [read(here, path) for path in (book, f"{book}&plan=gold", book)]
    assert [words in page.replace("&#39;", "'") for page in pages] == [False, True, False]


def test_an_unknown_name_has_no_numbers_and_says_so(here: Site) -> None:
    assert "There are no numbers for these accounts yet" in read(here, "/numbers?segment=nobody")


def test_a_week_without_the_part_says_so(results: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "results"
    shutil.copytree(results, folder)
    for name in ("kpis.parquet", "kpi_notes.json"):
        (folder / name).unlink()
    run = json.loads((folder / "run.json").read_text())
    for name in ("kpis.parquet", "kpi_notes.json"):
        run["manifest"].pop(name, None)
    (folder / "run.json").write_text(json.dumps(run))
    with site(folder, tmp_path / "access.sqlite", demo=True) as made:
        assert "There are no numbers for these accounts yet" in read(made, "/numbers")


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [(None, "money", NOTHING), (float("nan"), "percent", NOTHING), (0.01849, "percent", "1.8\xa0%"),
     (100.0, "arr", "1,200"), (12.34, "score", "12.3"), (2.0, "times", "2.0 times"), (1234.4, "number", "1,234")],
)  # fmt: skip
def test_a_number_is_written_by_its_kind(value: float | None, kind: str, text: str) -> None:
    assert written(value, kind, HOUSE) == text  # type: ignore[arg-type]


def test_the_funnel_draws_a_point_a_book() -> None:
    book = {"accounts": 100, "rate": 0.09, "expected": 0.05, "low": 0.01, "high": 0.1}
    compared = pd.DataFrame(
        [{"csm": "Ann", **book, "beyond_chance": True}, {"csm": "Bo", **book, "beyond_chance": False}]
    )
    points = churn_funnel(compared).to_dict()["layer"][2]
    assert points["mark"]["type"] == "point"
