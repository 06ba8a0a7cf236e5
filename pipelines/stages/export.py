"""The weekly list as Parquet, CSV, spreadsheet and page, and run.json."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from typing import Any

import pandas as pd

from rind.common.files import write_json, write_text
from rind.features.account_snapshot import standing
from rind.features.families import FAMILIES
from rind.features.storage import load
from rind.models.common.calendar import CALENDAR
from rind.models.watermelons.flags import flag, threshold_at, withheld_at
from rind.models.watermelons.risk_context import inside
from rind.pipelines import tracking
from rind.pipelines.data import of_date, read, read_dates, read_json, write
from rind.pipelines.health_inputs import health_spec
from rind.pipelines.labels_as_known import labels_at, outcomes
from rind.pipelines.params import Params
from rind.pipelines.pictures import charts, draw
from rind.pipelines.runner import Progress, main, seconds
from rind.pipelines.training_inputs import catalogue, label_window
from rind.pipelines.watermelon_inputs import watermelon_rule
from rind.pipelines.workspace import Workspace
from rind.reports.charts import AnyChart, family_importance, health_quadrant
from rind.reports.excel import write_workbook
from rind.reports.facts import RunFacts, measures
from rind.reports.page import PageContext, render_page
from rind.reports.playbooks import PlaybookRule, choose
from rind.reports.risk_list import Bands, changes, rank, risk_bands
from rind.reports.sentences import family_totals, reasons, strongest_family
from rind.reports.summary import summarise
from rind.reports.tables import write_csv
from rind.reports.watermelon_section import baselines, missed
from rind.reports.watermelon_text import melon_words, missing_words

PACKAGES = ("rind", "lightgbm", "scikit-learn", "pandas", "numpy", "ibis-framework", "duckdb", "mlflow", "shap")

COMPARED = (
    "rank", "account_id", "name", "segment", "csm", "mrr", "term_ends_on", "churn_probability", "risk_band",
    "mrr_at_risk", "health_score", "health_band", "watermelon",
)  # fmt: skip
"""What is kept of the list of the date before."""

SAID_OF_THE_RUN = ("company", "horizon_days", "red_from", "amber_from", "model", "notes")
"""What run.json keeps of the facts that the page and the workbook print, for who prints them again."""


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Assemble the list of the scoring date, compare it with the list of the date before, and write it four ways."""
    dates, bands = read_dates(space.dates), _bands(space, params)
    scored = _scored(space, params, dates)
    earlier = scored[scored["as_of"] == pd.Timestamp(dates["previous"])]
    now = scored[scored["as_of"] == pd.Timestamp(dates["as_of"])].set_index("account_id", drop=False)
    explanations = read(space.explanations)
    progress("reasons")
    values = read(space.features, days=[dates["as_of"]]).set_index("account_id")
    totals = family_totals(explanations).reindex(now.index)
    now = now.join(_reasons(space, values, explanations))
    found_bands = risk_bands(now["churn_probability"], bands)
    rules = [PlaybookRule(p.family, p.segment, p.band, p.do) for p in params.playbooks]
    causes = family_totals(explanations[~explanations["feature"].isin(CALENDAR)]).reindex(now.index)
    now["playbook"] = choose(strongest_family(causes), now["segment"], found_bands, rules)
    history = _own_history(space)
    known = history.assign(churned=outcomes(space, history).at(dates["as_of"]))
    now = now.join(inside(now, known, _base_rate(space, params), params.watermelons.fewest_accounts))
    facts_of = _first_cause(space, values, now[now["watermelon"]], explanations)
    now = now.join(melon_words(now, causes, facts_of, health_spec(params).green_from))
    drop = ["as_of", "margin", "model_version", "watermelon_threshold"]
    before = rank(earlier.drop(columns=drop), bands) if len(earlier) else None
    listed = rank(now.drop(columns=drop).reset_index(drop=True), bands, before)
    progress("writing")
    write(listed, space.risk_list)
    write(_previous(listed, before, dates["previous"]), space.previous_list)
    write_csv(space.risk_list_csv, listed)
    facts, summary = _facts(space, params, dates, bands), summarise(listed, dates["as_of"])
    write_workbook(space.risk_list_xlsx, listed, summary, facts)
    moved = changes(listed, before, params.risk.watch_top)
    pictures = _charts(space, params, listed, totals, bands)
    record = baselines(read_json(space.metrics)["watermelons"])
    gone = missed(*_post_mortem(space))
    write_text(
        space.risk_list_html,
        render_page(PageContext(facts, listed, summary, moved, pictures, params.page.top, record=record, missed=gone)),
    )
    draw(space, space.plots)
    write_json(space.run, _record(space, params, dates, facts))


