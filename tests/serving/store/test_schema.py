"""The schema of the results store, its migrations and its documentation."""

from __future__ import annotations

import json
import uuid
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


EFFECTS = {
    "effects": [
        {"playbook": "discount", "verdict": "harms", "accounts": 418, "effect": 0.09, "mrr_saved": -36.5},
        {"playbook": "training", "verdict": "cannot_tell", "accounts": 3.0, "effect": None},
        "no object",
    ]
}  # fmt: skip
ADVOCATES = {"accounts": [{"account_id": "A0001", "kind": "advocate", "score": 0.9, "reason": "NPS 10", "mrr": 7}]}
VOICE = {
    "topics": [{"topic": "T1", "source": "survey", "texts": 5, "beyond_chance": True, "movement": ""}],
    "sentences": [{"account_id": "A0001", "text": "My boss hates it"}],
}


def test_effects_advocates_and_topics_are_rows_and_the_texts_of_customers_are_in_no_view(
    folder: Path, results_url: str
) -> None:
    for name, document in (("effects", EFFECTS), ("advocates", ADVOCATES), ("voice_texts", VOICE)):
        (folder / f"{name}.json").write_text(json.dumps(document))
    publish(folder, results_url)
    with psycopg.connect(results_url, autocommit=True) as connection:
        role = f"reader_{uuid.uuid4().hex}"
        connection.execute(f"create role {role}".encode())
        connection.execute(f"grant usage on schema rind to {role}".encode())
        connection.execute(f"grant select on all tables in schema rind to {role}".encode())
        connection.execute(f"set role {role}".encode())
        for query, rows in (
            ("select playbook, verdict, accounts, effect, mrr_saved from rind.effects order by 1",
             [("discount", "harms", 418, 0.09, -36.5), ("training", "cannot_tell", 3, None, None)]),
            ("select as_of, account_id, kind, score, mrr from rind.advocates",
             [(AS_OF, "A0001", "advocate", 0.9, 7)]),
            ("select topic, source, texts, beyond_chance, movement, risk from rind.voice",
             [("T1", "survey", 5, True, "", None)]),
        ):  # fmt: skip
            assert connection.execute(query.encode()).fetchall() == rows
        views = connection.execute("select viewname from pg_views where schemaname = 'rind'").fetchall()
        for (view,) in views:
            assert "boss" not in str(connection.execute(f"select * from rind.{view}".encode()).fetchall()), view
        connection.execute("reset role")
        connection.execute(f"drop owned by {role}".encode())
        connection.execute(f"drop role {role}".encode())


@pytest.mark.parametrize("document", [{}, {"effects": None}, {"effects": {}}, []])
def test_a_document_without_its_list_leaves_the_view_without_rows(
    folder: Path, results_url: str, document: object
) -> None:
    (folder / "effects.json").write_text(json.dumps(document))
    publish(folder, results_url)
    assert ask(results_url, "select count(*) from rind.effects") == [(0,)]
