from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pytest
from ibis.backends.sql import compilers

from rind.common.errors import SourceError
from rind.features.canonical import audited, column_types, common_id_types
from rind.features.remote import EXTENSIONS, load_extension, prepare_remote
from rind.features.sources import open_source
from rind.features.tables import TABLES
from rind.features.warehouses import WAREHOUSES
from tests.features.companies import company, write_csv, write_parquet, write_parts


class NoExtensions:
    """A DuckDB connection that can neither load nor download an extension."""

    con: Any

    def __init__(self) -> None:
        self.con = self

    def load_extension(self, name: str) -> None:
        raise duckdb.IOException(f"Extension {name}.duckdb_extension not found")

    def install_extension(self, name: str) -> None:
        raise duckdb.IOException(f'Failed to download extension "{name}"\nmore')


@pytest.mark.parametrize("scheme", [s for s, extension in EXTENSIONS.items() if extension])
def test_without_the_extension_one_error_says_which_and_what_to_do(scheme: str) -> None:
    extension = EXTENSIONS[scheme]
    with pytest.raises(
        SourceError,
        match=rf"cannot read {scheme}://.*{extension} is not installed(.|\s)*install_extension\('{extension}'\)",
    ):
        prepare_remote(NoExtensions(), f"{scheme}://bucket/tables")


@pytest.mark.parametrize("write", [write_parquet, write_csv, write_parts])
def test_a_folder_by_url_gives_the_same_tables_as_the_folder_itself(tmp_path: Path, write: Any) -> None:
    write(tmp_path, company())
    with open_source(tmp_path) as local, open_source(f"file://{tmp_path}") as remote:
        assert set(remote.tables) == set(local.tables)
        for name, table in local.tables.items():
            assert remote.tables[name].count().execute() == table.count().execute()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket on an S3 of the tests' own; skipped where moto or DuckDB's httpfs cannot be had."""
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    boto3 = importlib.import_module("boto3")
    try:
        load_extension(ibis.duckdb.connect(), "httpfs", "s3")
    except SourceError as error:
        pytest.skip(error.message)
    running = server.ThreadedMotoServer(port=0)
    running.start()
    host, port = running.get_host_and_port()
    for key, value in {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():  # fmt: skip
        monkeypatch.setenv(key, value)
    s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    s3.create_bucket(Bucket="exports")
    yield s3
    running.stop()


def test_tables_on_s3_are_read_as_those_of_a_folder(tmp_path: Path, bucket: Any) -> None:
    write_parquet(tmp_path, company())
    for path in tmp_path.glob("*.parquet"):
        bucket.upload_file(str(path), "exports", f"acme/{path.name}")
    with open_source("s3://exports/acme") as source:
        assert set(source.tables) == {"accounts", "subscriptions", "usage", "tickets"}
        assert source.tables["usage"].count().execute() > 0


def test_a_mapping_reads_its_exports_from_s3(tmp_path: Path, bucket: Any) -> None:
    bucket.put_object(Bucket="exports", Key="crm/customers.csv", Body=b"ID;Name\n1;Acme\n")
    (tmp_path / "mapping.yaml").write_text(
        "exports: s3://exports/crm\ninputs:\n  customers:\n    file: customers.csv\n    columns: {id: ID, name: Name}\n"
    )
    (tmp_path / "accounts.sql").write_text("select id as account_id, name from customers")
    with open_source(tmp_path) as source:
        assert source.tables["accounts"].name.execute().to_list() == ["Acme"]


@pytest.mark.parametrize("scheme", ["snowflake", "bigquery", "databricks"])
def test_a_warehouse_without_its_driver_names_the_extra(scheme: str) -> None:
    with pytest.raises(
        SourceError, match=rf"the driver for {scheme} is not installed(.|\s)*pip install 'rind\[{scheme}\]'"
    ):
        open_source(f"{scheme}://user:secret@place/database")
    assert scheme in WAREHOUSES


@pytest.mark.parametrize("dialect", ["SnowflakeCompiler", "BigQueryCompiler", "DatabricksCompiler"])
@pytest.mark.parametrize("name", list(TABLES))
def test_the_casts_of_every_table_are_sql_of_the_warehouses(dialect: str, name: str) -> None:
    columns = {c.name: "string" for c in TABLES[name].columns}
    texts = ibis.duckdb.connect().create_table(name, schema=ibis.schema(columns))  # how ids are spelt is looked at
    ids = common_id_types({name: texts})
    sql = getattr(compilers, dialect)().to_sqlglot(audited(texts, name, ids)).sql()
    assert all(column in sql for column in column_types(name, ids))
