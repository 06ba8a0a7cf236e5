"""The tables obey the contract: columns, keys, times, tenure; and the seed is the company."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from rind.demo.company import Company, make_company, write_company
from rind.demo.schema import TABLES

KEYS = {"accounts": "account_id", "subscriptions": "subscription_id", "product_features": "feature",
        "tickets": "ticket_id", "contacts": "contact_id", "interactions": "interaction_id",
        "surveys": "response_id", "invoices": "invoice_id", "interventions": "intervention_id"}  # fmt: skip
AHEAD = {"term_ends_on", "due_on"}  # agreed in advance: may lie beyond the data end
RANGES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "essential": (1, 3)}


def active(table: pd.DataFrame, subscriptions: pd.DataFrame, when: str) -> np.ndarray:
    """Whether each row's account is a customer on the day of `when`."""
    day = table[when].dt.normalize()
    rows = table.assign(day=day, row=np.arange(len(table)))[["account_id", "day", "row"]].sort_values("day")
    held = pd.merge_asof(
        rows, subscriptions[["account_id", "starts_on", "ended_on", "plan"]].sort_values("starts_on"),
        left_on="day", right_on="starts_on", by="account_id",
    ).sort_values("row")  # fmt: skip
    return (held["starts_on"].notna() & ~(held["ended_on"] <= held["day"])).to_numpy()


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_the_columns_of_the_contract_and_rows(company: Company, table: str) -> None:
    assert list(company.tables[table]) == list(TABLES[table])
    assert len(company.tables[table]) > 0


@pytest.mark.parametrize(("table", "key"), KEYS.items())
def test_keys_are_unique(company: Company, table: str, key: str) -> None:
    assert company.tables[table][key].is_unique


def test_every_account_and_contact_that_is_named_exists(company: Company) -> None:
    for name, table in company.tables.items():
        if "account_id" in table:
            assert table["account_id"].isin(company.tables["accounts"]["account_id"]).all(), name
        if "contact_id" in table:
            assert table["contact_id"].dropna().isin(company.tables["contacts"]["contact_id"]).all(), name


def test_nothing_happens_after_the_data_end(company: Company) -> None:
    end = pd.Timestamp(company.data_end) + pd.Timedelta(days=1)
    for name, table in company.tables.items():
        for column in table.select_dtypes("datetime").columns.difference(list(AHEAD)):
            assert not (table[column] >= end).any(), f"{name}.{column}"


def test_subscriptions_of_an_account_follow_one_another(company: Company) -> None:
    table = company.tables["subscriptions"].sort_values(["account_id", "starts_on"])
    following = table.groupby("account_id")["starts_on"].shift(-1)
    assert not (table["ended_on"] <= table["starts_on"]).any()
    assert not (table["term_ends_on"] <= table["starts_on"]).any()
    assert not (table["notice_on"] > table["ended_on"]).any()
    assert (following[following.notna()] >= table.loc[following.notna(), "ended_on"]).all()
    assert (table["mrr"] > 0).all()


@pytest.mark.parametrize(
    ("table", "when"),
    [("usage", "occurred_at"), ("tickets", "opened_at"), ("interactions", "occurred_at"), ("surveys", "sent_at"),
     ("interventions", "started_on"), ("health_scores", "as_of"), ("invoices", "issued_on")],
)  # fmt: skip
def test_nothing_is_done_by_an_account_that_is_no_customer(company: Company, table: str, when: str) -> None:
    assert active(company.tables[table], company.tables["subscriptions"], when).all()


@pytest.mark.parametrize(
    ("table", "first", "later"),
    [("tickets", "opened_at", "first_response_at"), ("tickets", "first_response_at", "resolved_at"),
     ("tickets", "opened_at", "escalated_at"), ("interactions", "occurred_at", "answered_at"),
     ("surveys", "sent_at", "responded_at"), ("invoices", "issued_on", "paid_on"),
     ("contacts", "added_on", "left_on"), ("interventions", "started_on", "ended_on")],
)  # fmt: skip
def test_what_is_filled_in_later_lies_later(company: Company, table: str, first: str, later: str) -> None:
    rows = company.tables[table]
    assert not (rows[later] < rows[first]).any()


def test_scores_are_in_range_and_only_answers_have_one(company: Company) -> None:
    surveys = company.tables["surveys"]
    assert (surveys["score"].notna() == surveys["responded_at"].notna()).all()
    for kind, (low, high) in RANGES.items():
        assert surveys.loc[surveys["kind"] == kind, "score"].dropna().between(low, high).all()
    assert company.tables["health_scores"]["score"].between(0, 100).all()


def test_a_feature_is_used_within_the_plan_and_after_its_release(company: Company) -> None:
    plans = {"starter": 0, "team": 1, "business": 2}
    used = company.tables["usage"].assign(day=lambda u: u["occurred_at"].dt.normalize()).sort_values("day")
    held = company.tables["subscriptions"][["account_id", "starts_on", "plan"]].sort_values("starts_on")
    used = pd.merge_asof(used, held, left_on="day", right_on="starts_on", by="account_id")
    used = used.merge(company.tables["product_features"], on="feature", suffixes=("", "_needed"))
    assert (used["released_on"] <= used["day"]).all()
    assert (used["plan"].map(plans) >= used["plan_needed"].map(plans)).all()


def test_most_accounts_use_the_product_in_office_hours_on_weekdays(company: Company) -> None:
    used = company.tables["usage"]
    assert used["account_id"].nunique() > 0.95 * len(company.tables["accounts"])
    assert (used["occurred_at"].dt.day_of_week < 5).mean() > 0.9
    assert not used.duplicated().any()


def test_the_same_seed_is_the_same_company_and_another_seed_another() -> None:
    first, again, other = (make_company(30, 1.0, seed) for seed in (5, 5, 6))
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    for name, table in first.truth.items():
        pd.testing.assert_frame_equal(table, again.truth[name])
    assert len(first.tables["usage"]) != len(other.tables["usage"])


def test_a_company_may_be_tiny_and_end_on_any_day() -> None:
    tiny = make_company(accounts=3, years=0.6, seed=1, data_end=date(2025, 3, 5))
    assert set(tiny.tables) == set(TABLES)
    assert len(tiny.tables["accounts"]) == 3


def test_what_is_written_is_what_was_made(company: Company, tmp_path: Path) -> None:
    write_company(company, tmp_path)
    write_company(company, tmp_path)  # a second time replaces the first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source", "truth"]
    for name, columns in TABLES.items():
        stored = pq.read_table(tmp_path / "source" / f"{name}.parquet")
        assert stored.num_rows == len(company.tables[name])
        assert dict(zip(stored.schema.names, stored.schema.types, strict=True)) == columns
    assert {p.name for p in (tmp_path / "truth").iterdir()} == {
        "churn_probability.parquet", "accounts.parquet", "drivers.parquet", "effects.parquet",
        "mrr_change_probability.parquet", "true_north.json", "texts.parquet"}  # fmt: skip


def test_an_unknown_scenario_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="unknown scenario 'weekly'; there are yearly"):
        make_company(3, 0.5, scenario="weekly")


def test_truth_has_one_row_an_account_and_monday_on_which_it_is_active(company: Company) -> None:
    truth = company.truth["churn_probability"]
    assert not truth.duplicated(["account_id", "as_of"]).any()
    assert (truth["as_of"].dt.day_of_week == 0).all()
    assert active(truth, company.tables["subscriptions"], "as_of").all()
    chances = truth[["p_30", "p_60", "p_90", "p_180"]].to_numpy()
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (np.diff(chances, axis=1) >= 0).all()
