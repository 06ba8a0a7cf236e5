"""The files for a CRM."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from rind.common.errors import UsageError
from rind.serving.deliver.dispatch import deliver

LINKS = "deliveries.base_url=https://rind.example.com"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_files_for_a_crm_hold_its_own_field_names_and_our_numbers(make_job: Any, tmp_path: Path) -> None:
    job = make_job(LINKS, channels=["crm"], required=True)
    assert deliver(job, tmp_path / "state").complete
    lines = rows(tmp_path / "state/crm_salesforce_2026-03-02.csv")
    listed = job.week.risk_list
    assert list(lines[0]) == list(job.settings.crm["salesforce"])
    assert [row["Rind_Account_Id__c"] for row in lines] == listed["account_id"].tolist()
    assert float(lines[0]["Rind_Churn_Risk__c"]) == round(100 * listed["churn_probability"][0], 1)
    assert {row["Rind_Watermelon__c"] for row in lines} <= {"TRUE", "FALSE"}
    assert {row["Rind_As_Of__c"] for row in lines} == {"2026-03-02"}
    assert list(rows(tmp_path / "state/crm_hubspot_2026-03-02.csv")[0]) == list(job.settings.crm["hubspot"])


def test_a_crm_gets_the_file_of_a_week_once(make_job: Any, tmp_path: Path) -> None:
    job = make_job(channels=["crm"], required=True)
    deliver(job, tmp_path / "state")
    (tmp_path / "state/crm_hubspot_2026-03-02.csv").unlink()  # as an import does that moves what it took
    again = deliver(job, tmp_path / "state")
    assert (again.sent, len(again.already)) == ([], 2)
    assert not (tmp_path / "state/crm_hubspot_2026-03-02.csv").exists()


def test_a_crm_file_is_exact_so_that_its_ids_meet_those_of_the_crm(make_job: Any, tmp_path: Path) -> None:
    job = make_job(
        week={"account_id": "@Home Labs", "name": "=1+1", "reason_1": "- tickets; =2 open\rsince May"},
        channels=["crm"], required=True,
    )  # fmt: skip
    deliver(job, tmp_path / "state")
    lines = rows(tmp_path / "state/crm_hubspot_2026-03-02.csv")
    assert len(lines) == len(job.week.risk_list)
    assert (lines[0]["rind_account_id"], lines[0]["name"]) == ("@Home Labs", "=1+1")
    assert lines[0]["rind_reasons"].startswith("- tickets; =2 open\rsince May")


def test_a_map_with_an_unknown_column_is_refused(make_job: Any, tmp_path: Path) -> None:
    job = make_job("deliveries.crm={sugar: {Risk: risk}}", channels=["crm"], required=True)
    with pytest.raises(UsageError, match="risk"):
        deliver(job, tmp_path / "state")
