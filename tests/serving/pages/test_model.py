"""The page of the model."""

from __future__ import annotations

from pathlib import Path

from served import Site, read, site


def test_the_curves_are_drawn_where_the_run_has_them(here: Site) -> None:
    page = read(here, "/model")
    for title in ("Can the probabilities be trusted?", "Lift: how much of the churn", "Ranking through time"):
        assert f"<figcaption>{title}" in page
    assert page.count("<svg role") >= 3


def test_the_orders_of_the_list_stand_side_by_side_with_intervals_and_what_is_supposed(here: Site) -> None:
    page = read(here, "/model").replace("\u00a0", " ")
    table = page[page.index('id="orders"') :].split("</section>")[0]
    assert table.count('<td class="n">5,200</td><td class="n">4,000 to 6,600</td>') == 3
    assert 'The most likely to leave first <span class="mark">this list</span>' in table
    assert "sorted by what acting keeps instead of by risk it was 80 more a week" in table
    assert "20 % of those that left would then have stayed for 12 months" in table


def test_versions_link_to_mlflow_where_its_address_is_set(results: Path, tmp_path: Path) -> None:
    for url, linked in (("", False), ("https://mlflow.example.com/", True)):
        with site(results, tmp_path / "access.sqlite", demo=True, mlflow_url=url) as here:
            assert ("https://mlflow.example.com/#/models/" in read(here, "/model")) == linked


def test_departures_stand_beside_those_expected_and_a_segment_that_is_off_says_so(here: Site) -> None:
    page = read(here, "/model").replace("\u00a0", " ")
    table = page[page.index('id="calibration"') :].split("</section>")[0]
    assert '<td class="n">41</td><td class="n">38</td><td class="n">30 to 52</td>' in table
    assert "Mid market: more accounts left than the probabilities say, beyond chance (expected 41, left 60" in table


def test_the_page_says_of_how_many_rows_the_model_saw_a_sample(here: Site) -> None:
    assert "The model learned from 300,000 of 1,250,000 rows" in read(here, "/model").replace("\u00a0", " ")
