"""The search finds a term in every kind of file that Rind writes."""

from __future__ import annotations

import gzip
from pathlib import Path
from zipfile import ZipFile

import pandas as pd

from rind.pipelines.personal.search import traces


def test_a_term_is_found_in_every_kind_of_file_and_only_as_a_word(tmp_path: Path) -> None:
    pd.DataFrame({"x": ["A1"] * 3}).astype("category").to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"x,A1"))
    with ZipFile(tmp_path / "c.xlsx", "w") as made:
        made.writestr("s.xml", "<t>Größe &amp; Co</t>", 8)
    (tmp_path / "d.html").write_text("<b>Größe &amp; Co</b>")
    (tmp_path / "e.json").write_text('"Gr\\u00f6\\u00dfe & Co"')
    (tmp_path / "f.txt").write_text("A11 xA1")
    (tmp_path / "empty").touch()
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/g.txt").write_text("A1")
    assert traces(tmp_path, {"A1"}) == ["a.parquet", "b.csv.gz", "demo/g.txt"]
    assert traces(tmp_path, {"A1"}, leave_out=("demo",)) == ["a.parquet", "b.csv.gz"]
    assert traces(tmp_path, {"Größe & Co"}) == ["c.xlsx", "d.html", "e.json"]
    assert traces(tmp_path, set()) == []
