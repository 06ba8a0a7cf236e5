"""The feature families. To add one: write a module like the others, add it to the list below.

A family is a module with

- ``NEEDS``: tables without which the family is left out; ``USES``: tables that it takes where they exist
  (an absent one is handed over empty, with all its columns);
- ``FEATURES``: its columns in order, as `features.catalogue.Feature`;
- ``build(snapshots, tables, settings)``: one row per snapshot (account_id, as_of), then the features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import ibis.expr.types as ir

from rind.features.catalogue import Feature, Settings
from rind.features.families import commercial, contacts, engagement, surveys, tickets, usage


class Family(Protocol):
    """What each module below is to the rest (properties: a module's constants are read only)."""

    @property
    def NEEDS(self) -> tuple[str, ...]: ...

    @property
    def USES(self) -> tuple[str, ...]: ...

    @property
    def FEATURES(self) -> tuple[Feature, ...]: ...

    def build(self, snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table: ...


FAMILIES: dict[str, Family] = {
    "usage": usage,
    "tickets": tickets,
    "contacts": contacts,
    "surveys": surveys,
    "engagement": engagement,
    "commercial": commercial,
}

CATALOGUE: dict[str, Feature] = {f.name: f for family in FAMILIES.values() for f in family.FEATURES}
