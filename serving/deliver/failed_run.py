"""What those who run the weekly job are told of a run that failed: the kind of failure, and nothing of an account.

The text of an error may quote what stands in the tables (a value that is no date, the ids of broken rows). So the mail
holds only the part of it that cannot; the log of the job has the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from rind.common.disks import full_disk
from rind.common.errors import EXIT_CODES, GuardError, RindError, SourceError
from rind.features.locations import masked_text
from rind.serving.deliver.items import Item

AUDIENCE = "operators, failed run"


@dataclass(frozen=True)
class FailedRun:
    """One run of the weekly job that ended without a new week.

    Parameters
    ----------
    title
        Whose run it was, as people call the company.
    code
        The exit code.
    reason, hint
        See `reason_of`.
    started, ended
        In UTC.
    list_of
        The scoring date of the list that readers see; None: there is no list yet.
    """

    title: str
    code: int
    reason: str
    hint: str
    started: datetime
    ended: datetime
    list_of: date | None = None

    @property
    def day(self) -> date:
        """The day on which it failed, in UTC."""
        return self.ended.astimezone(UTC).date()

    @property
    def minutes(self) -> int:
        """How long it was at work."""
        return round((self.ended - self.started).total_seconds() / 60)

    @property
    def meaning(self) -> str:
        """What the exit code says."""
        return EXIT_CODES.get(self.code, EXIT_CODES[1])

    @property
    def audience(self) -> str:
        """The audience of its mail in the ledger: a day and an exit code are told once."""
        return f"{AUDIENCE} ({self.code})"


def is_failed_run(item: Item) -> bool:
    """Whether an item of the ledger tells of a failed run."""
    return item.audience.startswith(f"{AUDIENCE} (")


def reason_of(error: BaseException) -> tuple[str, str]:
    """What happened and what to do, without a value of the tables and without a secret.

    Of an error that nobody foresaw only its kind is told. Of a broken source the reader and the table, not the words of
    the reader, which may quote a value; of broken rules how many there are.
    """
    if isinstance(error, KeyboardInterrupt):
        return "The run was stopped from outside.", "Did it need more time than the platform gives it?"
    foreseen = error if isinstance(error, RindError) else full_disk(error)
    if foreseen is None:
        return f"unexpected {type(error).__name__}", "The log of the job has the text; --verbose shows where."
    message = foreseen.message if isinstance(foreseen, GuardError) else foreseen.message.partition("\n")[0]
    hint = foreseen.hint
    if isinstance(foreseen, SourceError):
        message, hint = message.partition(": ")[0], "`rind validate` with the same --source says more."
    return masked_text(f"{type(foreseen).__name__}: {message}"), masked_text(hint)