def _previous(listed: pd.DataFrame, before: pd.DataFrame | None, day: date) -> pd.DataFrame:
    """The list of the date before by the same model, for who compares: mails, pages, the results store."""
    told = before if before is not None else listed.iloc[:0]
    return told[list(COMPARED)].assign(as_of=pd.Timestamp(day))


def _scored(space: Workspace, params: Params, dates: dict[str, date]) -> pd.DataFrame:
    """Both cohorts: who they are, their probability, health as it stood, and the watermelon flag."""
    keys = ["account_id", "as_of"]
    scores = read(space.scores)
    health = read(space.health)
    history = _own_history(space)
    flagged = []
    told = outcomes(space, history)
    healthy = scores.merge(health, on=keys, how="left")
    for day in (dates["previous"], dates["as_of"]):
        known = history.assign(churned=told.at(day))
        threshold = threshold_at(known, watermelon_rule(params), day)
        if "watermelon_candidate" in known and withheld_at(known, watermelon_rule(params), day):
            threshold = float("inf")
        flagged.append(flag(healthy[healthy["as_of"] == pd.Timestamp(day)], threshold))
    tables = load(space.tables)
    spine = tables["usage"].get_backend().read_parquet(str(space.snapshots))
    spine = spine.semi_join(of_date([dates["as_of"], dates["previous"]], "as_of"), "as_of")
    who = standing(spine, tables).to_pandas()
    who["as_of"] = pd.to_datetime(who["as_of"]).astype(scores["as_of"].dtype)
    return who.merge(pd.concat(flagged), on=keys, validate="one_to_one")


def _own_history(space: Workspace) -> pd.DataFrame:
    """The backtest of the model that scored: a threshold holds for the probabilities that it was chosen on."""
    registered, version = read_json(space.registered), _scored_by(space)
    if version == registered["version"]:
        return read(space.backtest)
    with tracking.store(space) as mlflow:
        theirs = tracking.artifact_of(mlflow, registered["name"], version, "backtest.parquet")
    return read(space.backtest) if theirs is None else theirs.assign(as_of=pd.to_datetime(theirs["as_of"]))


def _reasons(space: Workspace, values: pd.DataFrame, explanations: pd.DataFrame) -> pd.DataFrame:
    calendar = explanations["feature"].isin(CALENDAR)  # told once, by the strongest
    nearest = explanations[calendar].sort_values("shap_value").drop_duplicates("account_id", keep="last")
    return reasons(catalogue(space), values, pd.concat([explanations[~calendar], nearest]))


def _first_cause(space: Workspace, values: pd.DataFrame, melons: pd.DataFrame, explanations: pd.DataFrame) -> pd.Series:
    """The strongest fact of each watermelon that is not the calendar's."""
    causes = explanations[~explanations["feature"].isin(CALENDAR) & explanations["account_id"].isin(melons.index)]
    return reasons(catalogue(space), values.loc[melons.index], causes, count=1)["reason_1"]


def _post_mortem(space: Workspace) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, str], dict[str, str]]:
    """Green churn, the features of the last dates, the catalogue, who is who, and each family's tables."""
    gone = read(space.green_churn)
    keys = ["account_id", "as_of"]
    then = read(space.features, days=gone["as_of"].dt.date.unique()) if len(gone) else gone[keys]
    values = gone[keys].merge(then, on=keys, how="left")
    accounts = pd.read_parquet(space.tables / "accounts.parquet", columns=["account_id", "name"])
    names = dict(zip(accounts["account_id"], accounts["name"], strict=True))
    return gone, values, catalogue(space), names, {n: ", ".join(f.NEEDS) for n, f in FAMILIES.items()}


def _base_rate(space: Workspace, params: Params) -> float:
    """Share of the snapshots that left, of outcomes that were known on the scoring date."""
    as_of = read_dates(space.dates)["as_of"]
    labels, last = labels_at(space, as_of), label_window(params).last_trainable(as_of)
    rate = float(labels.loc[labels["as_of"] <= pd.Timestamp(last), "churned"].mean())
    return rate if rate > 0 else params.risk.unknown_base_rate


