"""`rind feedback export`, and the feedback that a run takes into account."""

from __future__ import annotations

import io
from contextlib import closing
from datetime import date
from pathlib import Path

import ibis
import pandas as pd
from rich.console import Console
from typer.testing import CliRunner

from rind.features.commitments import commitments_beside
from rind.pipelines.cli.app import app
from rind.pipelines.cli.feedback import with_feedback_of
from rind.pipelines.params import load
from rind.serving.feedback.acts import Entry
from rind.serving.feedback.file import NAME, Feedback

WEEK, START = date(2026, 6, 29), date(2026, 6, 15)


def give(path: Path, playbook: str = "Success plan") -> None:
    with closing(Feedback(path)) as feedback:
        feedback.add(Entry("ana", "A1", WEEK, "intervention", playbook=playbook, started_on=START))


def test_the_export_is_the_table_of_the_contract_and_every_act(tmp_path: Path) -> None:
    give(tmp_path / NAME)
    out = tmp_path / "tables"
    done = CliRunner().invoke(app, ["feedback", "export", "--dir", str(tmp_path), "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    files = ("interventions.csv: 1", "commitments.csv: 0", "acts.csv: 1")
    assert done.stdout.splitlines() == [f"{out}/{file} rows" for file in files]
    assert pd.read_csv(out / "interventions.csv")["playbook"].tolist() == ["Success plan"]


def test_without_feedback_there_is_nothing_to_export(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["feedback", "export", "--dir", str(tmp_path), "--out", str(tmp_path / "x")])
    assert done.exit_code == 2
    assert "there is no feedback" in done.stderr
    assert not (tmp_path / NAME).exists()


def test_a_run_takes_the_feedback_on_its_folder_or_beside_the_named_file_of_users(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    home = tmp_path / "home"
    home.mkdir()
    give(tmp_path / NAME, "of the folder")
    give(home / NAME, "of the file of users")
    for given, playbook in (
        (load(), "of the folder"),
        (load(None, [f"serving.access={home}/access.sqlite"]), "of the file of users"),
    ):
        path = with_feedback_of(tmp_path, given, console).source.feedback
        assert path == str(tmp_path / "feedback/interventions.csv")
        assert pd.read_csv(path)["playbook"].tolist() == [playbook]


def test_a_run_takes_commitments_where_no_intervention_was_started(tmp_path: Path) -> None:
    with closing(Feedback(tmp_path / NAME)) as feedback:
        feedback.add(Entry("ana", "A1", WEEK, "commitment", quarter=date(2100, 1, 1), category="commit"))
    path = with_feedback_of(tmp_path, load(), Console(file=io.StringIO())).source.feedback
    assert path == str(tmp_path / "feedback/interventions.csv")
    connection = ibis.duckdb.connect()
    accounts = connection.create_table("accounts", schema={"account_id": "string"})
    connection.raw_sql("insert into accounts values ('A1')")
    assert commitments_beside(accounts, path).table.to_pandas()["category"].tolist() == ["commit"]


def test_a_run_without_feedback_or_told_to_take_none_takes_none(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    assert with_feedback_of(tmp_path, load(), console).source.feedback == ""
    give(tmp_path / NAME)
    assert with_feedback_of(tmp_path, load(None, ["source.feedback=none"]), console).source.feedback == "none"
    assert not (tmp_path / "feedback").exists()


def test_a_feedback_file_that_cannot_be_read_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database at all, by no means" * 100)
    words = io.StringIO()
    assert with_feedback_of(tmp_path, load(), Console(file=words)).source.feedback == ""
    assert "the run goes on without the feedback" in words.getvalue()
