"""Apache Spark as an engine: the one module that knows where Spark differs from DuckDB.

Everything else writes Ibis expressions and calls ``read_parquet``, ``read_csv``, ``to_parquet`` and ``to_pyarrow`` with
DuckDB's options; here they become Spark's. Master, memory, catalogue and all other settings come from Spark's own
configuration (``SPARK_CONF_DIR``, ``spark-submit``, ``SPARK_REMOTE``). Paths must lead to the same files for the driver
and the executors. Import it through `features.engine` only: it needs the extra ``rind[spark]`` and Java.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend as PySpark
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession, functions
from pyspark.sql.types import StringType, StructField, StructType

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
UNREADABLE = {"\a", "\v", "\f"}


class Compiler(PySparkCompiler):  # type: ignore[misc]  # ibis ships no types
    """Ibis' own compiler, where it fails or means something else than on DuckDB and PostgreSQL."""

    __slots__ = ()

    SIMPLE_OPS = {ops.BitOr: "bit_or", ops.BitAnd: "bit_and", ops.BitXor: "bit_xor"}

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        r"""A number with a point is a float, not a decimal; \a, \v and \f, to Spark mere letters, go by number."""
        if dtype.is_floating() and math.isfinite(value):
            return self.cast(repr(float(value)), dtype)
        if dtype.is_string() and UNREADABLE & set(value):
            parts = re.split(f"([{''.join(UNREADABLE)}])", value)
            return self.f.concat(*(self.f.anon.char(ord(p)) if p in UNREADABLE else sge.convert(p) for p in parts if p))
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:
        """How many rows of none at all meet a condition is 0."""
        return self.f.count(sge.Star()) if where is None else self.f.count_if(where)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a value."""
        return arg.is_(sge.Null())

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a value."""
        return sge.Not(this=arg.is_(sge.Null()))

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """A number with decimals is rounded to a whole one, not cut."""
        if to.is_integer() and op.arg.dtype.is_floating():
            arg = self.f.anon.rint(arg)
        if to.is_integer() and op.arg.dtype.is_decimal():
            arg = self.f.round(arg, 0)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        """All blanks are cut, tabs and line ends too."""
        blanks = self.f.concat(sge.convert(" \t\n\r"), self.f.anon.char(11), self.f.anon.char(12))
        return self.f.anon.btrim(arg, blanks)

    def visit_Least(self, op: Any, *, arg: Any) -> Any:
        """The least of one is that one."""
        return super().visit_Least(op, arg=arg) if len(arg) > 1 else arg[0]

    def visit_Greatest(self, op: Any, *, arg: Any) -> Any:
        """The greatest of one is that one."""
        return super().visit_Greatest(op, arg=arg) if len(arg) > 1 else arg[0]

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        """Parts of a second count."""
        return self.f.anon.unix_micros(self.cast(arg, dt.timestamp)) / sge.convert(1_000_000)

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        r"""Java writes $1 where all others write \1."""
        if isinstance(op.replacement, ops.Literal):
            replacement = sge.convert(str(op.replacement.value).replace("\\", "$"))
        return self.f.regexp_replace(arg, pattern, replacement)


class Backend(PySpark):  # type: ignore[misc]
    """Ibis' backend with DuckDB's ways of reading and writing files, and rows that travel as Arrow."""

    compiler = Compiler()

    def disconnect(self) -> None:
        """Leave the session as it is: others may share it, and a start takes ten seconds."""

    def list_tables(self, *, like: str | None = None, database: Any = None) -> list[str]:
        """Tables of the catalogue; the views of this session are none."""
        rows = self._session.sql(f"SHOW TABLES{f' IN {database}' if database else ''}").collect()
        return self._filter_with_like([row.tableName for row in rows if not row.isTemporary], like)

    def read_parquet(self, path: Any, /, *, table_name: str | None = None, **options: Any) -> ir.Table:
        """Files as one table; ``hive_partitioning`` adds the keys in the names of their folders as texts."""
        paths = [str(p) for p in ([path] if isinstance(path, str | PurePath) else path)]
        reader = self._session.read.option("mergeSchema", "true")
        if options.get("hive_partitioning"):
            reader = reader.option("basePath", str(_above_partitions(PurePath(paths[0]))))
        return self._named(_in_microseconds(reader.parquet(*paths), paths), table_name)

    def read_csv(self, paths: Any, /, *, table_name: str | None = None, **options: Any) -> ir.Table:
        """Files as one table of texts; a row that has too few or too many values is an error."""
        files = [str(p) for p in ([paths] if isinstance(paths, str | PurePath) else paths)]
        reader = self._session.read.options(
            header=True, sep=options.get("delim", ","), quote='"', escape='"', multiLine=True, mode="FAILFAST",
            encoding=options.get("encoding", "utf-8"), nullValue="", emptyValue="", inferSchema=False,
            ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False, maxCharsPerColumn=-1,
        )  # fmt: skip
        if columns := options.get("columns"):
            reader = reader.schema(StructType([StructField(name, StringType()) for name in columns]))
        return self._named(reader.csv(files), table_name)

    def create_table(self, name: str, /, obj: Any = None, *, temp: bool | None = None, **options: Any) -> ir.Table:
        """A temporary table is a view of the session."""
        if not temp:
            return super().create_table(name, obj, temp=temp, **options)
        table = obj if isinstance(obj, ir.Table) else ibis.memtable(obj)
        self.frame(table).createOrReplaceTempView(name)
        return self.table(name)

    def to_parquet(self, expr: ir.Table, /, path: Any, **options: Any) -> None:
        """Compute a table into one file: the executors write parts, the driver joins them in order."""
        parts = Path(f"{path}.parts")
        try:
            frame = self.frame(expr).write.mode("overwrite").option("compression", "zstd")
            frame.parquet(str(parts.absolute()))
            _join(sorted(parts.glob("*.parquet")), Path(path), expr.schema().to_pyarrow(), options)
        finally:
            shutil.rmtree(parts, ignore_errors=True)

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


def _above_partitions(path: PurePath) -> PurePath:
    """The folder above those named ``key=value``."""
    folder = path.parent
    while "=" in folder.name:
        folder = folder.parent
    return folder


def _in_microseconds(frame: Any, paths: Sequence[str]) -> Any:
    """Times in nanoseconds, which Spark reads as whole numbers, as times; what lies below a microsecond is cut."""
    nanos = _nanosecond_columns(paths)
    micros = "timestamp_micros((`{0}` - pmod(`{0}`, 1000)) div 1000)"
    quoted = {name: name.replace("`", "``") for name in nanos}
    return frame.withColumns({name: functions.expr(micros.format(quoted[name])) for name in nanos}) if nanos else frame


def _nanosecond_columns(paths: Sequence[str]) -> list[str]:
    """Columns of local files that hold times in nanoseconds."""
    try:
        schema = pq.read_schema(paths[0].replace("[*]", "*").replace("[?]", "?").replace("[[]", "["))
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
