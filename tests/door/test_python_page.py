"""docs/python.md, word by word: its Python is executed, its family is checked and takes part."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import SMALL_RUN
from typer.testing import CliRunner

from rind.pipelines.cli.app import app

PAGE = (Path(__file__).parents[2] / "docs/python.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
FAMILY = next(block for block in PYTHON if block.startswith("# billing.py"))

LEAKY = """
from ibis import _
from rind.features.catalogue import Feature
NEEDS, USES = ("tickets",), ()
FEATURES = (Feature("leaky__tickets__ever", "Tickets, those to come too", "count"),)
def build(snapshots, tables, settings):
    counts = tables["tickets"].group_by("account_id").agg(leaky__tickets__ever=_.count())
    joined = snapshots.left_join(counts, "account_id")
    return joined.select("account_id", "as_of", leaky__tickets__ever=joined.leaky__tickets__ever.fill_null(0))
"""


@pytest.fixture
def desk(tmp_path: Path, small_run: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with what the page speaks of."""
    (tmp_path / "company").symlink_to(small_run)
    (tmp_path / "results").symlink_to(small_run / "results")
    (tmp_path / "quick.yaml").write_text(yaml.safe_dump(quick()))
    (tmp_path / "billing.py").write_text(FAMILY)
    (tmp_path / "leaky.py").write_text(LEAKY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name in ("billing", "leaky"):
            del sys.modules[name]


def quick() -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for setting in SMALL_RUN:
        key, _, value = setting.partition("=")
        *sections, last = key.split(".")
        place = nested
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = yaml.safe_load(value)
    return nested


@pytest.mark.slow
def test_the_examples_of_the_page_do_what_it_says(desk: Path) -> None:
    del desk
    there: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        for block in PYTHON:
            if block is not FAMILY:
                exec(compile(block, "docs/python.md", "exec"), there)
    frame, tested, today = there["frame"], there["tested"], there["today"]
    assert {"churned", "usage__events__28d"} <= set(frame.columns)
    assert not frame.duplicated(["account_id", "as_of"]).any()
    assert (tested.predictions["trained_as_of"] <= tested.predictions["as_of"]).all()
    assert 0 <= tested.metrics["model"]["auc"]["value"] <= 1
    assert tested.score(today)["churn_probability"].between(0, 1).all()
    explained = there["explained"]
    margins = np.sort(tested.score(today.head(20))["margin"])[::-1]
    np.testing.assert_allclose(explained.values.sum(axis=1) + explained.base_values, margins, atol=1e-6)
    assert len(there["results"].risk_list) == len(today)


def test_the_family_of_the_page_keeps_the_law_and_a_leaking_one_ends_with_exit_code_6(desk: Path) -> None:
    del desk
    kept = CliRunner().invoke(app, ["check-family", "billing", "--companies", "6"])
    assert kept.exit_code == 0, kept.output
    assert "billing: 1 features, 6 random companies" in kept.stdout
    leaking = CliRunner().invoke(app, ["check-family", "leaky", "--companies", "3"])
    assert leaking.exit_code == 6
    assert "leaky__tickets__ever of" in leaking.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere.at_all", "cannot load"), ("json", "no feature family"), ("rind.features.families.usage", "already a")],
)
def test_what_is_no_family_is_refused_with_a_way_out(name: str, words: str) -> None:
    done = CliRunner().invoke(app, ["check-family", name])
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_a_family_of_ones_own_takes_part_in_the_matrix_of_chosen_dates(desk: Path) -> None:
    import rind

    settings = {"plugins.families": ["billing"]}
    with rind.open_source(desk / "company/source", params=desk / "quick.yaml", settings=settings) as source:
        matrix = source.features(["2026-03-02"], families=["billing", "tickets"]).to_pandas()
        alone = source.features(["2026-03-02"], families=["billing"])
        assert alone.columns == ("account_id", "as_of", "billing__issued__91d")
    assert matrix["billing__issued__91d"].max() > 0
    assert isinstance(matrix, pd.DataFrame)
