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


def test_a_few_letters_in_compressed_bytes_stand_there_by_chance_and_a_name_does_not(tmp_path: Path) -> None:
    (tmp_path / "plot.png").write_bytes(b"\x89PNG \x00C7\x00Northwind\x00")
    assert traces(tmp_path, {"C7"}) == []
    assert traces(tmp_path, {"Northwind"}) == ["plot.png"]


def test_the_places_of_cells_are_no_ids_and_their_values_are(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.xlsx", "w") as made:
        made.writestr("xl/worksheets/sheet1.xml", '<dimension ref="A1:C7"/><c r="C7"><f>SUM(C7:C8)</f><v>C9</v></c>', 8)
    assert traces(tmp_path, {"C7"}) == []
    assert traces(tmp_path, {"C9"}) == ["a.xlsx"]


def test_half_of_a_file_is_searched_in_its_bytes_alone(tmp_path: Path) -> None:
    pd.DataFrame({"x": ["Northwind"] * 3}).to_parquet(tmp_path / "a.parquet", compression="none")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"Northwind" * 99))
    with ZipFile(tmp_path / "c.xlsx", "w") as made:
        made.writestr("s.xml", "Northwind", 8)
    for path in list(tmp_path.iterdir()):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert traces(tmp_path, {"Northwind"}) == ["a.parquet"]
