"""Rows of the results store that no result holds as they are."""

from __future__ import annotations

from pathlib import Path

from result_folders import write_results
from store_rows import ask

from rind.serving.store.publish import publish


def test_columns_that_the_store_does_not_know_are_kept_by_name(tmp_path: Path, results_url: str) -> None:
    publish(write_results(tmp_path / "week", nickname="Bob", seats=7), results_url)
    assert ask(results_url, "select more->>'nickname', more->>'seats' from rind.risk_list where rank = 1") == [
        ("Bob", "7.0")
    ]
