"""What is known of a stored table, counted by row group: one that a run before has counted is not counted again.

    STORE/known/usage.parquet    one row per row group and day on which facts of it became known: their digest
    TABLES/.known/usage.json     the sums, as long as the file stays the same: several families ask

A row group goes by the SHA-256 of its bytes. So whatever moves, changes or goes away is counted anew, and of a large
table to whose end rows are added only these are. Both files hold sums of hashes, and nothing of anybody.
"""

from __future__ import annotations

import glob
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rind.common.files import atomic_path, write_json
from rind.features.known_facts import Digest, KnownFacts, digested, facts_in
from rind.pipelines.feature_keys import digest_of

GROUP = "group__"
DIGEST = ("rows", "upper", "lower")
COUNTS = pa.schema([(GROUP, pa.string()), *((name, pa.int64()) for name in ("day", *DIGEST))])


def facts_of(folder: Path, name: str, table: ir.Table, store: Path) -> KnownFacts:
    """The facts of a stored table, as `features.known_facts.known_facts` counts them.

    Parameters
    ----------
    folder, table
        That of the stored tables, and the table ``name`` of it on the engine that is to count.
    store
        The folder of the feature store.
    """
    path = folder / f"{name}.parquet"
    stat = path.stat()
    same = [stat.st_ino, stat.st_size, stat.st_mtime_ns]
    summed = folder / ".known" / f"{name}.json"
    if summed.exists():
        record = json.loads(summed.read_text(encoding="utf-8"))
        if record["file"] == same:
            return KnownFacts(tuple(record["days"]), tuple(_as_digest(total) for total in record["totals"]))
    facts = _by_group(path, name, table.get_backend(), store / "known" / f"{name}.parquet")
    write_json(summed, {"file": same, "days": facts.days, "totals": facts.totals})
    return facts


def _by_group(path: Path, name: str, engine: Any, record: Path) -> KnownFacts:
    with pq.ParquetFile(path) as file:
        groups = list(_names(path, file, name))
        before = _read(record)
        known = before.filter(
            pc.call_function("is_in", [before[GROUP]], pc.SetLookupOptions(pa.array(groups, pa.string())))
        )
        counted = set(known[GROUP].to_pylist())
        new = {group: number for number, group in enumerate(groups) if group not in counted}
        sizes = [file.metadata.row_group(number).num_rows for number in range(len(groups))]
    stretches = _stretches(sizes, set(new.values()))
    counts = pa.concat_tables([known, *(_count(path, some, groups, name, engine) for some in stretches)])
    if len(counts) != len(before) or new:
        # A store that may only be read is of use all the same.
        with suppress(OSError), atomic_path(record) as temporary:
            pq.write_table(counts, temporary, compression="zstd")
    return _sum(counts, groups)


def _names(path: Path, file: pq.ParquetFile, table: str) -> Iterator[str]:
    """A name for each row group that tells its rows, the code that counts them and the table that they belong to."""
    always = repr((digest_of(__name__), table, str(file.schema_arrow))).encode()
    with path.open("rb") as raw:
        for number in range(file.metadata.num_row_groups):
            group, digest = file.metadata.row_group(number), hashlib.sha256(always)
            for index in range(group.num_columns):
                column = group.column(index)
                digest.update(repr((column.path_in_schema, column.num_values, column.compression)).encode())
                raw.seek(min(start for start in (column.dictionary_page_offset, column.data_page_offset) if start))
                digest.update(raw.read(column.total_compressed_size))
            yield digest.hexdigest()


@dataclass(frozen=True)
class Stretch:
    """Row groups that follow each other and have as many rows each, the last perhaps fewer: one query counts them.

    Parameters
    ----------
    first, groups
        The number of the first, and how many there are.
    begin, size, rows
        The number of its first row, the rows of each, and of all together.
    """

    first: int
    groups: int
    begin: int
    size: int
    rows: int


def _stretches(sizes: Sequence[int], wanted: Collection[int]) -> Iterator[Stretch]:
    """The stretches of the wanted row groups of a file; ``sizes`` are the rows of each of its row groups."""
    open_one: Stretch | None = None
    begin = 0
    for number, rows in enumerate(sizes):
        if number in wanted and rows:
            now = open_one
            if now and now.first + now.groups == number and now.rows == now.groups * now.size and rows <= now.size:
                open_one = replace(now, groups=now.groups + 1, rows=now.rows + rows)
            else:
                if now:
                    yield now
                open_one = Stretch(number, 1, begin, rows, rows)
        begin += rows
    if open_one:
        yield open_one


def _count(path: Path, stretch: Stretch, groups: Sequence[str], name: str, engine: Any) -> pa.Table:
    pattern = glob.escape(str(path))
    stored = engine.read_parquet(pattern, table_name=f"counted_{name}", file_row_number=True, hive_partitioning=False)
    row = stored.file_row_number - stretch.begin
    rows = stored.filter(row >= 0, row < stretch.rows).mutate(**{GROUP: row // stretch.size + stretch.first})
    kinds = facts_in(rows.drop("file_row_number"), name, GROUP)
    counts = pa.concat_tables([engine.to_pyarrow(digested(facts, GROUP, "day")) for facts in kinds])
    named = pa.array([groups[number] for number in counts[GROUP].to_pylist()], pa.string())
    return counts.set_column(counts.column_names.index(GROUP), GROUP, named).select(COUNTS.names).cast(COUNTS)


def _sum(counts: pa.Table, groups: Sequence[str]) -> KnownFacts:
    """The facts of all row groups of a file; two with the same rows count twice."""
    times = Counter(groups)
    weights = pa.array([times[group] for group in counts[GROUP].to_pylist()], pa.int64())
    weighed = pa.table(
        {"day": counts["day"], **{name: pc.call_function("multiply", [counts[name], weights]) for name in DIGEST}}
    )
    summed = weighed.group_by("day").aggregate([(name, "sum") for name in DIGEST]).to_pylist()
    return KnownFacts.of({row["day"]: _as_digest([row[f"{name}_sum"] for name in DIGEST]) for row in summed})


def _read(record: Path) -> pa.Table:
    """What was counted before; nothing where that is not there whole."""
    with suppress(OSError, ValueError):  # pyarrow's ArrowInvalid is a ValueError
        before = pq.read_table(record)
        if before.schema.equals(COUNTS):
            return before
    return COUNTS.empty_table()


def _as_digest(values: Sequence[int]) -> Digest:
    rows, upper, lower = values
    return (rows, upper, lower)
