from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rind.pipelines.data import WRITTEN_DAYS, read, read_some, write, write_pieces
from rind.pipelines.params import load


def test_the_rows_of_some_days_are_read_and_no_others(tmp_path: Path) -> None:
    days = pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-15"])
    whole = pd.DataFrame({"account_id": ["a", "b", "c"], "as_of": days, "usage__x__7d": [1.0, 2.0, 3.0]})
    write(whole, tmp_path / "features.parquet")
    some = read(tmp_path / "features.parquet", days=[date(2024, 1, 1), date(2024, 1, 15), date(2030, 1, 1)])
    assert some["account_id"].tolist() == ["a", "c"]
    assert some["as_of"].tolist() == [days[0], days[2]]
    assert read(tmp_path / "features.parquet", ["account_id"], [date(2024, 1, 8)]).to_dict("list") == {
        "account_id": ["b"]
    }
    assert len(read(tmp_path / "features.parquet", days=[])) == 0
    assert len(read(tmp_path / "features.parquet")) == 3


def test_texts_that_repeat_come_as_categories_in_order_from_all_pieces(tmp_path: Path) -> None:
    texts = [["c", "a", None], ["b", "a", "c"]]
    write_pieces((pd.DataFrame({"feature": pd.array(some, dtype="str")}) for some in texts), tmp_path / "x.parquet")
    feature = read(tmp_path / "x.parquet", ["feature"], repeated=["feature"])["feature"]
    assert feature.cat.categories.tolist() == ["a", "b", "c"]
    assert feature.astype("object").where(feature.notna(), None).tolist() == [*texts[0], *texts[1]]


def test_texts_of_no_rows_are_no_categories(tmp_path: Path) -> None:
    write(pd.DataFrame({"feature": pd.Series([], dtype="object")}), tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet", repeated=["feature"])["feature"].cat.categories.empty


@pytest.mark.parametrize("value", ["2024-01-01", None])
def test_days_are_written_as_dates_even_where_all_are_empty(tmp_path: Path, value: str | None) -> None:
    frame = pd.DataFrame({name: pd.to_datetime([value]) for name in (*WRITTEN_DAYS, "answered_at")})
    write(frame, tmp_path / "days.parquet")
    schema = pq.read_schema(tmp_path / "days.parquet")
    assert {name for name in schema.names if schema.field(name).type == pa.date32()} == set(WRITTEN_DAYS)


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        (["source.name=Acme", "source.url=tables"], "Acme"),
        (["source.name=''", "source.url=tables"], "tables"),
        (["source.name=''", "source.url=/srv/acme/exports/tables/"], "tables"),
        (["source.name=''", "source.url=/srv/acme/mapping/mapping.yaml"], "mapping"),
        (["source.name=''", "source.url=duckdb:////srv/acme/warehouse.db"], "warehouse"),
        (["source.name=''", "source.url=s3://acme/exports?region=eu"], "exports"),
        (["source.name=''", "source.url=s3://acme"], ""),
        (["source.name=''", "source.url='postgres://me:hunter2@host/crm'"], "crm"),
    ],
)
def test_a_page_is_titled_by_the_company_or_else_by_its_source_without_who_reads_it(
    settings: list[str], title: str
) -> None:
    assert load(overrides=settings).source.title == title


def test_of_no_rows_none_are_read_with_all_columns(tmp_path: Path) -> None:
    rows = pd.DataFrame({"account_id": ["a"], "as_of": pd.to_datetime(["2026-03-02"]), "value": [1.0]})
    write(rows, tmp_path / "x.parquet")
    kept = read_some(tmp_path / "x.parquet", rows.head(0)[["account_id", "as_of"]])
    assert (len(kept), list(kept.columns)) == (0, ["account_id", "as_of", "value"])
    untyped = pd.DataFrame({"account_id": pd.Series([], dtype=object), "as_of": pd.to_datetime([])})
    assert len(read_some(tmp_path / "x.parquet", untyped)) == 0
