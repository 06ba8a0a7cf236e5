"""`rind run --notify`: a run that fails says so by mail to those who run it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from rind.common.errors import PartsMissingError, RindError, exit_code_of
from rind.common.results import MANIFEST

if TYPE_CHECKING:
    from rind.pipelines.params import Params


@contextmanager
def mailing_failures(out: Path, given: Params, console: Console) -> Iterator[None]:
    """Mail ``deliveries.operators`` where the block fails; the error goes its way all the same.

    No mail goes where a part is missing (the weekly mail of `rind deliver` names it), nor for Ctrl-C: whoever pressed
    it knows. What hinders the mail is printed, and changes nothing else.

    Parameters
    ----------
    out
        The folder of the results; the ledger of deliveries lies in it unless ``deliveries.state`` names another.
    """
    started = datetime.now(UTC)
    _warn_early(given, console)
    try:
        yield
    except PartsMissingError:
        raise
    except BaseException as error:
        if not _pressed_by_hand(error):
            for line in _mail(error, started, out, given):
                console.print(f"the mail about this failure: {line}", style="yellow", markup=False, highlight=False)
        raise


def _pressed_by_hand(error: BaseException) -> bool:
    return isinstance(error, KeyboardInterrupt) and (not error.args or error.args[0] == signal.SIGINT)


def _warn_early(given: Params, console: Console) -> None:
    """Say at the start that a failure could not be mailed, not when it is too late."""
    from rind.serving.deliver.failure_mail import lacking
    from rind.serving.deliver.settings import from_environment

    if reason := lacking(*from_environment(given.deliveries)):
        console.print(f"--notify will mail nobody: {reason}", style="yellow", markup=False, highlight=False)


def _mail(error: BaseException, started: datetime, out: Path, given: Params) -> list[str]:
    """Send the mail; a line for each that did not go. It never raises: the run's own error must come through."""
    from rind.serving.deliver.failed_run import FailedRun, reason_of
    from rind.serving.deliver.failure_mail import lacking, mail_failure
    from rind.serving.deliver.job import company_of_run
    from rind.serving.deliver.settings import from_environment
    from rind.serving.store.places import seen_from, state_folder

    settings, secrets = from_environment(given.deliveries)
    if lacking(settings, secrets):
        return []  # said at the start
    reason, hint = reason_of(error)
    run = FailedRun(
        title=given.source.title, code=exit_code_of(error), reason=reason, hint=hint, started=started,
        ended=datetime.now(UTC), list_of=_list_of(out),
    )  # fmt: skip
    if isinstance(error, KeyboardInterrupt):  # the platform kills for good after some seconds
        settings = settings.model_copy(update={"retries": settings.retries.model_copy(update={"attempts": 1})})
    folder = state_folder(str(out), settings.state)
    company = company_of_run({"parameters": given.record()}, settings.company, seen_from(folder, str(out)))
    try:
        return mail_failure(run, settings, secrets, company, folder)
    except RindError as problem:
        return [problem.message]
    except Exception as problem:  # noqa: BLE001  whatever hinders the mail must not hide why the run failed
        return [f"unexpected {type(problem).__name__}"]


def _list_of(out: Path) -> date | None:
    """The scoring date of the list that readers see; None where there is none, or where its record is broken."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        return date.fromisoformat(json.loads((out / MANIFEST).read_text(encoding="utf-8"))["as_of"])
    return None
