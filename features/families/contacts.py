"""Stub."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir

from features.catalogue import Feature, Settings

NEEDS = ("contacts",)
USES: tuple[str, ...] = ()
FEATURES: tuple[Feature, ...] = ()


def build(snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    return snapshots.select("account_id", "as_of")
