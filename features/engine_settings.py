"""Which engine computes, and with how much memory: the section ``engine`` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rind.common.settings import Section

EngineName = Literal["duckdb", "spark"]


class EngineSettings(Section):
    """Name of the engine, and the memory that DuckDB may take in GB (None: 80 % of the machine's)."""

    name: EngineName
    memory_gb: Annotated[float, Field(ge=0.1)] | None
