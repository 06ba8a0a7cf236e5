"""The ledger of the week: who gave notice, left, renewed, shrank, grew, turned red, in money."""

from __future__ import annotations

import pandas as pd

from rind.features.contracts import contracts
from rind.features.storage import load
from rind.pipelines.data import read, read_dates, write_document
from rind.pipelines.family_settings import family_settings
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.ledger import ledger


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write ledger.json."""
    dates = read_dates(space.dates)
    since, as_of = dates["previous"], dates["as_of"]
    running: pd.DataFrame = contracts(load(space.tables), [since, as_of], family_settings(params)).to_pandas()
    days = {name: pd.to_datetime(running[name]) for name in ("as_of", "term_ends_on", "notice_on", "contract_ends_on")}
    record = ledger(running.assign(**days), read(space.risk_list), read(space.previous_list), since, as_of)
    progress(f"{len(record['lines'])} lines")
    write_document(space.ledger, record)
