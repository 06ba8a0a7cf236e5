"""`rind experiment` on the results of a small made company, in which a change is planted."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.pipelines.experiment import calendar_of, experiment
from rind.pipelines.experiment_plan import Plan
from rind.pipelines.params import load
from rind.pipelines.workspace import of_run

CHANGE, AS_OF = date(2025, 7, 9), date(2026, 1, 26)
ACCOUNTS, PILOT = 300, 90
DAYS = [CHANGE - timedelta(days=2), CHANGE - timedelta(days=93)]
WEEKS = [date(2024, 7, 1) + timedelta(weeks=n) for n in range(82)]
FEWER = ("--set", "effects.fewest_accounts=40", "--set", "effects.fewest_left=5")


def results(folder: Path, effect: float, as_of: date = AS_OF) -> Path:
    """What a run leaves: accounts use the product two to five days a week, the first ones more from the change on."""
    rng = np.random.default_rng(5)
    folder.mkdir()
    ids = [f"A{n:03}" for n in range(ACCOUNTS)]
    usual, pilot = rng.uniform(2, 5, ACCOUNTS), np.arange(ACCOUNTS) < PILOT
    pairs = [(account, day, level) for day in DAYS for account, level in zip(ids, usual, strict=True)]
    keys = pd.DataFrame(pairs, columns=["account_id", "as_of", "level"])
    known = keys[["account_id", "as_of"]].assign(
        days_to_churn=np.nan, churned=(rng.random(len(keys)) < 0.1).astype(float)
    )
    keys[["account_id", "as_of"]].assign(churned=0.0, days_to_churn=np.nan).to_parquet(folder / "labels.parquet")
    later = known.assign(known_from=pd.Timestamp("2025-01-01"), known_until=pd.Series(pd.NaT, known.index))
    later.to_parquet(folder / "known_labels.parquet")
    keys.rename(columns={"level": "usage__active_days__91d"}).to_parquet(folder / "features.parquet")
    keys[["account_id", "as_of"]].assign(churn_probability=0.1).to_parquet(folder / "backtest.parquet")
    rows = [
        {"account_id": account, "week": week, "mrr": 100.0, "tickets": float(rng.poisson(1)),
         "active_days": level + effect * (is_pilot and week >= CHANGE) + rng.normal(0, 0.5)}
        for account, level, is_pilot in zip(ids, usual, pilot, strict=True)
        for week in WEEKS
        if week + timedelta(weeks=1) <= as_of
    ]  # fmt: skip
    zeros = dict.fromkeys(("nps_balance", "nps_answers", "ces_sum", "ces_answers"), 0.0)
    pd.DataFrame(rows).assign(**zeros).to_parquet(folder / "account_weeks.parquet")
    parameters = {"labels": {"horizon_days": 90}}
    record = {"as_of": str(as_of), "data_end": str(as_of), "parameters": parameters}
    (folder / "run.json").write_text(json.dumps(record))
    pd.DataFrame({"account_id": [*ids[:PILOT], "nobody"]}).to_csv(folder / "pilot.csv", index=False)
    return folder


def run(folder: Path, *more: str) -> tuple[dict[str, Any], str]:
    options = ["--name", "Chatbot", "--date", str(CHANGE), "--accounts", str(folder / "pilot.csv"), *FEWER, *more]
    done = CliRunner().invoke(app, ["experiment", "--dir", str(folder), "--out", str(folder / "pages"), *options])
    assert done.exit_code == 0, done.output
    made: dict[str, Any] = json.loads((folder / "pages" / "experiment-chatbot.json").read_text())
    return made, done.output


def outcomes(made: dict[str, Any]) -> dict[str, Any]:
    return {record["outcome"]: record for record in made["outcomes"]}


def test_a_planted_effect_on_use_is_found_and_no_other(tmp_path: Path) -> None:
    made, output = run(results(tmp_path / "r", 0.8), "--expect", "active_days +2", "--cost", "500")
    records = outcomes(made)
    assert records["active_days"]["low"] < 0.8 < records["active_days"]["high"]
    assert (records["active_days"]["direction"], records["active_days"]["against_expected"]) == ("up", "less")
    assert {records[name]["direction"] for name in ("churn", "tickets", "mrr")} == {"none_shown"}
    assert {records[name]["why_not"] for name in ("nps", "ces")} == {"no_data"}
    assert (made["named"], made["unknown"], made["changed"], made["others"]) == (PILOT + 1, 1, PILOT, ACCOUNTS - PILOT)
    assert "in no result of this run: nobody" in output
    text = (tmp_path / "r" / "pages" / "experiment-chatbot.html").read_text()
    assert "Chatbot" in text
    assert "A001" not in text
    assert "nobody" not in json.dumps(made)


def test_none_is_found_where_there_is_none(tmp_path: Path) -> None:
    made, _ = run(results(tmp_path / "r", 0.0))
    assert {outcomes(made)[name]["direction"] for name in ("churn", "active_days", "tickets", "mrr")} == {"none_shown"}


@pytest.mark.parametrize(("days_after", "left_out"), [(-300, 60), (30, 60), (98, 0)])
def test_who_gets_it_before_or_within_the_weeks_compared_is_in_neither_group(
    tmp_path: Path, days_after: int, left_out: int
) -> None:
    """The change comes to 30 on its day and to 60 on another; after the 13 weeks these are still without it."""
    folder = results(tmp_path / "r", 0.8)
    pilot = [f"A{n:03}" for n in range(PILOT)]
    days = [str(CHANGE)] * 30 + [str(CHANGE + timedelta(days=days_after))] * 60
    pd.DataFrame({"account_id": pilot, "started_on": days}).to_csv(folder / "pilot.csv", index=False)
    made, output = run(folder, "--set", "effects.fewest_accounts=25")
    counts = [made[name] for name in ("named", "not_customers", "another_day", "changed", "others")]
    assert counts == [PILOT, 0, left_out, 30, ACCOUNTS - 30 - left_out]
    assert ("60 are left out, as the change came to them on another day" in output) == (left_out > 0)


def test_before_the_weeks_are_over_it_says_when_they_are_and_reads_nothing_later(tmp_path: Path) -> None:
    folder = results(tmp_path / "r", 0.8)
    record = json.loads((folder / "run.json").read_text())
    early = {"as_of": "2025-10-12", "data_end": "2026-01-26"}  # a run of a past date, in a folder that holds more
    (folder / "run.json").write_text(json.dumps(record | early))
    records = outcomes(run(folder)[0])
    assert records["active_days"]["not_before"] == "2025-10-13"
    assert records["mrr"]["not_before"] == "2025-11-12"  # departures settle after the grace days
    assert all(records[name]["effect"] is None for name in ("active_days", "tickets", "mrr"))


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--date", "2020-01-01"], "before the first snapshot"), (["--where", "csm=Ann"], "no column"),
     (["--date", str(AS_OF + timedelta(days=2))], "after the scoring date"),
     (["--expect", "fame +5"], "no expectation"), (["--set", "effects.folds=1"], "effects.folds")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_the_way_out(tmp_path: Path, options: list[str], words: str) -> None:
    folder = results(tmp_path / "r", 0.0)
    given = ["--name", "x", "--date", str(CHANGE), "--accounts", str(folder / "pilot.csv"), *options]
    done = CliRunner().invoke(app, ["experiment", "--dir", str(folder), "--out", str(tmp_path), *given])
    assert (done.exit_code, words in " ".join(done.output.split())) == (2, True), done.output
    assert not list(tmp_path.glob("experiment-*"))


def test_what_makes_accounts_comparable_for_the_placebo_ends_before_its_weeks_begin(tmp_path: Path) -> None:
    """The change comes on a Wednesday: 13 weeks before it its placebo counts from the Monday on."""
    (tmp_path / "run.json").write_text(json.dumps({"as_of": str(AS_OF), "data_end": str(AS_OF)}))
    days = pd.Series(pd.to_datetime([CHANGE - timedelta(days=n) for n in (0, 91, 92, 93, 94)]))
    plan = Plan(name="x", date=CHANGE, where={"plan": "team"})
    calendar = calendar_of(of_run(tmp_path), days, plan, load())
    assert (calendar.known_on, calendar.before_on) == (CHANGE, CHANGE - timedelta(days=93))


def test_what_alone_decided_who_got_it_makes_nobody_incomparable(tmp_path: Path) -> None:
    """All of the north got the change: everybody with it is from there and nobody else, which must not end it."""
    folder = results(tmp_path / "r", 0.8)
    features = pd.read_parquet(folder / "features.parquet")
    north = features["account_id"] < f"A{PILOT:03}"
    features.assign(commercial__region__now=np.where(north, "north", "south")).to_parquet(folder / "features.parquet")
    params = load(None, [option for option in FEWER if "=" in option])
    document, _ = experiment(of_run(folder), Plan(name="x", date=CHANGE, where={"region": "north"}), params)
    use = {record["outcome"]: record for record in document["outcomes"]}["active_days"]
    assert (document["changed"], use["direction"], document["chosen_by"]) == (PILOT, "up", ["region"])
    assert "They were chosen by region" in document["words"][1]


def test_results_of_an_older_rind_without_weeks_tell_nothing(tmp_path: Path) -> None:
    folder = results(tmp_path / "r", 0.8)
    (folder / "account_weeks.parquet").unlink()
    records = outcomes(run(folder)[0])
    assert {record["direction"] for record in records.values()} == {"cannot_tell"}
    assert records["churn"]["why_not"] == "no_placebo"


def test_a_file_in_the_place_of_the_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    done = CliRunner().invoke(app, ["experiment", "--dir", str(tmp_path), "--out", str(tmp_path / "taken")])
    assert (done.exit_code, "taken is a file" in " ".join(done.output.split())) == (2, True), done.output


def test_the_limits_are_those_of_the_effects_of_playbooks() -> None:
    assert load().effects.fewest_accounts == 50
