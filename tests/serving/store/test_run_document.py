"""What serving reads in run.json."""

from __future__ import annotations

from typing import Any

import pytest

from rind.serving.store.protocols import NoResultsError
from rind.serving.store.run_document import horizon_days


def test_the_horizon_is_that_of_the_runs_labels() -> None:
    assert horizon_days({"parameters": {"labels": {"horizon_days": 60}}, "facts": {"horizon_days": 90}}) == 60


@pytest.mark.parametrize(
    "run", [{}, {"parameters": None}, {"parameters": {"labels": {}}}, {"facts": {"horizon_days": 90}}]
)
def test_a_run_without_one_is_refused_and_no_number_is_assumed(run: dict[str, Any]) -> None:
    with pytest.raises(NoResultsError, match=r"parameters\.labels\.horizon_days"):
        horizon_days(run)
