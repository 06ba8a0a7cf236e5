"""From a location to its store."""

from __future__ import annotations

from typer.testing import CliRunner

from rind.pipelines.cli.app import app


def test_serving_a_store_wants_a_place_for_users(results_url: str) -> None:
    done = CliRunner().invoke(app, ["serve", "--dir", results_url])
    assert done.exit_code == 2
    assert "serving.access" in done.output
