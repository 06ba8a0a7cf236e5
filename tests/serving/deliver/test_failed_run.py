"""What those who run the job are told of a failed run: its kind, and no value of the tables."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

import pytest

from rind.common.errors import (
    DiskFullError,
    GuardError,
    HistoryError,
    RindError,
    SourceError,
    UsageError,
    ValidationError,
)  # fmt: skip
from rind.serving.deliver.failed_run import FailedRun, reason_of

RULES = "2 rules are broken in tables/\n\ntable  column  rule  rows\nusage  user_id  unknown  3  ACME | Globex"
BROKEN = SourceError("cannot read the table usage (u.csv): could not convert string 'ACME GmbH' to a date", "ACME?")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValidationError(RULES, "Correct this."), "ValidationError: 2 rules are broken in tables/"),
        (HistoryError(RULES, "Correct this."), "HistoryError: 2 rules are broken in tables/"),
        (BROKEN, "SourceError: cannot read the table usage (u.csv)"),
        (KeyError("ACME GmbH"), "unexpected KeyError"),
        (ValueError("ACME GmbH"), "unexpected ValueError"),
        (UsageError("cannot write to out: Read-only file system"),
         "UsageError: cannot write to out: Read-only file system"),
        (GuardError("a guard refuses this run:\n  late_rows: 14 rows", "Check."),
         "GuardError: a guard refuses this run:\n  late_rows: 14 rows"),
        (DiskFullError("the disk of out is full"), "DiskFullError: the disk of out is full"),
        (OSError(28, "No space left on device", "/srv/out/x"), "DiskFullError: the disk of /srv/out is full"),
        (KeyboardInterrupt(signal.SIGTERM), "The run was stopped from outside."),
    ],
)  # fmt: skip
def test_the_reason_names_the_kind_of_failure_and_no_value_of_the_tables(error: BaseException, reason: str) -> None:
    words, hint = reason_of(error)
    assert words == reason
    assert "ACME" not in words + hint


def test_a_password_in_the_text_of_an_error_is_masked() -> None:
    words, hint = reason_of(RindError("cannot reach postgres://me:ge4heim@host/db", "try postgres://me:ge4heim@other"))
    assert "ge4heim" not in words + hint


def test_the_day_is_that_of_utc() -> None:
    at = datetime(2026, 11, 29, 23, 59, tzinfo=UTC)
    run = FailedRun("Acme", 3, "", "", at, at)
    assert (run.day.isoformat(), run.minutes) == ("2026-11-29", 0)
