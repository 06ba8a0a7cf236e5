"""The definitions of the numbers."""

from __future__ import annotations

import pytest

from rind.features.book import kpis
from rind.reports.kpi_text import GROUPS, METRICS, kpi_notes

MEASURES = (
    *kpis.MONEY, *kpis.YEAR, *kpis.ANSWERS, *kpis.ESSENTIAL, *kpis.TICKETS, *kpis.BANDS, *kpis.COSTS
)  # fmt: skip
ENDS = {"mrr_start", "mrr_end"}
"""Told in the table of movements; ARR says the same."""


def test_every_measure_has_one_definition_and_every_definition_a_measure() -> None:
    names = [metric.name for group in GROUPS for metric in group.metrics]
    assert len(names) == len(set(names))
    assert {measure.metric for measure in MEASURES} | {"clv", "clv_cac", "adoption"} == set(METRICS) | ENDS


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_definition_is_a_sentence_that_names_no_column(metric: object) -> None:
    definition = str(getattr(metric, "definition", ""))
    assert definition.endswith(".")
    assert "_" not in definition


def test_what_stands_in_or_is_missing_is_said() -> None:
    assert not [note for note in kpi_notes(30, True, True, True) if "NPS" in note or "costs" in note]
    assert [note for note in kpi_notes(30, False, True, True) if "NPS promoters stand for essential" in note]
    assert [note for note in kpi_notes(30, True, False, True) if "Without a table costs" in note]
    assert [note for note in kpi_notes(30, True, True, False) if "No True North moment was confirmed" in note]
    (failed,) = set(kpi_notes(30, True, True, True, "OSError: gone")) - set(kpi_notes(30, True, True, True))
    assert failed == "The share of accounts past the True North moment is missing: it failed (OSError: gone)."
    assert "within 14 days" in kpi_notes(14, True, True, True)[0]
