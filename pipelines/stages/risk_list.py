"""The weekly list: who is at risk, why, and what to do; and what the reports say of the run."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rind.common.facts.run import FactsRecord
from rind.common.facts.source import SET_ASIDE
from rind.common.guards import of_records
from rind.common.themes import matter_of
from rind.features.storage import load
from rind.features.under_way import under_way
from rind.models.common.calendar import CALENDAR
from rind.models.evaluation.risk_bands import Bands, bands_around, base_rate, risk_bands
from rind.models.evaluation.worth import order_keys, within_capacity
from rind.models.outcomes.expected_loss import expected_loss
from rind.models.watermelons.risk_context import inside
from rind.pipelines.cohorts import own_history, scored_cohorts, scoring_version
from rind.pipelines.data import of_date, read, read_dates, read_json, write, write_document
from rind.pipelines.labels_as_known import labels_at, outcomes
from rind.pipelines.params import Params
from rind.pipelines.parts import missing_sentences, parts_missing
from rind.pipelines.runner import Progress
from rind.pipelines.training_inputs import catalogue
from rind.pipelines.workspace import Workspace
from rind.reports.guard_text import guard_notes, too_good, withheld
from rind.reports.moves import move_sentences
from rind.reports.notes import missing_answers, only_logistic, renewals, without_reasons
from rind.reports.outcome_text import outcome_notes
from rind.reports.playbooks import choose, people
from rind.reports.reasons import list_reasons
from rind.reports.risk_list import COMPARED, rank
from rind.reports.sentences import family_totals
from rind.reports.usual import usual_values
from rind.reports.watermelon_text import watermelon_sentences

LEFT_BEHIND = ["as_of", "margin", "model_version", "watermelon_threshold"]
"""Columns of the scored cohort that the list does not show."""

ALWAYS_LISTED = ("contraction", "expansion")
"""Outcomes whose column is in the list whatever params.yaml names."""

OF_THE_FIRST = ["theme", "matter", "family"]
"""What the playbook asks of the first reason."""


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write risk_list.parquet, previous_list.parquet (the date before, by the same model), usual.json, facts.json."""
    dates, rate = read_dates(space.dates), _base_rate(space, params)
    bands = bands_around(rate, params.risk.red_times_base, params.risk.amber_times_base, params.risk.red_at_most)
    scored = scored_cohorts(space, params, dates)
    scored["risk_band"] = risk_bands(scored["churn_probability"], bands)
    earlier = scored[scored["as_of"] == pd.Timestamp(dates["previous"])]
    now = scored[scored["as_of"] == pd.Timestamp(dates["as_of"])].set_index("account_id", drop=False)
    now = now.join(read(space.horizons).drop(columns="as_of").set_index("account_id"))
    progress("reasons")
    now = _explained(space, params, now, dates, rate).join(_outcomes(space, now))
    earlier, now = (_with_worth(rows, params) for rows in (earlier, now))
    before = rank(earlier.drop(columns=LEFT_BEHIND)) if len(earlier) else None
    listed = rank(now.drop(columns=LEFT_BEHIND).reset_index(drop=True), before)
    listed["within_capacity"] = within_capacity(listed["csm"], params.capacity.per_csm)
    kept_back = read_json(space.guards)["answer"] == "withhold"
    write(listed.iloc[:0] if kept_back else listed, space.risk_list)
    compared = before if before is not None and not kept_back else listed.iloc[:0]
    write(_as_published(compared[list(COMPARED)], read(space.published), dates["previous"]), space.previous_list)
    write_document(space.facts, _facts(space, params, dates, bands, now))


def _as_published(earlier: pd.DataFrame, published: pd.DataFrame, day: date) -> pd.DataFrame:
    """The list of ``day`` by today's model with what the list of that day said, where one was published."""
    then = published[published["as_of"] == pd.Timestamp(day)].set_index("account_id")["churn_probability"]
    probability = earlier["account_id"].map(then).astype("float64")
    return earlier.assign(as_of=pd.Timestamp(day), published_probability=probability)


def _explained(
    space: Workspace, params: Params, now: pd.DataFrame, dates: dict[str, date], rate: float
) -> pd.DataFrame:
    """The cohort (index account_id) with reasons, the next step, what moved, and what is said of watermelons."""
    texts = ["account_id", "feature", "family"]
    explanations = read(space.explanations, [*texts, "apart", "moved_points"], repeated=texts)
    described = catalogue(space)
    features = read(space.features, days=[dates["previous"], dates["as_of"]])
    values, before = (
        features[features["as_of"] == pd.Timestamp(dates[day])].set_index("account_id") for day in ("as_of", "previous")
    )
    values = values.reindex(now.index)
    write_document(space.usual, usual_values(described, values, now["segment"]))
    now = now.join(list_reasons(described, values, explanations, now["segment"], params.reasons))
    now = now.join(move_sentences(described, values, before, explanations, CALENDAR))
    effects = read_json(space.effects)["effects"]
    running = _under_way(space, params, dates["as_of"])
    now["playbook"] = choose(_playbook_facts(now, values), running, params.playbooks, effects)
    now["under_intervention"] = now.index.isin(running["account_id"])
    beyond_control = [f for f in explanations["feature"].unique() if matter_of(f).theme == "context"]
    causes = explanations[~explanations["feature"].isin(beyond_control)]
    totals = family_totals(causes.assign(shap_value=causes["apart"])).reindex(now.index)
    history = own_history(space, params.tracking)
    known = history.assign(churned=outcomes(space, history).at(dates["as_of"]))
    now = now.join(inside(now, known, rate, params.watermelons.fewest_accounts))
    told = now[now["watermelon"] & now["theme"].notna()]
    words = watermelon_sentences(now, totals, told["reason_1"], told["family"], params.health.green_from)
    return now.join(words).drop(columns=OF_THE_FIRST)


