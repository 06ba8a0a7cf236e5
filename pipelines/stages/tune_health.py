"""New weights for the health score with their evidence: as JSON, as a patch of the parameters, and as a page."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rind.common.errors import UsageError
from rind.common.files import write_text
from rind.models.common.calendar import CELL, DAYS_TO_TERM_END, TERM_DAYS, cells
from rind.models.common.frames import KEYS
from rind.models.health.tuning import Tuning, adopted, moves_record, tune
from rind.pipelines.data import read, read_json, write_document
from rind.pipelines.health_inputs import curve_features
from rind.pipelines.labels_as_known import first_unknown, labels_at, seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.health_page import HealthContext, render_health
from rind.reports.health_patch import patch
from rind.reports.health_text import health_record


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Tune on what the pipeline's workspace holds."""
    labels = labels_at(space, seen_until(space))
    names = pd.read_parquet(space.tables / "accounts.parquet", columns=["account_id", "name"])
    _tune(space, params, labels, names, progress)


def run_on_results(space: Workspace, params: Params, progress: Progress) -> None:
    """Tune on what `rind run` left in its folder, as far as that run could know it; run.json vouches for the result."""
    for needed in (space.family_shap, space.known_labels):
        if not needed.exists():
            hint = "run `rind run` on it again"
            raise UsageError(f"{space.root} holds no {needed.name}: an older run made it", hint)
    record = read_json(space.run)
    as_of, data_end = (date.fromisoformat(record[name]) for name in ("as_of", "data_end"))
    labels = labels_at(space, first_unknown(as_of, data_end))
    _tune(space, params, labels, read(space.risk_list, ["account_id", "name"]), progress)
    changed = space.manifest(path.name for path in (space.health_score, space.health_params, space.health_page))
    write_document(space.run, record | {"manifest": record.get("manifest", {}) | changed})  # else nobody would trust it


def tuning(params: Params) -> Tuning:
    """How weights are proposed, from the sections that own its parts."""
    return Tuning(
        settings=params.health.tuning,
        bounds=params.health.bounds,
        embargo_days=params.labels.observed_after.days,
        draws=params.metrics.bootstrap_draws,
        seed=params.seed,
    )


def _tune(space: Workspace, params: Params, labels: pd.DataFrame, names: pd.DataFrame, progress: Progress) -> None:
    features = curve_features(space, params).merge(labels[[*KEYS, "churned"]], on=KEYS, validate="one_to_one")
    near = read(space.features, [*KEYS, DAYS_TO_TERM_END, TERM_DAYS])
    near[CELL] = cells(near.pop(DAYS_TO_TERM_END), near.pop(TERM_DAYS))
    features = features.merge(near, on=KEYS, validate="one_to_one")
    progress("fit and evidence")
    today = params.health
    proposal = tune(features, read(space.family_shap), today, tuning(params))
    moves = moves_record(proposal.moves, dict(zip(names["account_id"], names["name"], strict=True)))
    record = health_record(proposal.weights, proposal.bands, proposal.curves, proposal.segments, moves)
    everything, advised = adopted(today, proposal, all_of_it=True), adopted(today, proposal)
    horizon = params.labels.horizon_days
    described = {f["name"]: f["description"] for f in read_json(space.catalogue)["features"]}
    context = HealthContext(params.source.title, record, today.bounds, horizon, space.health_params.name, described)
    page = render_health(context)
    write_document(space.health_score, record)
    write_text(space.health_params, patch(record, today, everything, advised))
    write_text(space.health_page, page)
