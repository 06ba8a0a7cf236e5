"""run.json: what was run, and the size and hash of every other result."""

from __future__ import annotations

from importlib.metadata import version

from rind.common.facts.run import RunRecord
from rind.common.run_record import SCHEMA
from rind.pipelines.cohorts import scoring_version
from rind.pipelines.data import read_dates, read_json, write_document
from rind.pipelines.params import Params
from rind.pipelines.parts import parts_missing
from rind.pipelines.runner import Progress, seconds
from rind.pipelines.workspace import Workspace
from rind.reports.facts import RECORDED

PACKAGES = ("rind", "lightgbm", "scikit-learn", "pandas", "numpy", "ibis-framework", "duckdb", "mlflow", "shap")

OF_ENGINE = {"duckdb": (), "spark": ("pyspark",)}


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write run.json, after every other result: it tells a reader which files are of one week."""
    del progress
    dates, facts = read_dates(space.dates), read_json(space.facts)
    validation, registered = read_json(space.validation), read_json(space.registered)
    record: RunRecord = {
        "schema": SCHEMA,
        "source": validation["source"],
        "data_end": str(dates["data_end"]),
        "as_of": str(dates["as_of"]),
        "previous_as_of": str(dates["previous"]),
        "facts": {name: facts[name] for name in RECORDED},
        "tables": validation["rows"],
        "absent_tables": validation["absent"],
        "families_left_out": facts["left_out"],
        "parameters": params.record(),
        "versions": {name: version(name) for name in (*PACKAGES, *OF_ENGINE[params.engine.name])},
        "seconds": seconds(space),
        "parts_missing": parts_missing(space),
        "manifest": space.manifest(),
        "mlflow": registered,
        "scored_by": {"name": registered["name"], "version": scoring_version(space)},
    }
    write_document(space.run, record)