def _with_worth(rows: pd.DataFrame, params: Params) -> pd.DataFrame:
    """The rows with what acting is expected to keep, and with what ``risk.order`` sorts them by."""
    keys = order_keys(rows["churn_probability"], rows["mrr"], params.worth)
    return rows.assign(expected_value_saved=keys["expected_value"], order_key=keys[params.risk.order])


def _outcomes(space: Workspace, now: pd.DataFrame) -> pd.DataFrame:
    """Of each outcome <name>_probability and <name>_reasons (empty where it cannot be foreseen); mrr_expected_loss."""
    summaries = read_json(space.outcome_summary)["outcomes"]
    scores = read(space.outcome_scores).set_index("account_id")
    texts_of = scores[["reason_1", "reason_2", "reason_3"]].itertuples(index=False)  # perhaps no outcome has any score
    scores["reasons"] = pd.Series(
        [". ".join(t for t in texts if pd.notna(t) and t) for texts in texts_of], scores.index
    )
    names = dict.fromkeys([*ALWAYS_LISTED, *(summary["name"] for summary in summaries)])
    of = {name: scores[scores["outcome"] == name].reindex(now.index) for name in names}
    probability = pd.DataFrame({name: rows["probability"] for name, rows in of.items()}, dtype="float64")
    reasons = pd.DataFrame({f"{name}_reasons": rows["reasons"] for name, rows in of.items()}, dtype="str")
    falls = {s["name"]: s for s in summaries if s["when"] == "mrr_falls" and s["mean_change"] is not None}
    chances = {name: probability[name].fillna(s["base_rate"] or 0.0) for name, s in falls.items()}
    changes = {name: s["mean_change"] for name, s in falls.items()}
    loss = expected_loss(now["mrr"], now["churn_probability"], chances, changes)
    return probability.add_suffix("_probability").join(reasons).assign(mrr_expected_loss=loss)


def _playbook_facts(now: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """What the lines of the playbook ask for."""
    days_left = (pd.to_datetime(now["term_ends_on"]) - now["as_of"]).dt.days
    return now[[*OF_THE_FIRST, "segment"]].assign(band=now["risk_band"], days_left=days_left).join(people(values))


def _under_way(space: Workspace, params: Params, as_of: date) -> pd.DataFrame:
    """One row per intervention that runs on the scoring date: account_id, playbook, started_on."""
    tables = load(space.tables)
    spine = tables["usage"].get_backend().read_parquet(str(space.snapshots))
    running = under_way(spine.semi_join(of_date([as_of], "as_of"), "as_of"), tables, params.reasons.under_way_days)
    if running is None:
        return pd.DataFrame(columns=["account_id", "playbook", "started_on"])
    interventions: pd.DataFrame = running.to_pandas()
    return interventions


def _base_rate(space: Workspace, params: Params) -> float:
    as_of = read_dates(space.dates)["as_of"]
    last_known = params.labels.last_trainable(as_of)
    return base_rate(labels_at(space, as_of), last_known, params.risk.unknown_base_rate)


def _facts(space: Workspace, params: Params, dates: dict[str, date], bands: Bands, now: pd.DataFrame) -> FactsRecord:
    """What the page, the workbook and serving say of the run: the fields of `reports.facts.RunFacts`."""
    metrics, registered, validation = read_json(space.metrics), read_json(space.registered), read_json(space.validation)
    health = read(space.health, ["as_of", "health_missing"])
    findings = of_records(read_json(space.guards)["fired"])
    missing = health.loc[health["as_of"] == pd.Timestamp(dates["as_of"]), "health_missing"]
    of_source = validation["notes"]
    leading = (
        *guard_notes(findings),
        *missing_sentences(parts_missing(space)),
        only_logistic(read_json(space.model / "scorer.json")["notes"]),
        renewals(metrics),
        without_reasons(now[now["risk_band"] == "red"]),
        metrics["watermelons"].get("words"),
        *(note for note in of_source if note.startswith(SET_ASIDE)),
    )
    further = (
        missing_answers(missing),
        (read_json(space.true_north) if space.true_north.exists() else {}).get("words"),
        *outcome_notes(read_json(space.outcome_summary)["outcomes"]),
        *(note for note in of_source if not note.startswith(SET_ASIDE)),
    )
    return {
        "company": params.source.title,
        "as_of": str(dates["as_of"]),
        "data_end": str(dates["data_end"]),
        "horizon_days": params.labels.horizon_days,
        "red_from": bands.red_from,
        "amber_from": bands.amber_from,
        "model": f"{registered['name']} version {scoring_version(space)} (this training is version "
        f"{registered['version']}, {registered['alias']})",
        "left_out": read_json(space.catalogue)["left_out"],
        "notes": [note for note in leading if note],
        "further_notes": [note for note in further if note],
        "withheld": withheld(findings),
        "too_good": too_good(findings),
        "currency": validation["currency"],
    }
