"""Apache Spark as an engine: with `features.spark_sql` the one place that knows where Spark differs from DuckDB.

Everything else writes Ibis expressions and calls ``read_parquet``, ``read_csv``, ``to_parquet`` and ``to_pyarrow`` with
DuckDB's options; here they become Spark's. Master, memory, catalogue and all other settings come from Spark's own
configuration (``SPARK_CONF_DIR``, ``spark-submit``, ``SPARK_REMOTE``). Paths must lead to the same files for the driver
and the executors. Import it through `features.engine` only: it needs the extra ``rind[spark]`` and Java.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark import Backend as PySpark
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession, functions
from pyspark.sql.types import StringType, StructField, StructType

from rind.common.errors import UsageError
from rind.features.spark_sql import Compiler

ERRORS = (PySparkException, Py4JError)
"""What Spark raises."""

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",  # a source may have `Plan` and `plan`
    "spark.sql.ansi.enabled": "true",  # what overflows or cannot be cast is an error, not an empty value
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.binaryAsString": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",  # see `_in_microseconds`
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # an id of 007 in a folder's name stays a text
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""What results depend on; a session may set each of them, on a cluster and over Spark Connect too."""

BATCH_ROWS = 100_000
PROBES = 16


class Backend(PySpark):  # type: ignore[misc]  # ibis ships no types
    """Ibis' backend with DuckDB's ways of reading and writing files, and rows that travel as Arrow."""

    compiler = Compiler()

    def disconnect(self) -> None:
        """Leave the session as it is: others may share it, and a start takes long."""

    def list_tables(self, *, like: str | None = None, database: Any = None) -> list[str]:
        """Tables of the catalogue; the views of this session are none."""
        rows = self._session.sql(f"SHOW TABLES{f' IN {database}' if database else ''}").collect()
        return self._filter_with_like([row.tableName for row in rows if not row.isTemporary], like)

    def read_parquet(self, path: Any, /, *, table_name: str | None = None, **options: Any) -> ir.Table:
        """Files as one table; ``hive_partitioning`` adds the keys in the names of their folders as texts."""
        paths = [_place(p) for p in ([path] if isinstance(path, str | PurePath) else path)]
        reader = self._session.read.option("mergeSchema", "true")
        if options.get("hive_partitioning"):
            reader = reader.option("basePath", _above_partitions(paths[0]))
        return self._named(_in_microseconds(reader.parquet(*paths), paths), table_name)

    def read_csv(self, paths: Any, /, *, table_name: str | None = None, **options: Any) -> ir.Table:
        """Files as one table of texts; a row that has too few or too many values is an error."""
        files = [_place(p) for p in ([paths] if isinstance(paths, str | PurePath) else paths)]
        reader = self._session.read.options(
            header=True, sep=options.get("delim", ","), quote='"', escape='"', multiLine=True, mode="FAILFAST",
            encoding=options.get("encoding", "utf-8"), nullValue="", emptyValue="", inferSchema=False,
            ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False, maxCharsPerColumn=-1,
        )  # fmt: skip
        if columns := options.get("columns"):
            reader = reader.schema(StructType([StructField(name, StringType()) for name in columns]))
        return self._named(reader.csv(files), table_name)

    def create_table(self, name: str, /, obj: Any = None, *, temp: bool | None = None, **options: Any) -> ir.Table:
        """A temporary table is a view of the session, computed once and held in memory and on the executors' disks."""
        if not temp:
            return super().create_table(name, obj, temp=temp, **options)
        table = obj if isinstance(obj, ir.Table) else ibis.memtable(obj)
        self.frame(table).cache().createOrReplaceTempView(name)
        return self.table(name)

    def to_parquet(self, expr: ir.Table, /, path: Any, **options: Any) -> None:
        """Compute a table into one file: the executors write parts, the driver joins them in order.

        With ``partition_by``, a column, into folders ``column=value`` as DuckDB does; the column stays in the files.
        """
        if by := options.get("partition_by"):
            return self._to_folders(expr, Path(path), by)
        parts = Path(f"{path}.parts")
        try:
            frame = self.frame(expr).write.mode("overwrite").option("compression", "zstd")
            _refuse_separate_disks(self._session, parts.parent)
            frame.parquet(_place(parts))
            _join(sorted(parts.glob("*.parquet")), Path(path), expr.schema().to_pyarrow(), options)
        finally:
            shutil.rmtree(parts, ignore_errors=True)

    def _to_folders(self, expr: ir.Table, path: Path, by: str) -> None:
        frame = self.frame(expr)
        times = [name for name, dtype in expr.schema().items() if dtype.is_timestamp()]
        frame = frame.withColumns({name: frame[name].cast("timestamp_ntz") for name in times})
        named = frame.withColumn("partition__", frame[by])
        _refuse_separate_disks(self._session, path.parent)
        named.write.mode("overwrite").option("compression", "zstd").partitionBy("partition__").parquet(_place(path))
        for file in (*path.glob("_SUCCESS"), *path.glob(".*.crc")):
            file.unlink()
        for folder in path.glob("partition__=*"):
            folder.rename(path / folder.name.replace("partition__", by, 1))

    def to_pyarrow(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result as Arrow, without a detour through pandas, which would lose types and empty values."""
        table = expr.as_table()
        rows = self.frame(table, **options).toArrow()
        return expr.__pyarrow_result__(_cast(rows, table.schema().to_pyarrow()))

    def execute(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result as pandas, by way of Arrow."""
        from ibis.formats.pandas import PandasData

        table = expr.as_table()
        frame = self.to_pyarrow(table, **options).to_pandas()
        return expr.__pandas_result__(PandasData.convert_table(frame, table.schema()))

    def frame(self, expr: ir.Table, **options: Any) -> Any:
        """The expression as a DataFrame of Spark."""
        self._run_pre_execute_hooks(expr)
        known = {k: v for k, v in options.items() if k in ("params", "limit")}
        return self._session.sql(self.compile(expr, **known))

    def _named(self, frame: Any, name: str | None) -> ir.Table:
        """A frame as a table; the name is made unique, as the views of all connections share a session."""
        unique = ibis.util.gen_name(name or "read")
        frame.createOrReplaceTempView(unique)
        return self.table(unique)

    def _create_cached_table(self, name: str, expr: ir.Table) -> ir.Table:
        self._run_pre_execute_hooks(expr)  # Ibis forgets the tables in memory among what is to be held
        return super()._create_cached_table(name, expr)

    def _register_in_memory_table(self, op: Any) -> None:
        rows = op.data.to_pyarrow(op.schema)
        self._session.createDataFrame(rows).createOrReplaceTempView(op.name)


def connect() -> Any:
    """A connection to the session of this process, which is begun where there is none."""
    _ = ibis.pyspark  # its options are there only then
    session = SparkSession.builder.appName("rind").getOrCreate()
    for name, value in SETTINGS.items():
        session.conf.set(name, value)
    return Backend().connect(session)


def _place(path: str | PurePath) -> str:
    """The address of a path: without a scheme Spark would look for it on the cluster's own file system."""
    return str(path) if "://" in str(path) else f"file://{os.path.abspath(path)}"


def _above_partitions(place: str) -> str:
    """The folder above those named ``key=value``."""
    folder = place.rpartition("/")[0]
    while "=" in folder.rpartition("/")[2]:
        folder = folder.rpartition("/")[0]
    return folder


@cache
def _refuse_separate_disks(session: Any, folder: Path) -> None:
    """Executors that write on disks of their own would lose rows, and nobody would say so.

    Raises
    ------
    UsageError
        The driver does not see what the executors write into the folder.
    """
    probe = folder / f".{os.getpid()}.probe"
    try:
        session.range(0, PROBES, 1, PROBES).write.mode("overwrite").parquet(_place(probe))
        readable_rows = sum(pq.read_metadata(file).num_rows for file in probe.glob("*.parquet"))
    finally:
        shutil.rmtree(probe, ignore_errors=True)
    if readable_rows != PROBES:
        raise UsageError(
            f"of {PROBES} rows that Spark's executors wrote into {folder}, the driver sees {readable_rows}",
            "Give a folder on a disk that the driver and each executor see under the same path: docs/scale.md",
        )


def _in_microseconds(frame: Any, paths: Sequence[str]) -> Any:
    """Times in nanoseconds, which Spark reads as whole numbers, as times; what lies below a microsecond is cut."""
    nanos = _nanosecond_columns(paths)
    micros = "timestamp_micros((`{0}` - pmod(`{0}`, 1000)) div 1000)"
    quoted = {name: name.replace("`", "``") for name in nanos}
    return frame.withColumns({name: functions.expr(micros.format(quoted[name])) for name in nanos}) if nanos else frame


def _nanosecond_columns(paths: Sequence[str]) -> list[str]:
    """Columns of local files that hold times in nanoseconds."""
    try:
        path = paths[0].removeprefix("file://")
        schema = pq.read_schema(path.replace("[*]", "*").replace("[?]", "?").replace("[[]", "["))
    except OSError:
        return []  # on a store that only the executors reach
    return [field.name for field in schema if pa.types.is_timestamp(field.type) and field.type.unit == "ns"]


def _join(parts: Sequence[Path], path: Path, schema: Any, options: Mapping[str, Any]) -> None:
    with pq.ParquetWriter(path, schema, compression=options.get("compression", "snappy")) as writer:
        for part in parts:
            with pq.ParquetFile(part) as file:
                for batch in file.iter_batches(BATCH_ROWS):
                    writer.write_table(_cast(pa.Table.from_batches([batch]), schema))


def _cast(rows: Any, schema: Any) -> Any:
    """Rows in the types that Ibis promises; Spark's times come with the zone UTC."""
    return pa.table([rows[i].cast(field.type) for i, field in enumerate(schema)], schema=schema)
