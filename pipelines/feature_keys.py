"""What the features of a family at a date follow from, as one key: code, parameters, cohort and what is known then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.metadata import version

import ibis.expr.types as ir

from rind.features.catalogue import Settings
from rind.features.families import FAMILIES
from rind.features.known_facts import KnownFacts, digests
from rind.pipelines.dependencies import ROOT, files_of
from rind.pipelines.feature_store import DateKey

ENGINES = ("duckdb", "ibis-framework")
KEEPER = "pipelines/kept_features.py"
"""Cuts usage into chunks and joins them. `files_of` passes over it, as it changes no feature; kept rows follow from it,
and must not outlive a fault of it.
"""
LENGTH = 24
"""Letters of a key: 96 bits."""


def date_keys(
    family: str,
    snapshots: ir.Table,
    tables: Mapping[str, ir.Table],
    facts: Mapping[str, KnownFacts],
    settings: Settings,
) -> dict[date, DateKey]:
    """The key of the family's features at each date of the snapshots.

    Parameters
    ----------
    snapshots
        One row per (account_id, as_of).
    tables, facts
        Those that the family needs or uses (`tables_of`), and what is known of each.
    """
    needed = tables_of(family)
    schemas = {name: str(tables[name].schema()) for name in needed}
    always = [code_digest(family), repr(settings), schemas]
    cohorts = digests(snapshots.select("account_id", "as_of"), "as_of")
    return {
        day: DateKey(key_of([*always, cohort, {n: facts[n].before(day) for n in needed}]), rows=cohort[0])
        for day, cohort in cohorts
    }


def tables_of(family: str) -> list[str]:
    """The tables that its features follow from."""
    return sorted({*FAMILIES[family].NEEDS, *FAMILIES[family].USES})


@cache
def code_digest(family: str) -> str:
    """Of the family's module and all of ours that it imports."""
    return digest_of(f"rind.features.families.{family}", "rind.features.matrix")


def digest_of(*modules: str) -> str:
    """Of modules and all of ours that they import, of what keeps their rows, and of the engine that runs them."""
    digest = hashlib.sha256(repr([version(engine) for engine in ENGINES]).encode())
    for file in (*files_of(*modules, "rind.features.known_facts"), KEEPER):
        digest.update(file.encode() + b"\0" + (ROOT / file).read_bytes() + b"\0")
    return digest.hexdigest()


def key_of(parts: object) -> str:
    """A short text that differs where the parts differ."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:LENGTH]