def _bands(space: Workspace, params: Params) -> Bands:
    """Thresholds as multiples of the base rate."""
    base = _base_rate(space, params)
    red = min(params.risk.red_times_base * base, params.risk.red_at_most)
    return Bands(red_from=red, amber_from=min(params.risk.amber_times_base * base, red))


def _facts(space: Workspace, params: Params, dates: dict[str, date], bands: Bands) -> RunFacts:
    metrics, registered = read_json(space.metrics), read_json(space.registered)
    validation = read_json(space.validation)
    melons, moments = metrics["watermelons"], read_json(space.true_north)
    health = read(space.health, ["as_of", "health_missing"])
    missing = health.loc[health["as_of"] == pd.Timestamp(dates["as_of"]), "health_missing"]
    return RunFacts(
        company=params.source.title,
        as_of=dates["as_of"],
        data_end=dates["data_end"],
        horizon_days=params.labels.horizon_days,
        red_from=bands.red_from,
        amber_from=bands.amber_from,
        measures=measures(metrics["model"], metrics["baseline"]),
        model=f"{registered['name']} version {_scored_by(space)} (this training is version {registered['version']}, "
        f"{registered['alias']})",
        left_out=read_json(space.catalogue)["left_out"],
        notes=tuple(
            t
            for t in (
                _few_churned(space),
                _renewals(metrics),
                melons.get("words"),
                missing_words(missing),
                moments.get("words"),
                *validation["notes"],
            )
            if t
        ),
    )


def _scored_by(space: Workspace) -> str:
    """The version of the model that made the list."""
    return str(read(space.scores, ["model_version"])["model_version"].iloc[0])


def _few_churned(space: Workspace) -> str:
    """Say that the boosting was left out, where too few accounts left to fit it."""
    notes = read_json(space.model / "scorer.json")["notes"]
    if notes["model"] != "logistic":
        return ""
    return f"Only {notes['churned_accounts']} churned accounts to learn from: the logistic regression stands alone."


def _renewals(metrics: dict[str, Any]) -> str:
    """How far the order holds where a decision is due: the calendar alone ranks the rest."""
    auc = metrics["renewals"].get("model", {}).get("auc", {})
    if auc.get("low") is None:
        return ""
    return (
        f"Among accounts whose term ends inside the horizon the AUC is {auc['value']:.2f} ({auc['low']:.2f} to "
        f"{auc['high']:.2f}); the rest of the skill is knowing whose term ends."
    )


def _charts(
    space: Workspace, params: Params, listed: pd.DataFrame, totals: pd.DataFrame, bands: Bands
) -> dict[str, AnyChart]:
    titles = {"reliability": "Can the probabilities be trusted?", "gains": "How much churn the top of the list holds"}
    titles["folds"] = "Ranking through time"
    titles |= {
        "melon_recall": "Watermelons: how much green churn was flagged before",
        "melon_lead": "Watermelons: how early",
        "melon_trade_off": "Watermelons: what more flags would find, and cost",
    }
    found = {titles[name]: chart for name, chart in charts(space).items()}
    mean = totals.abs().mean().rename("importance").rename_axis("family").reset_index()
    found["What moves the scores"] = family_importance(mean)
    if listed["health_score"].notna().any():
        green = health_spec(params).green_from
        found["Green outside, red inside"] = health_quadrant(listed, green, bands.red_from)
    return found


def _record(space: Workspace, params: Params, dates: dict[str, date], facts: RunFacts) -> dict[str, Any]:
    validation, registered = read_json(space.validation), read_json(space.registered)
    return {
        "source": validation["source"],
        "data_end": dates["data_end"],
        "as_of": dates["as_of"],
        "previous_as_of": dates["previous"],
        "facts": {name: getattr(facts, name) for name in SAID_OF_THE_RUN},
        "tables": validation["rows"],
        "absent_tables": validation["absent"],
        "families_left_out": read_json(space.catalogue)["left_out"],
        "parameters": params.record(),
        "versions": {name: version(name) for name in PACKAGES},
        "seconds": seconds(space),
        "manifest": space.manifest(),
        "mlflow": registered,
        "scored_by": {"name": registered["name"], "version": _scored_by(space)},
    }


if __name__ == "__main__":
    main("export", run)
