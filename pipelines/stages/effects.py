"""What each playbook did: the risk of leaving after its start, against comparable accounts that got none."""

from __future__ import annotations

import pandas as pd

from rind.common.facts.effects import EffectsDocument
from rind.features.begun import begun_interventions
from rind.features.storage import load
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.effects.changes import WeekPanel, weeks_of
from rind.models.effects.comparison import UNTREATED, comparison_rows
from rind.models.effects.judge import effects
from rind.models.effects.playbook_changes import with_changes
from rind.pipelines.data import read, read_some, write_document
from rind.pipelines.labels_as_known import labels_at, seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.effects_text import effect_sentences


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write effects.json."""
    begun = starts(space)
    if begun.empty:
        write_document(space.effects, document(params, 0, pd.DataFrame()))
        return
    progress("comparable accounts")
    rows = compared(space, params, begun)
    progress("effects")
    write_document(space.effects, document(params, len(begun), rows))


def fall_back(space: Workspace, params: Params) -> None:
    """Write that nothing is known of any playbook: the list goes on without."""
    write_document(space.effects, document(params, 0, pd.DataFrame()))


def starts(space: Workspace) -> pd.DataFrame:
    """One row per intervention that this run may know of: account_id, playbook, started_on, cost."""
    tables = load(space.tables)
    known = begun_interventions(tables, seen_until(space)) if "interventions" in tables else None
    if known is None:
        return pd.DataFrame(columns=["account_id", "playbook", "started_on", "cost"])
    frame: pd.DataFrame = known.to_pandas()
    return frame.assign(started_on=pd.to_datetime(frame["started_on"]))


def compared(space: Workspace, params: Params, begun: pd.DataFrame) -> pd.DataFrame:
    """`comparison_rows` of the dates whose outcome is known, with features, the churn probability of their time, and
    what became of use and revenue."""
    labels = labels_at(space, seen_until(space))
    scores = read(space.predictions, [*KEYS, "churn_probability"])
    known = labels[complete_dates(labels)].merge(scores, on=KEYS, validate="one_to_one")
    settings = params.effects
    rows = comparison_rows(known, begun, params.snapshots.every_days, settings.comparable_per_start, params.seed)
    known = rows.merge(read_some(space.features, rows[KEYS]), on=KEYS, validate="one_to_one")
    if not space.account_weeks.exists():
        return known
    panel = WeekPanel(read(space.account_weeks), seen_until(space))
    return with_changes(known, panel, params.snapshots.every_days, weeks_of(params.labels.horizon_days))


def document(params: Params, begun: int, rows: pd.DataFrame) -> EffectsDocument:
    """The content of effects.json, from the rows that are compared (empty: none)."""
    records = effects(rows, params.effects, params.threads, params.seed) if len(rows) else []
    judged = rows.loc[rows["playbook"] != UNTREATED, "started_on"] if len(rows) else pd.Series(dtype="datetime64[s]")
    horizon = params.labels.horizon_days
    return EffectsDocument(
        effects=records,
        horizon_days=horizon,
        started_from=str(judged.min().date()) if len(judged) else None,
        started_until=str(judged.max().date()) if len(judged) else None,
        not_judged=begun - len(judged),
        words=effect_sentences(records, horizon),
    )
