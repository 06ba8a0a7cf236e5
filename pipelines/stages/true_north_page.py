"""The page that explains each moment from start to end, and lists the accounts in launch."""

from __future__ import annotations

import pandas as pd

from rind.common.files import atomic_path
from rind.pipelines.data import read, read_dates, read_json
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.moment_page import render_moments


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write true_north.html."""
    del progress
    accounts = pd.read_parquet(space.tables / "accounts.parquet", columns=["account_id", "name"])
    page = render_moments(
        params.source.title,
        read_dates(space.dates)["as_of"],
        read_json(space.true_north),
        read_json(space.moments),
        read(space.adoption),
        dict(zip(accounts["account_id"], accounts["name"].where(accounts["name"].notna(), ""), strict=True)),
        read_json(space.adoption_metrics),
    )
    with atomic_path(space.true_north_page) as temporary:
        temporary.write_text(page, encoding="utf-8")
