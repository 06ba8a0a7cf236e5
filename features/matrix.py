"""The feature matrix: every family on the spine."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir

from rind.features.catalogue import Feature, Settings
from rind.features.families import FAMILIES, Family


def available(
    present: set[str], families: Mapping[str, Family] = FAMILIES
) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Families that can be built from the present tables, and for the others what they miss."""
    missing = {name: tuple(t for t in family.NEEDS if t not in present) for name, family in families.items()}
    return [n for n, gaps in missing.items() if not gaps], {n: gaps for n, gaps in missing.items() if gaps}


def build_family(name: str, snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    """The features of one family in the order of its catalogue: one row per snapshot, numbers as float32."""
    return built_by(FAMILIES[name], snapshots, tables, settings)


def built_by(family: Family, snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    """The same of any family, one of a plugin too."""
    built = family.build(snapshots, tables, settings)
    columns = {f.name: _narrow(built, f) for f in family.FEATURES}
    return built.select("account_id", "as_of", **columns)


def join(snapshots: ir.Table, families: Mapping[str, ir.Table]) -> ir.Table:
    """One row per snapshot with the columns of all families, ordered by date and account."""
    matrix = snapshots.select("account_id", "as_of")
    for table in families.values():
        matrix = matrix.inner_join(table, ["account_id", "as_of"])
    return matrix.order_by("as_of", "account_id")


def _narrow(table: ir.Table, feature: Feature) -> ir.Value:
    column = table[feature.name]
    return column if feature.unit == "text" else column.cast("float32")
