"""What a run leaves, held against "Outputs" of the data contract: every file, column, type and empty value."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from moment_company import QUICK, company

from rind.common.columns import Kind
from rind.common.results import RESULTS as ALL
from rind.common.results import TOP_LEVEL as RESULTS
from rind.models.moments.discovery import find
from rind.reports.playbooks import people

ID, TEXT, DAY, WHOLE, NUMBER, YES_NO = "id", "text", "day", "whole number", "number", "yes or no"
MAYBE = " or empty"

BANDS = {"red", "amber", "green"}
LIST = {
    "rank": WHOLE, "account_id": ID, "name": TEXT, "segment": TEXT + MAYBE, "csm": TEXT + MAYBE, "mrr": NUMBER,
    "term_ends_on": DAY + MAYBE, "churn_probability": NUMBER, "risk_band": TEXT, "mrr_at_risk": NUMBER,
    "health_score": NUMBER + MAYBE, "health_band": TEXT, "watermelon": YES_NO, "reason_1": TEXT, "reason_2": TEXT,
    "reason_3": TEXT, "playbook": TEXT + MAYBE, "rank_change": WHOLE + MAYBE,
    **{f"probability_{name}": NUMBER + MAYBE for name in ("30d", "180d", "low", "high")},
    "renewal_probability": NUMBER + MAYBE,
    "contraction_probability": NUMBER + MAYBE, "expansion_probability": NUMBER + MAYBE,
}  # fmt: skip
TABLES = {
    "features": {"account_id": ID, "as_of": DAY},
    "labels": {"account_id": ID, "as_of": DAY, "churned": WHOLE + MAYBE, "days_to_churn": WHOLE + MAYBE},
    "backtest": {
        "account_id": ID, "as_of": DAY, "fold": WHOLE, "trained_as_of": DAY, "churn_probability": NUMBER,
        "health_score": NUMBER + MAYBE, "health_band": TEXT, "watermelon": YES_NO, "churned": NUMBER + MAYBE,
    },
    "risk_list": LIST,
    "explanations": {
        "account_id": ID, "as_of": DAY, "feature": TEXT, "family": TEXT, "value": NUMBER + MAYBE, "shap_value": NUMBER,
    },
    "adoption": {"account_id": ID, "as_of": DAY, "adoption_probability": NUMBER, "next_step": TEXT},
}  # fmt: skip
"""File -> its columns in the contract's order, and what each holds."""


@pytest.fixture(scope="module")
def out(small_run: Path) -> Path:
    return small_run / "results"


def kind(type_: pa.DataType) -> set[str]:
    """What a column of that type may be said to hold."""
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return {TEXT, ID}
    if pa.types.is_integer(type_):
        return {WHOLE, NUMBER, ID}
    if pa.types.is_boolean(type_):
        return {YES_NO}
    return {NUMBER} if pa.types.is_floating(type_) else {DAY} if pa.types.is_date32(type_) else set()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_columns_of_the_contract_with_their_types_and_is_empty_only_where_it_may_be(
    out: Path, name: str
) -> None:
    table = pq.read_table(out / f"{name}.parquet")
    wrong = []
    for column, promised in TABLES[name].items():
        what, optional = promised.removesuffix(MAYBE), promised.endswith(MAYBE)
        if column not in table.column_names:
            wrong.append(f"{column} is missing")
        elif what not in kind(table[column].type):
            wrong.append(f"{column} is {table[column].type}, not a {what}")
        elif table[column].null_count and not optional:
            wrong.append(f"{column} is empty in {table[column].null_count} rows")
    assert not wrong


@pytest.mark.parametrize("name", [name for name in RESULTS if name.endswith(".parquet")])
def test_what_is_unknown_is_null_and_every_column_has_a_type_for_who_reads_with_other_tools(
    out: Path, name: str
) -> None:
    table = pq.read_table(out / name)
    untyped = [n for n in table.column_names if pa.types.is_null(table[n].type)]
    numbers = [n for n in table.column_names if pa.types.is_floating(table[n].type)]
    assert untyped == []
    assert [n for n in numbers if pc.any(pc.is_nan(table[n])).as_py()] == []


