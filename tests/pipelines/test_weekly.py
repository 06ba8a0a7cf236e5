"""One small demo company through the whole weekly job, then many questions about what it left."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from rind.common.results import TOP_LEVEL as RESULTS
from rind.demo.schema import TABLES
from rind.features.checks.time_travel import cut
from rind.features.families import FAMILIES
from rind.pipelines.params import Params, load
from rind.pipelines.stages import family, matrix, plugins, snapshots, validate
from rind.pipelines.workspace import Workspace

HORIZON, GRACE, EVERY = 60, 30, 14
KEYS = ["account_id", "as_of"]
COLUMNS = {
    "features.parquet": KEYS,
    "labels.parquet": [*KEYS, "churned", "days_to_churn"],
    "backtest.parquet": [
        *KEYS, "fold", "trained_as_of", "churn_probability", "health_score", "health_band", "watermelon", "churned",
    ],
    "risk_list.parquet": [
        "rank", "account_id", "name", "segment", "csm", "mrr", "term_ends_on", "churn_probability", "risk_band",
        "mrr_at_risk", "health_score", "health_band", "watermelon", "reason_1", "reason_2", "reason_3", "playbook",
        "rank_change",
    ],
    "explanations.parquet": [*KEYS, "feature", "family", "value", "shap_value"],
    "adoption.parquet": [*KEYS, "adoption_probability", "next_step"],
}  # fmt: skip
"""Section 4 of the contract."""


@pytest.fixture(scope="module")
def out(small_run: Path) -> Path:
    return small_run / "results"


def table(out: Path, name: str) -> pd.DataFrame:
    frame = pd.read_parquet(out / f"{name}.parquet")
    return frame.assign(**{c: pd.to_datetime(frame[c]) for c in ("as_of", "trained_as_of") if c in frame})


@pytest.fixture(scope="module")
def run(out: Path) -> dict:
    return json.loads((out / "run.json").read_text())


@pytest.fixture(scope="module")
def features(out: Path) -> pd.DataFrame:
    return table(out, "features")


@pytest.fixture(scope="module")
def labels(out: Path) -> pd.DataFrame:
    return table(out, "labels")


@pytest.fixture(scope="module")
def backtest(out: Path) -> pd.DataFrame:
    return table(out, "backtest")


@pytest.fixture(scope="module")
def listed(out: Path) -> pd.DataFrame:
    return table(out, "risk_list")


@pytest.fixture(scope="module")
def explanations(out: Path) -> pd.DataFrame:
    return table(out, "explanations")


@pytest.fixture(scope="module")
def subscriptions(small_run: Path) -> pd.DataFrame:
    found = pd.read_parquet(small_run / "source/subscriptions.parquet")
    days = {c: pd.to_datetime(found[c]) for c in ("starts_on", "ended_on", "notice_on", "term_ends_on")}
    return found.assign(**days)


def active(terms: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return terms[(terms["starts_on"] <= day) & ~(terms["ended_on"] <= day)]


def test_the_folder_holds_every_result_of_the_contract_and_nothing_half_written(out: Path) -> None:
    assert sorted(p.name for p in out.iterdir()) == sorted({*RESULTS, ".rind", "mlruns"} - {"set_aside"})  # nothing was
    assert sorted(p.name for p in (out / "plots").glob("*.png")) == [
        "folds.png", "gains.png", "melon_lead.png", "melon_recall.png", "melon_trade_off.png", "reliability.png",
    ]  # fmt: skip


def test_the_run_tells_which_files_are_its_own(out: Path, run: dict) -> None:
    assert run["manifest"] == Workspace(out, out).manifest()
    of_folders = {"plots", "set_aside", "outcomes"}  # of outcomes none where too few happened
    assert {*run["manifest"], "run.json", *of_folders} >= set(RESULTS)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_result_has_the_columns_of_the_contract_and_a_row_per_key(out: Path, name: str) -> None:
    schema = pq.read_schema(out / name)
    assert [c for c in COLUMNS[name] if c not in schema.names] == []
    assert all(schema.field(c).type == pa.date32() for c in ("as_of", "trained_as_of") if c in schema.names)
    found = pd.read_parquet(out / name)
    key = [c for c in (*KEYS, "feature") if c in COLUMNS[name]]
    assert not found.duplicated(key).any()
    assert len(found)


def test_the_list_says_the_same_in_four_formats(out: Path, listed: pd.DataFrame) -> None:
    in_csv = pd.read_csv(out / "risk_list.csv")
    assert in_csv["account_id"].astype(str).tolist() == listed["account_id"].tolist()
    first = listed.iloc[0]["name"]
    assert first in (out / "risk_list.html").read_text()
    book = pd.read_excel(out / "risk_list.xlsx", sheet_name=None, header=None)
    assert any(first in sheet.astype(str).to_numpy() for sheet in book.values())


def test_the_history_lies_on_mondays_and_the_scoring_date_is_the_data_end(features: pd.DataFrame, run: dict) -> None:
    *grid, last = features["as_of"].drop_duplicates().sort_values()
    assert {day.weekday() for day in grid} == {0}
    assert {(b - a).days for a, b in pairwise(grid)} == {EVERY}
    assert str(last.date()) == run["as_of"] == run["data_end"]


def test_the_cohort_is_who_is_active_and_has_not_given_notice(
    features: pd.DataFrame, listed: pd.DataFrame, subscriptions: pd.DataFrame
) -> None:
    for day, rows in features.groupby("as_of"):
        here = active(subscriptions, day)
        expected = set(here.loc[~(here["notice_on"] < day), "account_id"])
        assert set(rows["account_id"]) == expected, day
    assert set(listed["account_id"]) == set(features.loc[features["as_of"] == features["as_of"].max(), "account_id"])


Term = tuple[date, date]


def leaves_on(terms: list[Term], day: date, data_end: date) -> date | None:
    """The first logo churn after a day, walked day by day as the contract says it."""
    now = day + timedelta(days=1)
    while now + timedelta(days=GRACE) <= data_end:
        was_here = any(start < now <= end for start, end in terms)
        is_here = any(start <= now < end for start, end in terms)
        back = any(now <= start <= now + timedelta(days=GRACE) for start, _ in terms)
        if was_here and not is_here and not back:
            return now
        now += timedelta(days=1)
    return None


def test_labels_are_what_the_contract_says_by_walking_the_days(
    labels: pd.DataFrame, subscriptions: pd.DataFrame, run: dict
) -> None:
    data_end = date.fromisoformat(run["data_end"])
    parts = [labels[labels["churned"] == 1], labels[labels["churned"] == 0], labels[labels["churned"].isna()]]
    assert all(len(part) > 20 for part in parts)
    ends = subscriptions["ended_on"].fillna(pd.Timestamp("2200-01-01"))
    spans = zip(subscriptions["account_id"], subscriptions["starts_on"].dt.date, ends.dt.date, strict=True)
    terms: dict[str, list[Term]] = {}
    for account, start, end in spans:
        terms.setdefault(account, []).append((start, end))
    for row in pd.concat([part.sample(20, random_state=1) for part in parts]).itertuples():
        day = row.as_of.date()
        left = leaves_on(terms[row.account_id], day, data_end)
        days = (left - day).days if left is not None else math.inf
        complete = day + timedelta(days=HORIZON + GRACE) <= data_end
        expected = 1 if days <= HORIZON else 0 if complete else None
        assert (None if pd.isna(row.churned) else int(row.churned)) == expected, row
        assert (math.inf if pd.isna(row.days_to_churn) else row.days_to_churn) == days, row


def test_every_backtest_row_was_scored_by_a_model_that_could_have_existed(
    backtest: pd.DataFrame, labels: pd.DataFrame
) -> None:
    assert (backtest["trained_as_of"] <= backtest["as_of"]).all()
    assert backtest.groupby("fold")["trained_as_of"].nunique().eq(1).all()
    assert backtest["churn_probability"].between(0, 1, inclusive="neither").all()
    both = backtest[[*KEYS, "churned"]].merge(labels[[*KEYS, "churned"]], on=KEYS)
    assert len(both) == len(backtest)
    assert both["churned_x"].equals(both["churned_y"])
    assert set(backtest["health_band"].dropna()) <= {"red", "amber", "green"}
    assert (backtest.loc[backtest["watermelon"], "health_band"] == "green").all()


def test_the_metrics_are_those_of_scikit_learn_on_dates_with_all_outcomes(out: Path, backtest: pd.DataFrame) -> None:
    found = json.loads((out / "metrics.json").read_text())
    known = backtest[
        backtest["as_of"].isin(
            backtest.groupby("as_of")["churned"].apply(lambda c: c.notna().all()).loc[lambda s: s].index
        )
    ]
    for model, column in (("model", "churn_probability"), ("baseline", "logistic_probability")):
        figures, p = found[model], known[column]
        assert figures["auc"]["value"] == pytest.approx(roc_auc_score(known["churned"], p))
        assert figures["average_precision"]["value"] == pytest.approx(average_precision_score(known["churned"], p))
        assert figures["brier"]["value"] == pytest.approx(brier_score_loss(known["churned"], p))
        top = known.nlargest(round(len(known) / 10), column)["churned"].mean() / known["churned"].mean()
        assert figures["lift_at_10pct"]["value"] == pytest.approx(top, rel=0.1)
        assert all(m["low"] <= m["high"] for m in figures.values() if m["low"] is not None)
    assert found["rows"]["rows"] == len(known)
    assert {"precision", "recall", "base_rate"} <= set(found["watermelons"])
    assert found["model"]["auc"]["value"] < 0.97  # more would be a leak; so small a company has no lower bound


def test_the_list_is_ranked_by_probability_and_its_money_adds_up(
    listed: pd.DataFrame, subscriptions: pd.DataFrame, run: dict
) -> None:
    assert listed["rank"].tolist() == list(range(1, len(listed) + 1))
    assert listed["churn_probability"].is_monotonic_decreasing
    assert listed["mrr_at_risk"].to_numpy() == pytest.approx((listed["mrr"] * listed["churn_probability"]).to_numpy())
    here = active(subscriptions, pd.Timestamp(run["as_of"])).groupby("account_id")
    assert listed["mrr"].to_numpy() == pytest.approx(here["mrr"].sum()[listed["account_id"]].to_numpy())
    assert pd.to_datetime(listed["term_ends_on"]).tolist() == here["term_ends_on"].max()[listed["account_id"]].tolist()
    assert set(listed["risk_band"]) <= {"red", "amber", "green"}
    assert (listed["reason_1"].str.len() > 10).all()
    assert (
        not listed[["reason_1", "reason_2", "reason_3"]]
        .apply(lambda c: c.str.contains(r"__|\bnan\b|\bNone\b(?! of)|<NA>|NaT"))
        .any(axis=None)
    )
    assert (listed.loc[listed["risk_band"] == "red", "playbook"].str.len() > 5).all()
    assert (listed.loc[listed["risk_band"] == "green", "playbook"] == "").all()
    moved = listed["rank_change"].dropna()
    assert len(moved) > 0.8 * len(listed)
    assert (moved != 0).any()


def test_the_list_of_the_date_before_is_kept_for_who_compares(out: Path, listed: pd.DataFrame) -> None:
    before = table(out, "previous_list").set_index("account_id")
    assert before["as_of"].nunique() == 1
    assert before["as_of"].iloc[0] < table(out, "explanations")["as_of"].iloc[0]
    moved = listed["account_id"].map(before["rank"]) - listed["rank"]
    assert moved.astype("Int64").equals(listed["rank_change"].astype("Int64").rename("account_id"))


def test_explanations_add_up_to_the_margin_and_the_margin_to_the_probability(
    explanations: pd.DataFrame, listed: pd.DataFrame, features: pd.DataFrame, run: dict
) -> None:
    accounts = explanations.groupby("account_id")
    margin, base = accounts["margin"].first(), accounts["base_value"].first()
    assert np.abs(accounts["shap_value"].sum() + base - margin).max() < 1e-6
    probability = listed.set_index("account_id")["churn_probability"]
    assert (1 / (1 + np.exp(-margin)))[probability.index].to_numpy() == pytest.approx(probability.to_numpy(), abs=1e-6)
    assert (explanations["family"] == explanations["feature"].str.split("__").str[0]).all()
    assert set(explanations["family"]) == set(FAMILIES)
    assert set(explanations["as_of"].astype(str)) == {run["as_of"]}
    now = features[features["as_of"] == pd.Timestamp(run["as_of"])].set_index("account_id")
    some = explanations[explanations["value"].notna()].sample(50, random_state=0)
    assert [float(now.loc[r.account_id, r.feature]) for r in some.itertuples()] == pytest.approx(some["value"].tolist())


def test_the_last_backtest_fold_is_the_model_that_scores_the_list(backtest: pd.DataFrame, listed: pd.DataFrame) -> None:
    last = backtest[backtest["as_of"] == backtest["as_of"].max()].set_index("account_id")["churn_probability"]
    found = listed.set_index("account_id")["churn_probability"]
    assert found.to_numpy() == pytest.approx(last[found.index].to_numpy(), abs=1e-6)


def test_the_json_results_have_their_keys(out: Path, run: dict, small_run: Path) -> None:
    health = json.loads((out / "health_score.json").read_text())
    assert {"current", "proposed", "evidence", "recommend"} <= set(health)
    assert sum(health["current"].values()) == sum(health["proposed"].values()) == 100
    assert isinstance(json.loads((out / "true_north.json").read_text())["moments"], list)
    rows = {name: pq.read_metadata(small_run / f"source/{name}.parquet").num_rows for name in TABLES}
    assert run["tables"] == rows
    assert run["parameters"]["labels"] == {"horizon_days": HORIZON, "grace_days": GRACE}
    assert {"data_end", "as_of", "versions", "seconds", "mlflow"} <= set(run)
    assert {"validate", "backtest", "score", *(f"features_{name}" for name in FAMILIES)} <= set(run["seconds"])


def test_the_first_model_is_the_champion_and_says_why(run: dict) -> None:
    assert (run["mlflow"]["version"], run["mlflow"]["alias"]) == ("1", "champion")
    assert "first model" in run["mlflow"]["verdict"]


LOAD_ELSEWHERE = """
import json, sys, warnings

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"rind", "common", "demo", "features", "models", "pipelines", "reports"}:
            raise ImportError(f"{name} is not here")

