"""Every error that Rind raises on purpose.

RindError                     exit code 1: something that we did not foresee in detail
├── DiskFullError             1: there is no space left where something is written
├── UsageError                2: the command line or a parameter is wrong
│   └── ParamsError              params.yaml: unknown key, wrong type, out of range
├── SourceError               3: the source cannot be opened or read
├── ValidationError           4: the tables break rules; carries the whole report
├── GuardError                4: a guard refuses: what was measured is too good, too late or too odd
├── HistoryError              5: too little history, or no churn, for an honest model
├── ColumnError               1: a result does not hold what common/results/ declares: a defect of ours
├── LeakError                 6: a split or a feature would see the future
├── UndeliveredError          7: something still waits to be delivered or was refused, or a channel failed
└── PartsMissingError         8: the list stands, a part that only adds to it is missing
"""

from __future__ import annotations

import signal
from collections.abc import Mapping

EXIT_CODES: Mapping[int, str] = {
    0: "done",
    1: "an unexpected error, a full disk, or another process holds what is needed",
    2: "the command line or a parameter is wrong",
    3: "the source cannot be opened or read",
    4: "the tables break rules beyond the limits, or a guard refuses the run",
    5: "there is too little history, or no churn, for an honest model",
    6: "a split or a feature would see the future",
    7: "not all was delivered: something waits, was refused, or a channel failed",
    8: "the list is made, and a part that only adds to it is missing",
    10: "`rind monitor`: look at the model",
    11: "`rind monitor`: train the model anew",
    129: "ended by SIGHUP: its terminal was closed",
    130: "interrupted by Ctrl-C",
    143: "ended by SIGTERM: the platform stopped it",
}
"""Exit code of a command -> what it says; docs/scheduling.md says what to do."""


class RindError(Exception):
    """An error with what happened and, on the line after it, what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  -> {self.hint}" if self.hint else self.message


class DiskFullError(RindError):
    exit_code = 1


class UsageError(RindError):
    exit_code = 2


class ParamsError(UsageError):
    pass


class SourceError(RindError):
    exit_code = 3


class ValidationError(RindError):
    exit_code = 4


class GuardError(RindError):
    exit_code = 4


class HistoryError(RindError):
    exit_code = 5


class ColumnError(RindError):
    exit_code = 1


class LeakError(RindError):
    exit_code = 6


class UndeliveredError(RindError):
    exit_code = 7


class PartsMissingError(RindError):
    exit_code = 8


def exit_code_of(error: BaseException) -> int:
    """The exit code with which a command ends after this error; a KeyboardInterrupt may hold the signal's number."""
    if isinstance(error, KeyboardInterrupt):
        number = error.args[0] if error.args else signal.SIGINT
        return 128 + int(number)
    return error.exit_code if isinstance(error, RindError) else 1