def days_of(content: Any, key: str = "") -> list[Any]:
    """Every value under a key as_of, however deep in a document."""
    if isinstance(content, dict):
        return [day for name, value in content.items() for day in days_of(value, name)]
    if isinstance(content, list):
        return [day for value in content for day in days_of(value, key)]
    return [content] if key.endswith("as_of") else []


def test_as_of_has_one_type_in_every_file_a_day(out: Path) -> None:
    files = [path for path in out.rglob("*") if path.is_file() and not {"mlruns", ".rind"} & set(path.parts)]
    as_it_came = {path for path in files if path.parent.name == "set_aside"}
    tables = [path for path in files if path.suffix == ".parquet" and path not in as_it_came]
    columns = {(p.name, f.name): f.type for p in tables for f in pq.read_schema(p) if f.name.endswith("as_of")}
    assert len(columns) > 5
    assert {place: type_ for place, type_ in columns.items() if not pa.types.is_date32(type_)} == {}
    texts = [day for p in files if p.suffix == ".json" for day in days_of(json.loads(p.read_text())) if day is not None]
    assert texts
    assert [text for text in texts if date.fromisoformat(text).isoformat() != text] == []


def test_as_of_is_declared_as_a_day_in_every_result() -> None:
    declared = {(name, c.name): c.kind for name, r in ALL.items() for c in r.columns if c.name.endswith("as_of")}
    assert len(declared) > 10
    assert set(declared.values()) == {Kind.DAY}


def test_features_are_numbers_or_texts_named_by_family_what_and_window(out: Path) -> None:
    schema = pq.read_schema(out / "features.parquet")
    features = [field for field in schema if field.name not in ("account_id", "as_of")]
    assert len(features) > 100
    assert [f.name for f in features if len(f.name.split("__")) != 3 or f.name.lower() != f.name] == []
    assert [f.name for f in features if not kind(f.type) & {NUMBER, TEXT}] == []


def test_labels_and_bands_hold_nothing_but_their_values(out: Path) -> None:
    def values(name: str, column: str) -> set[Any]:
        return set(pq.read_table(out / f"{name}.parquet")[column].drop_null().unique().to_pylist())

    for name in ("labels", "backtest"):
        assert values(name, "churned") == {0, 1}
    assert values("risk_list", "risk_band") <= BANDS
    for name in ("risk_list", "backtest"):
        assert values(name, "health_band") <= BANDS | {"unknown"}
    assert values("explanations", "family") == {c.split("__")[0] for c in values("explanations", "feature")}


def test_the_list_has_the_columns_of_the_contract_as_csv_and_as_a_spreadsheet_too(out: Path) -> None:
    listed = pd.read_parquet(out / "risk_list.parquet")
    in_csv = pd.read_csv(out / "risk_list.csv")
    assert [c for c in LIST if c not in in_csv.columns] == []
    assert in_csv["churn_probability"].to_numpy() == pytest.approx(listed["churn_probability"].to_numpy(), abs=1e-6)
    with closing(openpyxl.load_workbook(out / "risk_list.xlsx", read_only=True)) as book:
        header, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert [c for c in LIST if c not in header] == []
    assert len(rows) == len(in_csv) == len(listed)


def test_another_engine_reads_the_results_as_they_are(out: Path) -> None:
    """A label that is not known is NULL in SQL, not NaN: a mean leaves it out."""
    [(rows, known, rate)] = duckdb.sql(
        f"select count(*), count(churned), avg(churned) from read_parquet('{out / 'backtest.parquet'}')"
    ).fetchall()
    assert 0 < known < rows
    assert 0 < rate < 1


