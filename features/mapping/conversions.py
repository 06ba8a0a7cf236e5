"""A column as a file has it -> the typed value that the mapping means, as DuckDB SQL over `helpers.sql`."""

from __future__ import annotations

from rind.features.mapping.spec import Column, Spec

EMPTY = {
    "number": "null::double", "time": "null::timestamp", "date": "null::date", "yes_no": "null::boolean",
    "list": "null::varchar[]",
} | dict.fromkeys(("text", "id", "email"), "null::varchar")  # fmt: skip
"""What stands for a column that the export does not have."""


def identifier(name: str) -> str:
    """A name in DuckDB's quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in DuckDB's quotes."""
    return "'" + text.replace("'", "''") + "'"


def raw_value(source: str, types: dict[str, str]) -> str:
    """The column of that name as it is; ``a.b`` where there is only ``a``: the value at ``b`` of the JSON in it."""
    if source in types or "." not in source:
        return identifier(source)
    column, _, path = source.partition(".")
    parts = "".join(f"[{p}]" if p.isdigit() else f'."{p}"' for p in path.split("."))
    return f"json_extract_string({identifier(column)}::json, {literal('$' + parts)})"


def is_there(source: str, types: dict[str, str]) -> bool:
    """Whether the file has the column (the JSON column, for ``a.b``)."""
    return source in types or ("." in source and source.split(".")[0] in types)


def value(column: Column, raw: str, dtype: str, spec: Spec, currency: str = "") -> str:
    """The typed value of a raw column.

    Parameters
    ----------
    raw, dtype
        The column's expression, and DuckDB's name of its type; texts are parsed, other types are cast.
    currency
        Expression of the row's currency, for amounts in cents.
    """
    if not column.source:
        return EMPTY[column.kind]
    match column.kind:
        case "id":
            return f"id_of({raw})"
        case "email":
            return f"email_of({raw})"
        case "yes_no":
            return raw if dtype == "BOOLEAN" else f"yes_no({raw})"
        case "list":
            return f"parts_of({raw})"
        case "number":
            return _number(column, raw, currency)
        case "time":
            return _time(column, raw, dtype, column.zone or spec.time_zone)
        case "date":
            return _date(column, raw, dtype, column.zone or spec.time_zone)
    return f"filled({raw})"


def _number(column: Column, raw: str, currency: str) -> str:
    number = f"number_with_comma({raw})" if column.written == "1.234,50" else f"number_with_point({raw})"
    if column.unit == "cents":
        number = f"from_cents({number}, {currency or literal('')})"
    return f"monthly({number}, {literal(column.per)}, 1)" if column.per not in ("", "month") else number


def _time(column: Column, raw: str, dtype: str, zone: str) -> str:
    if dtype == "TIMESTAMP WITH TIME ZONE":
        return f"{raw}::timestamp"
    if dtype.startswith("TIMESTAMP") or dtype == "DATE":
        return f"to_utc({raw}::timestamp, {literal(zone)})"
    match column.written:
        case "day.month.year":
            return f"time_day_month_year({raw}, {literal(zone)})"
        case "month/day/year":
            return f"time_month_day_year({raw}, {literal(zone)})"
        case "seconds" | "milliseconds" | "microseconds":
            return f"time_{column.written}({raw})"
    return f"time_iso({raw}, {literal(zone)})"


def _date(column: Column, raw: str, dtype: str, zone: str) -> str:
    if dtype == "DATE" or (dtype.startswith("TIMESTAMP") and dtype != "TIMESTAMP WITH TIME ZONE"):
        return f"{raw}::date"
    if dtype == "TIMESTAMP WITH TIME ZONE" or column.written in ("seconds", "milliseconds", "microseconds"):
        return f"day_of({_time(column, raw, dtype, zone)}, {literal(zone)})"
    match column.written:
        case "day.month.year":
            return f"day_day_month_year({raw})"
        case "month/day/year":
            return f"day_month_day_year({raw})"
    return f"day_iso({raw}, {literal(zone)})"
