"""Rows of persons cut out of one file, of every kind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rind.pipelines.personal.cutting import cut, cut_document
from rind.pipelines.personal.persons import Persons
from rind.pipelines.personal.week_files import names_of, result_files

ACME = Persons(frozenset({"A1"}), frozenset({"p@x.com"}), frozenset({"Acme & Co"}))


@pytest.mark.parametrize(
    ("document", "left", "count"),
    [
        ([{"account_id": "A1"}, {"account_id": "A11"}], [{"account_id": "A11"}], 1),
        ({"who": ["A1", "A2"], "A1": 3}, {"who": ["A2"]}, 2),
        ({"words": "Acme & Co left, A1 and A11"}, {"words": "(forgotten) left, (forgotten) and A11"}, 1),
        ([{"parent_id": "A1", "x": 1}, {"account_id": None}], [{"account_id": None}], 1),
        ({"row": {"contact_id": "P@x.com "}}, {"row": None}, 1),
        ({"Acme": 1, "n": [1, None, True]}, {"Acme": 1, "n": [1, None, True]}, 0),
    ],
)
def test_objects_of_an_id_go_and_texts_are_blanked(document: object, left: object, count: int) -> None:
    assert cut_document(document, ACME) == (left, count)


def test_digits_are_an_id_in_columns_of_ids_and_in_lists_of_texts_and_a_number_elsewhere() -> None:
    document = {"who": ["17", "18"], "by_day": {"17": 3}, "words": "17 accounts", "rows": [{"account_id": 17}]}
    left = {"who": ["18"], "by_day": {"17": 3}, "words": "17 accounts", "rows": []}
    assert cut_document(document, Persons(frozenset({"17"}))) == (left, 2)


@pytest.mark.parametrize("ids", [["17", "18", None], [17, 18, 19], [17.0, 18.0, None]])
def test_a_parquet_file_keeps_its_types_and_all_other_rows(tmp_path: Path, ids: list[object]) -> None:
    path = tmp_path / "list.parquet"
    frame = pd.DataFrame({"account_id": ids, "value": [1.5, None, 2.5]})
    frame.to_parquet(path, index=False)
    assert cut(path, Persons(frozenset({"17"}))) == 1
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame.iloc[1:].reset_index(drop=True))
    assert cut(path, Persons(frozenset({"17"}))) == 0


def test_stored_tickets_stay_with_their_account_without_the_contact(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    rows = pd.DataFrame(
        {"account_id": ["A2", "A2", "A1"], "contact_id": ["p@x.com", None, "q"], "comment": list("abc")}
    )
    for name in ("surveys", "contacts"):
        rows.to_parquet(tmp_path / "tables" / f"{name}.parquet", index=False)
        cut(tmp_path / "tables" / f"{name}.parquet", ACME)
    surveys, contacts = (pd.read_parquet(tmp_path / "tables" / f"{name}.parquet") for name in ("surveys", "contacts"))
    assert surveys["comment"].isna().to_list() == [True, False]
    assert surveys["contact_id"].isna().all()
    assert contacts["comment"].to_list() == ["b"]


def test_rows_and_list_items_of_a_page_go_and_the_rest_of_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    row = '<tr class="x"><th scope="row">{} <span>{} · big</span></th><td><ol><li>why</li></ol></td></tr>'
    head = "<tr><th scope='col'>Account</th></tr>"
    ledger = '<tr><th scope="row">Left</th><td>Acme &amp; Co (€5); Bolt (€6)</td></tr>'
    rows = (head, row.format("Bolt", "A2"), row.format("Acme &amp; Co", "A1"), row.format("Nameless", "A1"), ledger)
    path.write_text("".join(rows) + "<ul><li><b>Acme &amp; Co</b> rose</li><li>Bolt</li></ul>")
    assert cut(path, ACME) == 3
    blanked = ledger.replace("Acme &amp; Co", "(forgotten)")
    assert path.read_text() == head + row.format("Bolt", "A2") + blanked + "<ul><li>Bolt</li></ul>"


def test_a_file_of_a_crm_loses_the_row_by_the_column_of_ids_or_by_the_name(tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    path.write_bytes(b'Id__c,Name,Rank\r\n17,"B, Ltd",1\r\n18,Acme & Co,17\r\n19,C,17\r\n')
    assert cut(path, Persons(frozenset({"17"}), names=frozenset({"Acme & Co"}))) == 2
    assert path.read_bytes() == b"Id__c,Name,Rank\r\n19,C,17\r\n"


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A1")
    (tmp_path / "b.json").write_text("{ A1")
    assert [cut(tmp_path / name, ACME) for name in ("a.txt", "b.json")] == [0, 0]


def test_half_of_a_file_beside_the_results_is_none_of_them(tmp_path: Path) -> None:
    pd.DataFrame({"account_id": ["A1"]}).to_parquet(tmp_path / "whole.parquet")
    (tmp_path / "whole.json").write_text('{"account_id": "A1", "name": "Acme & Co"}')
    for path in list(tmp_path.iterdir()):
        path.with_stem("half").write_bytes(path.read_bytes()[:12])
    (tmp_path / "latin.html").write_bytes("Größe A1".encode("latin-1"))
    assert [path.name for path in result_files(tmp_path)] == ["latin.html", "whole.json", "whole.parquet"]
    assert names_of(tmp_path, frozenset({"A1"})) == {"Acme & Co"}
    assert cut(tmp_path / "latin.html", ACME) == 0