sys.meta_path.insert(0, Blocker())
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/churn-60d@champion")
rows = pd.read_parquet(sys.argv[2])
inputs = pd.DataFrame(index=rows.index)
for column in model.metadata.get_input_schema().inputs:
    if column.name in rows:
        text = column.type.name == "string"
        inputs[column.name] = rows[column.name].fillna("") if text else rows[column.name].astype("float64")
print(json.dumps(model.predict(inputs)["churn_probability"].tolist()))
"""


def test_the_registered_model_loads_and_scores_where_the_project_is_not(
    out: Path, listed: pd.DataFrame, features: pd.DataFrame, tmp_path: Path
) -> None:
    now = features[features["as_of"] == features["as_of"].max()]
    now.to_parquet(tmp_path / "now.parquet")
    command = [sys.executable, "-c", LOAD_ELSEWHERE, f"sqlite:///{out / 'mlruns/mlflow.db'}", "now.parquet"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": "", "PATH": ""}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = dict(zip(now["account_id"], json.loads(done.stdout.splitlines()[-1]), strict=True))
    expected = listed.set_index("account_id")["churn_probability"].to_dict()
    assert found == pytest.approx(expected, abs=1e-9)


def feature_stages(source: Path, root: Path, params: Params) -> pa.Table:
    space = Workspace(root, root / "mlruns")
    given = params.model_copy(update={"source": params.source.model_copy(update={"url": str(source)})})
    for stage in (validate.run, snapshots.run):
        stage(space, given, lambda _: None)
    for name in FAMILIES:
        family.run(space, given, lambda _: None, name)
    plugins.run(space, given, lambda _: None)
    matrix.run(space, given, lambda _: None)
    return pq.read_table(space.features)


def test_the_features_of_the_whole_company_are_the_same_where_the_future_is_cut_away(
    small_run: Path, tmp_path: Path
) -> None:
    day = date(2026, 1, 19)
    (tmp_path / "past").mkdir()
    source = {name: pq.read_table(small_run / f"source/{name}.parquet") for name in TABLES}
    for name, rows in cut(source, day).items():
        pq.write_table(rows, tmp_path / f"past/{name}.parquet")
    # The history begins where that of the whole run does.
    whole = pq.read_table(small_run / "results/features.parquet")
    last = (date(2026, 6, 28) - day).days
    settings = [f"snapshots.every_days={EVERY}", f"snapshots.history_days={1092 - last}"]
    settings += [f"labels.horizon_days={HORIZON}", f"source.as_of={day}", f"source.data_end={day}"]
    then = feature_stages(tmp_path / "past", tmp_path / "space", load(None, settings))
    assert then.column_names == whole.column_names
    assert then.num_rows > 1000
    assert differing(whole, then, day) == []
    assert differing(whole.filter(pc.field("as_of") <= day), then.slice(7), day) != []


def differing(one: pa.Table, other: pa.Table, until: date) -> list[str]:
    """Columns that differ in rows until a date; sums of single floats differ with the order of the rows."""
    frames = [
        t.filter(pc.field("as_of") <= until).to_pandas().sort_values(KEYS, ignore_index=True) for t in (one, other)
    ]
    if not frames[0][KEYS].equals(frames[1][KEYS]):
        return KEYS
    pairs = {name: (frames[0][name], frames[1][name]) for name in one.column_names if name not in KEYS}
    return [
        name
        for name, (a, b) in pairs.items()
        if not (a.equals(b) if a.dtype == "str" else np.allclose(a, b, rtol=1e-5, atol=1e-6, equal_nan=True))
    ]
