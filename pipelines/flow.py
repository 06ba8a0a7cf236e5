"""The weekly flow, described once: every stage with what it reads, its parameters and its place in the order.

`dvc.yaml` is generated from it (`python -m rind.pipelines.flow` writes it), `rind run` follows it, and each stage sees
only the places and the parameters that it declares here: what is not declared cannot be read. What a stage writes
stands with the result itself, in `common.results`.

    source -> validate -> snapshots -> features (family by family) -> matrix
           -> labels -> search -> backtest -> health -> tune_health -> watermelons -> evaluate -> register -> score
           -> horizons -> guards -> outcomes -> monitor -> account_weeks -> effects -> early_behaviour -> true_north
           -> adoption -> true_north_page -> risk_list -> ledger -> timeline -> kpis -> forecast -> advocates -> voice
           -> personas -> report -> manifest -> promote
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rind.common.files import write_text
from rind.common.results import RESULTS
from rind.features.families import FAMILIES
from rind.features.tables import TABLES
from rind.pipelines.dependencies import files_of, summary_of
from rind.pipelines.flow_stage import Stage
from rind.pipelines.params import Params
from rind.pipelines.personal.page import personal_page
from rind.pipelines.results_page import results_page

SOURCE = "${source.watch}"
"""What DVC watches for change instead of a result: the source that params.yaml names."""

EVERYTHING = tuple(name for name, result in RESULTS.items() if result.public and result.made_by != "manifest")
"""What run.json vouches for."""

PLOTS = tuple(name for name, result in RESULTS.items() if result.plot)


FAMILY_SETTINGS = ("labels.horizon_days", "labels.grace_days", "renewals", "money")
"""What `pipelines.family_settings` reads."""


def _family(name: str) -> Stage:
    """The stage of one feature family: it reads the tables that the family names."""
    family = FAMILIES[name]
    return Stage(
        f"features_{name}",
        reads=("snapshots",),
        tables=tuple(sorted({*family.NEEDS, *family.USES})),
        parameters=FAMILY_SETTINGS,
        unwatched=("feature_store",),
        module="family",
        family=name,
    )


LABELS = ("labels", "known_labels", "dates")
MATRIX = ("features", "catalogue", *LABELS)
TRAINED_ON = (*MATRIX, "under_intervention")

RECORDED = tuple(Params.recorded_sections())
"""Sections that MLflow and run.json keep."""

FLOW: tuple[Stage, ...] = (
    Stage("demo", parameters=("demo",)),
    Stage(
        "validate",
        parameters=(
            "source", "accounts", "money", "validation", "labels", "snapshots", "backtest.refit_every_days",
            "backtest.min_train_dates", "guards.source",
        ),
        watches_source=True,
    ),
    Stage("snapshots", ("validation",), tables=("subscriptions", "usage"), parameters=("snapshots",)),
    *(_family(name) for name in FAMILIES),
    Stage(
        "features_plugins",
        ("snapshots",),
        tables=(*sorted(TABLES), "tables"),
        parameters=("plugins", *FAMILY_SETTINGS),
        module="plugins",
    ),
    Stage("matrix", ("snapshots", "own_families"), tables=("tables",)),
    Stage(
        "labels", ("snapshots", "dates"),
        tables=("interventions", "subscriptions"),
        parameters=("labels", "reasons.under_way_days"),
    ),
    Stage("search", TRAINED_ON, parameters=("seed", "threads", "labels", "backtest", "model")),
    Stage(
        "backtest", (*TRAINED_ON, "hyperparameters"), parameters=("seed", "threads", "labels", "backtest", "model")
    ),
    Stage("health", ("features", "catalogue"), tables=("health_scores", "tables"), parameters=("health",)),
    Stage(
        "tune_health", adds=True,
        reads=(*MATRIX, "family_shap"),
        tables=("accounts",),
        parameters=("health", "labels", "metrics", "seed", "source"),
    ),
    Stage(
        "watermelons", adds=True,
        reads=(*LABELS, "family_shap", "predictions", "health", "features"),
        parameters=("watermelons", "labels", "metrics", "seed"),
    ),
    Stage(
        "evaluate",
        ("backtest", "dates", "green_churn", "features", "model", "under_intervention", "watermelons"),
        tables=("accounts",),
        parameters=("labels", "metrics", "model.intervention_weight", "seed", "worth", "capacity"),
    ),
    Stage(
        "register",
        (*MATRIX, "backtest", "metrics", "model", "hyperparameters", "validation", *PLOTS),
        parameters=("model", "labels", "metrics", "promotion", "seed"),
        unwatched=(*RECORDED, "tracking"),
    ),
    Stage("score", ("features", "dates", "registered"), parameters=("reasons",), unwatched=("tracking",)),
    Stage(
        "horizons", adds=True,
        reads=(*MATRIX, "predictions", "scores", "model"),
        parameters=("horizons", "labels", "metrics", "seed", "threads"),
    ),
    Stage(
        "guards",
        (
            *LABELS, "features", "metrics", "scores", "explanations", "source_guards", "predictions", "family_shap",
        ),
        parameters=("guards.model",),
    ),
    Stage(
        "outcomes", adds=True,
        reads=("snapshots", "features", "catalogue", "hyperparameters", "dates", "under_intervention"),
        tables=("invoices", "rates", "subscriptions", "tables"),
        parameters=(
            "outcomes", "outcome_models", "labels", "backtest", "model", "metrics", "money", "promotion", "reasons",
            "seed", "threads",
        ),
        unwatched=("tracking",),
    ),
    Stage(
        "monitor", adds=True,
        reads=(*LABELS, "features", "backtest", "scores", "explanations", "guards"),
        parameters=("monitor", "metrics", "seed"),
    ),
    Stage(
        "account_weeks", adds=True,
        reads=("snapshots", "dates"),
        tables=("rates", "subscriptions", "surveys", "tickets", "usage"),
        parameters=("labels.grace_days", "money"),
    ),
    Stage(
        "effects", adds=True,
        reads=(*LABELS, "features", "predictions", "account_weeks"),
        tables=("accounts", "interventions"),
        parameters=("effects", "labels", "seed", "snapshots", "threads"),
    ),
    Stage(
        "early_behaviour", adds=True,
        reads=("dates",),
        tables=(
            "accounts", "contacts", "interactions", "product_features", "rates", "subscriptions", "tickets", "usage",
        ),
        parameters=("true_north", "labels", "backtest", "money"),
    ),
    Stage(
        "true_north", adds=True,
        reads=("early", "cohorts", "dates"),
        parameters=("true_north", "model", "seed"),
        unwatched=("tracking",),
    ),
    Stage(
        "adoption", adds=True,
        reads=("early", "cohorts", "past_cohorts", "true_north", "dates"),
        parameters=(
            "true_north", "adoption", "labels", "backtest", "model", "metrics", "promotion", "seed", "threads",
        ),
        unwatched=("tracking",),
    ),
    Stage(
        "true_north_page", adds=True,
        reads=("true_north", "moments", "adoption", "adoption_metrics", "dates"),
        tables=("accounts",),
        parameters=("source",),
    ),
    Stage("published", adds=True, reads=("dates",)),
    Stage(
        "risk_list",
        (
            *LABELS, "published", "scores", "explanations", "health", "backtest", "features", "catalogue", "registered",
            "validation", "metrics", "model", "true_north", "snapshots", "guards", "horizons",
            "outcome_summary", "outcome_scores", "effects",
        ),
        tables=("accounts", "interventions", "rates", "subscriptions", "usage"),
        parameters=(
            "source", "labels", "renewals", "money", "risk", "worth", "capacity",
            "watermelons", "metrics", "seed", "health", "playbooks",
            "reasons",
        ),
        unwatched=("tracking",),
    ),
    Stage(
        "ledger",
        ("risk_list", "previous_list", "dates"),
        tables=("accounts", "rates", "subscriptions"),
        parameters=FAMILY_SETTINGS,
    ),
    Stage(
        "timeline", adds=True,
        reads=("snapshots", "dates"),
        tables=("contacts", "interventions", "rates", "subscriptions", "surveys", "tickets"),
        parameters=("page", "money"),
    ),
    Stage(
        "kpis", adds=True,
        reads=("health", "predictions", "dates", "early", "cohorts", "true_north"),
        works_without=("early", "cohorts", "true_north"),
        tables=("accounts", "costs", "rates", "subscriptions", "surveys", "tables", "tickets"),
        parameters=("book", "labels", "money"),
    ),
    Stage(
        "forecast", adds=True,
        reads=("predictions", "scores", "curves", "outcomes", "outcome_scores", "dates", "commitments"),
        tables=("accounts", "rates", "subscriptions"),
        parameters=("book", "outcomes", "outcome_models.every_days", "seed", *FAMILY_SETTINGS),
    ),
    Stage(
        "advocates", adds=True,
        reads=("risk_list", "features", "backtest", "dates"),
        tables=("accounts", "interventions", "product_features", "rates", "subscriptions", "surveys", "usage"),
        parameters=("advocates", "money"),
    ),
    Stage(
        "voice", adds=True,
        reads=("risk_list", "features", "green_churn", "dates"),
        tables=("accounts", "departures", "requests", "surveys"),
        parameters=("voice", "reasons", "labels", "seed"),
    ),
    Stage(
        "personas", adds=True,
        reads=("early", "cohorts", "dates"),
        tables=("accounts", "rates", "subscriptions", "surveys"),
        parameters=("personas", "true_north", "labels", "money", "seed"),
    ),
    Stage(
        "report",
        (
            "risk_list", "previous_list", "ledger", "facts", "dates", "explanations", "metrics", "green_churn",
            "features", "catalogue", "kpis", "forecast", "forecast_months", "commitments", *PLOTS,
        ),
        tables=("accounts",),
        parameters=("health", "risk", "page"),
    ),
    Stage(
        "manifest",
        (*EVERYTHING, "facts", "dates", "scores", "registered"),
        parameters=RECORDED,
    ),
    Stage(
        "promote",
        ("registered", "run", "adoption_registered", "moments_tracked", "outcomes_registered"),
        unwatched=("tracking",),
        after_publishing=True,
    ),
)  # fmt: skip
"""Every stage, in an order that works; the first one only in the DVC pipeline of the demo company."""

STAGES: dict[str, Stage] = {stage.name: stage for stage in FLOW}

WEEKLY: tuple[Stage, ...] = tuple(stage for stage in FLOW if stage.name != "demo")
"""What `rind run` does."""


def needed_by(stage: Stage) -> tuple[str, ...]:
    """The stages that may fail alone, with nothing in place of their results, and without which a stage cannot work."""
    makers = {RESULTS[name].made_by for name in stage.reads if name not in stage.works_without}
    return tuple(maker.name for maker in FLOW if maker.adds and maker.name in makers and not maker.falls_back)


def dvc_yaml(root: str = "data") -> str:
    """The flow as DVC reads it."""
    import yaml

    stages = {stage.name: _dvc_stage(stage, root) for stage in FLOW}
    return HEAD + yaml.safe_dump({"stages": stages}, sort_keys=False, width=120, allow_unicode=True)


HEAD = """\
# Generated from pipelines/flow.py and common/results/: edit those, then run `python -m rind.pipelines.flow`.
"""


def _dvc_stage(stage: Stage, root: str) -> dict[str, Any]:
    modules = (stage.module_name, *((f"rind.features.families.{stage.family}",) if stage.family else ()))
    if stage.name == "matrix":  # it joins whatever the families build
        modules += tuple(f"rind.features.families.{name}" for name in FAMILIES)
    read = [f"{root}/{RESULTS[name].path}" for name in stage.reads]
    read += [f"{root}/tables/{name}.{'json' if name == 'tables' else 'parquet'}" for name in stage.tables]
    if stage.name == "matrix":
        read += [f"{root}/families/{name}.parquet" for name in FAMILIES]
    deps = ([SOURCE] if stage.watches_source else []) + sorted({*read, *files_of(*modules)})
    outs, metrics, plots = _outputs(stage, root)
    parts = {"deps": deps, "params": list(stage.parameters), "outs": outs, "metrics": metrics, "plots": plots}
    described = {"desc": summary_of(stage.module_name), "cmd": f"python -m rind.pipelines.stage {stage.name}"}
    return described | {key: value for key, value in parts.items() if value}


def _outputs(stage: Stage, root: str) -> tuple[list[Any], list[Any], list[Any]]:
    """What DVC keeps, prints (`dvc metrics show`) and draws (`dvc plots show`)."""
    outs: list[Any] = [f"{root}/families/{stage.family}.parquet"] if stage.family else []
    metrics, plots = list[Any](), list[Any]()
    for result in stage.writes.values():
        path = f"{root}/{result.path}"
        if result.metrics:
            metrics.append({path: {"cache": False}})
        elif result.plot is not None:
            plots.append({path: {"cache": False, **_sorted(result.plot)}})
        else:
            outs.append({path: {"persist": True}} if result.remembers else path)
    return outs, metrics, plots


def _sorted(axes: Mapping[str, str]) -> dict[str, str]:
    return {name: axes[name] for name in sorted(axes)}


def main() -> None:
    """Write dvc.yaml, docs/results.md and docs/personal-data.md of this checkout."""
    root = Path(__file__).resolve().parents[1]
    write_text(root / "dvc.yaml", dvc_yaml())
    write_text(root / "docs/results.md", results_page())
    write_text(root / "docs/personal-data.md", personal_page())


if __name__ == "__main__":
    main()
