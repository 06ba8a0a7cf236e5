"""API keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from served import Site


def test_a_key_does_what_its_scopes_say_until_it_is_revoked(here: Site) -> None:
    reader, scorer = here.program("read"), here.program("score")
    assert reader.get("/v1/risk-list").status_code == 200
    assert reader.get("/metrics").status_code == reader.get("/risk-list.csv").status_code == 403
    assert scorer.get("/v1/risk-list").status_code == 403
    body = {"accounts": [{"account_id": "x", "features": {"usage__events__28d": 0}}]}
    assert scorer.post("/v1/score", json=body).json()["scores"][0]["churn_probability"] == 0.5
    assert reader.post("/v1/score", json=body).status_code == 403
    for key in here.access.keys.all():
        here.access.keys.revoke(key.id)
    assert reader.get("/v1/risk-list").status_code == scorer.get("/readyz").status_code == 401


def test_a_key_may_expire(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = here.access.keys.create("tests", ["read"], days=1)
    client = here.client(authorization=f"Bearer {key}")
    assert client.get("/v1/risk-list").status_code == 200
    real = here.access.database.now
    monkeypatch.setattr(here.access.database, "now", lambda later=timedelta(): real(later + timedelta(days=1.1)))
    assert client.get("/v1/risk-list").status_code == 401