def test_metrics_have_an_interval_for_the_model_and_for_the_baseline(out: Path) -> None:
    content = json.loads((out / "metrics.json").read_text())
    for model in ("model", "baseline"):
        for name in ("auc", "average_precision", "brier", "lift_at_10pct", "calibration_slope"):
            figure = content[model][name]
            assert figure["low"] <= figure["value"] <= figure["high"], (model, name)
    assert {"precision", "recall", "base_rate"} <= set(content["watermelons"])


def test_rows_under_an_intervention_and_the_others_are_measured_apart(out: Path) -> None:
    content = json.loads((out / "metrics.json").read_text())
    acted, rows = content["under_intervention"], content["rows"]
    assert acted["weight"] == 1
    assert acted["share"] == pytest.approx(acted["rows"] / rows["rows"])
    assert 0 < acted["share"] < 0.5
    rates = acted["share"] * acted["base_rate"] + (1 - acted["share"]) * acted["base_rate_of_others"]
    assert rates == pytest.approx(rows["base_rate"])
    listed = pd.read_parquet(out / "risk_list.parquet")
    running = listed["playbook"].fillna("").str.contains("Under way")
    assert listed.loc[running, "under_intervention"].all()


def test_no_step_of_the_demo_company_presumes_people_that_the_account_has_not(out: Path) -> None:
    listed = pd.read_parquet(out / "risk_list.parquet").set_index("account_id")
    values = pd.read_parquet(out / "features.parquet")
    values = values[values["as_of"] == values["as_of"].max()].set_index("account_id").reindex(listed.index)
    step, known = listed["playbook"].fillna("").str.partition("Under way")[0], people(values)
    assert step.str.contains("decision maker|contacts|renew").any()
    assert (known.loc[step.str.contains("team|those who|decision path"), "people"] >= 2).all()
    assert (known.loc[step.str.contains("contacts"), "contacts"] >= 2).all()
    assert (known.loc[step.str.contains("(?:the|a) decision maker"), "decision_makers"] >= 1).all()
    assert listed.loc[step.str.contains("renew"), "term_ends_on"].notna().all()


def test_every_metric_stands_by_segment_too(out: Path) -> None:
    content = json.loads((out / "metrics.json").read_text())
    assert set(content["segments"]) == {"small_business", "mid_market", "enterprise"}
    for segment in content["segments"].values():
        for model in ("model", "baseline"):
            assert set(segment[model]) == set(content[model])
            assert all({"value", "low", "high"} == set(figure) for figure in segment[model].values())


def test_health_score_tells_both_weights_and_the_evidence_or_why_there_is_none(out: Path) -> None:
    content = json.loads((out / "health_score.json").read_text())
    for weights in (content["current"], content["proposed"]):
        assert sum(weights.values()) == 100
        assert all(type(weight) is int for weight in weights.values())
    assert type(content["recommend"]) is bool
    if content["evidence"] is None:
        assert not content["recommend"]
        assert "Too little to judge" in content["words"]


def test_a_moment_has_the_keys_of_the_contract() -> None:
    moments = find(*company(0, accounts=1500, lift=2.0), QUICK, seed=7)
    kinds = {
        "segment": str, "feature": str, "count": int, "within_days": int, "reached": int, "not_reached": int,
        "retention_reached": float, "retention_not_reached": float, "p_value": float, "confirmed": bool,
    }  # fmt: skip
    assert moments["moments"]
    for moment in moments["moments"]:
        assert {name: type(moment[name]) for name in kinds} == kinds


def test_the_run_tells_what_was_run(out: Path) -> None:
    content = json.loads((out / "run.json").read_text())
    assert {"data_end", "as_of", "tables", "parameters", "versions", "seconds", "mlflow"} <= set(content)
    assert {"run_id", "version"} <= set(content["mlflow"])
    assert all(type(rows) is int for rows in content["tables"].values())
