"""Hold tables and results against what they honestly could be: guards.json."""

from __future__ import annotations

import pandas as pd

from rind.common.guards import as_record, of_records, refuse_if_asked
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.guards.result import model_guards
from rind.pipelines.data import read, read_dates, read_json, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.training_inputs import snapshots
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write guards.json; raise where a guard that fired is configured to refuse."""
    as_of = read_dates(space.dates)["as_of"]
    scores = read(space.scores, ["as_of", "churn_probability"])
    progress("features, skill, today's scores")
    findings = (
        *of_records(read_json(space.source_guards)),
        *model_guards(
            snapshots(space),
            lambda name: read(space.features, [name])[name].to_numpy("float64"),
            scores.loc[scores["as_of"] == pd.Timestamp(as_of), "churn_probability"],
            read(space.explanations, ["feature", "shap_value"], repeated=["feature"]),
            read_json(space.metrics),
            scored_past(space),
            as_of,
            params.guards.model,
        ),
    )
    refuse_if_asked(findings)
    write_document(space.guards, as_record(findings))


def scored_past(space: Workspace) -> pd.DataFrame:
    """The reported past of dates with all their outcomes, where it was explained whatever became of the account."""
    past = read(space.predictions, [*KEYS, "churn_probability", "churned", "reported"])
    known = past[past["reported"] & complete_dates(past)]
    explained = read(space.family_shap)
    if "sampled" not in explained:  # no fold could be explained
        return known.iloc[:0]
    return known.merge(explained[explained["sampled"]], on=KEYS, validate="one_to_one")
