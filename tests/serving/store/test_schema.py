"""The schema of the results store, its migrations and its documentation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from report_examples import AS_OF
from result_folders import write_results
from store_rows import ask
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.serving.store.publish import publish
from rind.serving.store.schema import ResultsStoreError, migrations

NEXT = AS_OF + timedelta(days=7)


def test_the_schema_moves_on_once_and_rows_stay(
    folder: Path, results_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    publish(folder, results_url)
    later = [*migrations(), (99, "alter table rind_store.risk_list add column nickname text")]
    monkeypatch.setattr("rind.serving.store.schema.migrations", lambda: later)
    publish(write_results(tmp_path / "next", NEXT, 14, nickname="Bob"), results_url)
    assert publish(folder, results_url).unchanged
    assert ask(results_url, "select nickname, count(*) over () from rind_store.risk_list order by 1 limit 1") == [
        ("Bob", 26)
    ]


def test_a_store_of_a_later_version_is_left_alone(folder: Path, results_url: str) -> None:
    publish(folder, results_url)
    with psycopg.connect(results_url) as connection:
        connection.execute("insert into rind_store.schema_version (version) values (1000)")
    with pytest.raises(ResultsStoreError, match="schema version 1000"):
        publish(folder, results_url)


@pytest.mark.parametrize("url", ["postgres://me:s3cret@127.0.0.1:1/x", "postgres://me@127.0.0.1:1/x?password=s3cret"])
def test_the_password_is_never_printed(folder: Path, url: str) -> None:
    for arguments in (["--to", url], ["--to", url, "--verbose"], ["--set", f"results_store.url={url}"]):
        done = CliRunner().invoke(app, ["publish", "--dir", str(folder), *arguments])
        assert done.exit_code == 1
        assert "s3cret" not in done.output
        assert "***" in done.output


def test_the_documentation_names_every_view_and_column(folder: Path, results_url: str) -> None:
    publish(folder, results_url)
    text = (Path(__file__).parents[3] / "docs/results_store.md").read_text()
    rows = ask(
        results_url,
        "select c.relname, a.attname, obj_description(c.oid), col_description(c.oid, a.attnum) from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'rind' and c.relkind = 'v'",
    )
    assert {view for view, *_ in rows} >= {"weeks", "risk_list", "explanations", "history", "metrics", "documents"}
    for view, column, of_view, of_column in rows:
        assert f"`{view}`" in text
        assert of_view, view
        assert of_view.split(";")[0] in text, view
        if of_column:
            assert f"| `{column}` | {of_column} |" in text, (view, column)
