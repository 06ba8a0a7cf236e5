"""Personal data of a person who does not exist, written into texts as people do."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

PERSON = ("Quillfeather", "p.quillfeather@northgate.example", "+44 7700 900417")
SAID = f"Please ask Philippa {PERSON[0]} ({PERSON[1]}, {PERSON[2]}), she knows why we cannot export."
TEXTS = {"surveys": ("comment",), "departures": ("reason", "comment"), "requests": ("topic",), "tickets": ("category",)}


def plant(source: Path) -> None:
    """Let the last rows with a text say it: a comment, why an account left, a wish, a ticket's category.

    Tickets have two texts of their own besides, of which Rind knows nothing.
    """
    for name, columns in TEXTS.items():
        path = source / f"{name}.parquet"
        table = pq.read_table(path)
        spoken = max(n for n, text in enumerate(table[columns[-1]].to_pylist()) if text)
        for column in columns:
            texts = table[column].to_pylist()
            texts[spoken] = SAID
            place = table.column_names.index(column)
            table = table.set_column(
                place, table.schema.field(column), pa.array(texts, table.schema.field(column).type)
            )
        if name == "tickets":
            texts = pa.array([SAID] * len(table))
            table = table.append_column("subject", texts).append_column("description", texts)
        pq.write_table(table, path)
