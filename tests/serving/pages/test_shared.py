"""What all pages share: one week, one locale."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from served import Site, read, site

from benchmarks.made_results import make_results
from rind.pipelines.data import write


def test_a_page_of_another_week_is_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    make_results(folder, accounts=20, weeks=20, mark=" (first)")
    with site(folder, tmp_path / "access.sqlite", demo=True) as made:
        assert "(first)" in read(made, "/")
        make_results(folder, accounts=20, weeks=20, seed=8, mark=" (second)")
        assert made.store.refresh()
        page = read(made, "/")
    assert "(second)" in page
    assert "(first)" not in page


def test_numbers_and_dates_are_written_as_the_reader_writes_them(here: Site, listing: pd.DataFrame) -> None:
    total = f"{12 * listing['mrr_at_risk'].sum():,.0f}"
    german = read(here, "/", **{"accept-language": "de-DE,de;q=0.9,en;q=0.5"})
    assert total.replace(",", ".") in german
    assert "29.06.2026" in german
    assert "29 Jun 2026" in read(here, "/")


def test_intervals_and_dates_in_sentences_are_the_readers_too(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    young = pd.read_parquet(tmp_path / "adoption.parquet")
    write(young.assign(next_step="1 more user before 2026-08-31, not 2026-02-31"), tmp_path / "adoption.parquet")
    run = json.loads((tmp_path / "run.json").read_text())
    del run["manifest"]
    (tmp_path / "run.json").write_text(json.dumps(run))
    with site(tmp_path, tmp_path / "access.sqlite", demo=True) as here:
        german = {"accept-language": "de-DE"}
        assert "0,81 (0,78 to 0,84)" in read(here, "/model", **german)
        assert "0.81 (0.78 to 0.84)" in read(here, "/model")
        for path in ("/true-north", f"/accounts/{young['account_id'].iloc[0]}"):
            assert "1 more user before 31.08.2026, not 2026-02-31" in read(here, path, **german)
