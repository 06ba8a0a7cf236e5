"""Warehouses and other engines that Ibis knows, by URL; each is an optional extra of the package.

They are tested here as far as the SQL goes that Ibis writes for them: no account of theirs is at hand.
"""

from __future__ import annotations

from typing import Any

import ibis

from rind.common.errors import SourceError
from rind.features.locations import masked, without_secret

WAREHOUSES = {
    "snowflake": "snowflake", "bigquery": "bigquery", "databricks": "databricks", "clickhouse": "clickhouse",
    "mysql": "mysql", "mssql": "mssql", "oracle": "oracle", "trino": "trino", "athena": "athena",
}  # fmt: skip
"""Scheme -> the extra of Ibis (and of this package, where it is one of ours) that reads it."""
OURS = ("snowflake", "bigquery", "databricks")


def connect_warehouse(url: str) -> Any:
    """Connect by Ibis; SourceError that names the extra where its driver is not installed."""
    scheme = url.split("://", 1)[0].lower()
    extra = f"rind[{WAREHOUSES[scheme]}]" if scheme in OURS else f"ibis-framework[{WAREHOUSES[scheme]}]"
    try:
        return ibis.connect(url)
    except (ImportError, AttributeError) as error:
        raise SourceError(
            f"cannot open {masked(url)}: the driver for {scheme} is not installed ({type(error).__name__})",
            f"pip install '{extra}'",
        ) from None
    except Exception as error:  # noqa: BLE001 - each driver has classes of its own
        reason = without_secret(" ".join(str(error).split()), url)
        raise SourceError(f"cannot open {masked(url)}: {reason}", "Check the address and the rights.") from None
