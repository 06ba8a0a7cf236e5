from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rind.pipelines.params import load
from rind.pipelines.stages import export
from rind.pipelines.workspace import Workspace

SPACE = Workspace(Path("nowhere"), Path("nowhere"))


@pytest.mark.parametrize(("base", "red", "amber"), [(0.1, 0.3, 0.15), (0.4, 0.8, 0.6), (0.7, 0.8, 0.8)])
def test_the_bands_are_multiples_of_the_base_rate_up_to_where_red_must_begin(
    monkeypatch: pytest.MonkeyPatch, base: float, red: float, amber: float
) -> None:
    monkeypatch.setattr(export, "_base_rate", lambda *_: base)
    given = load(overrides=["risk.red_times_base=3", "risk.amber_times_base=1.5", "risk.red_at_most=0.8"])
    bands = export._bands(SPACE, given)
    assert (bands.red_from, bands.amber_from) == pytest.approx((red, amber))


@pytest.mark.parametrize(("churned", "rate"), [([0, 0, 1, None], 1 / 3), ([0, 0, 0, 1], 0.02), ([None] * 4, 0.02)])
def test_where_nobody_has_left_yet_the_parameters_give_the_base_rate(
    monkeypatch: pytest.MonkeyPatch, churned: list[float | None], rate: float
) -> None:
    """Only dates count whose outcome was known on the scoring date: the last one's was not."""
    days = pd.to_datetime(["2024-01-01"] * 3 + ["2024-12-01"])
    labels = pd.DataFrame({"as_of": days, "churned": pd.Series(churned, dtype="float64")})
    monkeypatch.setattr(export, "read_dates", lambda _: {"as_of": date(2024, 12, 2)})
    monkeypatch.setattr(export, "labels_at", lambda *_: labels)
    assert export._base_rate(SPACE, load(overrides=["risk.unknown_base_rate=0.02"])) == pytest.approx(rate)
