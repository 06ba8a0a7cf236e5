"""The page of the model."""

from __future__ import annotations

from pathlib import Path

from served import Site, read, site


def test_the_curves_are_drawn_where_the_run_has_them(here: Site) -> None:
    page = read(here, "/model")
    for title in ("Can the probabilities be trusted?", "Lift: how much of the churn", "Ranking through time"):
        assert f"<figcaption>{title}" in page
    assert page.count("<svg role") >= 3


def test_versions_link_to_mlflow_where_its_address_is_set(results: Path, tmp_path: Path) -> None:
    for url, linked in (("", False), ("https://mlflow.example.com/", True)):
        with site(results, tmp_path / "access.sqlite", demo=True, mlflow_url=url) as here:
            assert ("https://mlflow.example.com/#/models/" in read(here, "/model")) == linked
