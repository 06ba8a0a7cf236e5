"""Guards in the weekly job: silent on a sound company, and what each answer does to the list."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from rind.common.errors import GuardError
from rind.features.guards.settings import SourceGuards
from rind.models.guards.settings import ModelGuards
from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.pipelines.stages import validate
from rind.pipelines.summary import show
from rind.pipelines.workspace import Workspace
from tests.conftest import QUICK_RUN, run_quietly

DEAD_DAYS = 35


def copied(source: Path, folder: Path, **changed: pd.DataFrame) -> Path:
    """The source with some tables replaced; the others are linked."""
    folder.mkdir()
    for file in source.glob("*.parquet"):
        if file.stem in changed:
            changed[file.stem].to_parquet(folder / file.name)
        else:
            (folder / file.name).symlink_to(file)
    return folder


def leaked(source: Path) -> pd.DataFrame:
    """Stripe's current_period_end, as it is today, written on all earlier terms."""
    terms = pd.read_parquet(source / "subscriptions.parquet").sort_values("starts_on")
    return terms.assign(term_ends_on=terms.groupby("account_id")["term_ends_on"].transform("last"))


def dead(source: Path) -> tuple[pd.DataFrame, date]:
    """Usage that stopped five weeks before the data end."""
    use = pd.read_parquet(source / "usage.parquet")
    end = use["occurred_at"].max()
    return use[use["occurred_at"] < end - pd.Timedelta(days=DEAD_DAYS)], end.date()


def test_no_guard_fires_on_a_sound_company_and_all_say_what_they_measured(small_run: Path) -> None:
    record = json.loads((small_run / "results/guards.json").read_text())
    assert (record["answer"], record["fired"]) == (None, [])
    assert set(record["measured"]) == {*SourceGuards.model_fields, *ModelGuards.model_fields}


def test_a_leaked_term_end_refuses_the_run_before_any_model_is_trained(small_run: Path, tmp_path: Path) -> None:
    source = copied(small_run / "source", tmp_path / "source", subscriptions=leaked(small_run / "source"))
    params = load(None, [*QUICK_RUN, f"source.url={source}"])
    with pytest.raises(GuardError, match=r"term_leak \(too good\)(.|\n)*current_period_end"):
        validate.run(Workspace(tmp_path / "work", tmp_path), params, lambda _: None)


def test_rind_validate_profiles_first_and_ends_with_4_where_a_guard_refuses(small_run: Path, tmp_path: Path) -> None:
    source = copied(small_run / "source", tmp_path / "source", subscriptions=leaked(small_run / "source"))
    printed = CliRunner().invoke(app, ["validate", "--source", str(source)])
    assert printed.exit_code == 4
    assert printed.output.index("first and last day") < printed.output.index("GuardError")
    assert f"Next: rind validate --source {source}" in printed.output.replace("\n", " ").replace("  ", " ")


def test_rind_profile_writes_a_page_and_ends_with_the_command_to_run_next(small_run: Path, tmp_path: Path) -> None:
    page = tmp_path / "profile.html"
    printed = CliRunner().invoke(app, ["profile", "--source", str(small_run / "source"), "--out", str(page)])
    assert printed.exit_code == 0, printed.output
    assert "Nothing looks wrong." in printed.output
    assert "Next: rind run --source" in printed.output
    assert "What this source is" in page.read_text()


@pytest.mark.slow
def test_a_dead_feed_withholds_the_list_and_every_reader_is_told_why(small_run: Path, tmp_path: Path) -> None:
    use, end = dead(small_run / "source")
    source, out = copied(small_run / "source", tmp_path / "source", usage=use), tmp_path / "out"
    run_quietly(source, out, [*QUICK_RUN, f"source.data_end={end}"])
    assert len(pd.read_parquet(out / "risk_list.parquet")) == 0
    assert json.loads((out / "guards.json").read_text())["answer"] == "withhold"
    page = re.sub(r"\s+", " ", (out / "risk_list.html").read_text())
    last = end - timedelta(days=DEAD_DAYS + 1)
    assert "This list is withheld. usage fell to 0 %" in page
    assert "Has the feed died?" in page
    assert f"{last:%b %Y}" in page
    assert "carries" not in page.split("<main>")[0]
    text = StringIO()
    show(out, Console(file=text, width=300, force_terminal=True, color_system=None))
    assert "This list is withheld." in text.getvalue()
