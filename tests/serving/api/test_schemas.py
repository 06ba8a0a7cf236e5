"""The schemas of the answers."""

from __future__ import annotations

import pytest
from pydantic import BaseModel
from served import Client

from rind.serving.api.schemas import AccountDetail, HealthScore, RiskList, TrueNorth, Watermelons


@pytest.mark.parametrize(
    ("path", "schema"),
    [("risk-list", RiskList), ("accounts/A00001", AccountDetail), ("watermelons", Watermelons),
     ("true-north", TrueNorth), ("health-score", HealthScore)],
)  # fmt: skip
def test_an_answer_says_all_that_its_schema_promises(program: Client, path: str, schema: type[BaseModel]) -> None:
    body = program.get(f"/v1/{path}").json()
    promised = {name for name, field in schema.model_fields.items() if field.is_required()}
    assert promised <= set(body)
    assert schema.model_validate(body).model_dump(mode="json", exclude_unset=True).keys() == body.keys()
