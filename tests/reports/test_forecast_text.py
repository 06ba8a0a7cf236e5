"""The record in sentences."""

from __future__ import annotations

from rind.reports.forecast_text import record_sentences

RECORD = {
    "quarters": 8, "covered": 7, "error": 0.0123, "bias": -0.006, "compared": 6, "compared_error": 0.011,
    "naive_error": 0.031, "better": "model",
}  # fmt: skip


def test_error_bias_coverage_and_which_was_better_are_told() -> None:
    words = " ".join(record_sentences(RECORD))
    for part in (
        "8 quarters",
        "1.2 %",
        "0.6 % too little",
        "In 7 of 8 quarters",
        "6 quarters",
        "3.1 %",
        "beyond chance",
    ):
        assert part in words


def test_where_it_cannot_be_told_the_words_say_so() -> None:
    assert "cannot be told" in " ".join(record_sentences(RECORD | {"better": "cannot_tell"}))
    assert len(record_sentences(RECORD | {"compared": 0})) == 2
    assert record_sentences({"quarters": 0})[0].startswith("No quarter")


def test_single_months_are_told_where_they_are_over() -> None:
    words = record_sentences(RECORD | {"months": 12, "months_error": 0.004, "months_covered": 10})[-1]
    assert "0.4 %" in words
    assert "in 10 of 12" in words


def test_no_bias_is_not_told_as_one() -> None:
    assert "balance" not in record_sentences(RECORD | {"bias": 0.0001})[0]
    assert "too much on balance" in record_sentences(RECORD | {"bias": 0.02})[0]
    assert "1 quarter the" in record_sentences(RECORD | {"quarters": 1})[0]
