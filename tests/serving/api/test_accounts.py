"""One account as data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from served import Client


def test_the_account_adds_up(program: Client, listing: pd.DataFrame, results: Path) -> None:
    account = listing["account_id"].iloc[5]
    body = program.get(f"/v1/accounts/{account}?reasons=500").json()
    explained = pd.read_parquet(results / "explanations.parquet")
    explained = explained[explained["account_id"] == account]
    assert body["margin"] == pytest.approx(body["base_value"] + sum(body["families"].values()))
    assert sum(body["families"].values()) == pytest.approx(explained["shap_value"].sum())
    assert body["reasons"][0]["shap_value"] == pytest.approx(
        explained["shap_value"].iloc[explained["shap_value"].abs().argmax()]
    )
    assert all("__" not in reason["sentence"] for reason in body["reasons"])
    history = pd.read_parquet(results / "backtest.parquet").query("account_id == @account")
    assert [row["churn_probability"] for row in body["history"]] == list(history["churn_probability"])
    assert len(program.get(f"/v1/accounts/{account}?history=3&reasons=2").json()["history"]) == 3
