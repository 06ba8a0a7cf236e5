"""What is done with the results of a week: `rind publish`, `rind deliver`."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, StoreOption, VerboseOption
from rind.pipelines.runner import door, reporting

if TYPE_CHECKING:
    from rind.pipelines.params import Params
    from rind.serving.deliver.job import Job, Report


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(
        epilog="Examples:\n\n  rind publish --dir results/ --to postgres://rind@db.example.com/results\n\n"
        "  PGPASSWORD=... rind publish --dir results/"
    )(publish)
    app.command(
        epilog="Examples:\n\n  rind deliver --dir results/ --dry-run preview/\n\n"
        "  RIND_SMTP_PASSWORD=... RIND_SLACK_WEBHOOK=https://... rind deliver --dir results/ --params company.yaml"
    )(deliver)


def publish(
    folder: DirOption,
    to: StoreOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write a week's results into the results store in PostgreSQL: once a week, all or nothing."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.errors import UsageError
        from rind.features.locations import masked
        from rind.pipelines.params import load
        from rind.serving.store import publish as publishing

        given = load(params, set_ or ()).results_store
        url = to or given.url
        if not url:
            raise UsageError("there is no results store to publish to", "--to postgres://user@host/database")
        with reporting(console, f"publishing {folder} to {masked(url)}"):
            done = publishing.publish(
                folder,
                url,
                given.grace_minutes,
                given.keep_detail_weeks,
                given.connect_seconds,
                given.publish_seconds,
            )
        if done.unchanged:
            outcome = "these results are there already; nothing was written"
        else:
            outcome = ", ".join(f"{count:,} {name}" for name, count in done.rows.items())
        Console().print(f"{done.as_of}: {outcome}", highlight=False, markup=False, soft_wrap=True)


def deliver(
    location: Annotated[str, typer.Option("--dir", help="What `rind run` wrote, or postgres://user@host/database.")],
    dry_run: Annotated[
        Path | None, typer.Option("--dry-run", help="Write what would be sent into this folder; send nothing.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this channel (mail, slack, crm); may be repeated.")
    ] = None,
    retry_refused: Annotated[
        bool, typer.Option("--retry-refused", help="Try again what the other side refused for good.")
    ] = False,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Send the week's mails, chat message and CRM files: each once. Exit code 7 unless all of it went."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.pipelines.demo_company import demo_settings
        from rind.pipelines.params import load
        from rind.serving.deliver.dispatch import deliver as deliver_all
        from rind.serving.deliver.dry_run import dry_run as write_all
        from rind.serving.store.places import seen_from, state_folder

        _refuse_unknown(only or ())
        given = load(params or demo_settings(Path(location)), set_ or ())
        with _job(location, given, only or (), console) as job:
            if dry_run is not None:
                report = write_all(job, dry_run)
            else:
                state = state_folder(location, job.settings.state)
                job = replace(job, place=seen_from(state, location))
                with reporting(console, f"delivering the week of {job.week.as_of}"):
                    report = deliver_all(job, state, retry_refused)
        _print(report, dry_run is not None)
        if verbose:
            for cause in report.causes:
                console.print("".join(traceback.format_exception(cause)), highlight=False, markup=False)
        _refuse_undelivered(report)


def _refuse_unknown(channels: Sequence[str]) -> None:
    from rind.common.errors import UsageError
    from rind.serving.deliver.channels import CHANNELS

    if unknown := sorted(set(channels) - set(CHANNELS)):
        raise UsageError(f"there is no channel {', '.join(unknown)}", f"some of {', '.join(CHANNELS)}")


@contextmanager
def _job(location: str, given: Params, only: Sequence[str], console: Console) -> Iterator[Job]:
    """The newest week, with the feedback on it, to be sent by all channels or by some only; its store stays open."""
    from rind.pipelines.cli.access import folder_of
    from rind.pipelines.cli.feedback import feedback_on
    from rind.serving.deliver.channels import CHANNELS
    from rind.serving.deliver.job import Job
    from rind.serving.deliver.settings import from_environment
    from rind.serving.store.places import open_store

    settings, secrets = from_environment(given.deliveries)
    with closing(open_store(location, refresh_seconds=0)) as store:
        job = Job(store.current(), settings, secrets, only or tuple(CHANNELS), bool(only), given.serving.currency)
        yield replace(job, feedback=feedback_on(job.week, folder_of(location), given, console))


def _refuse_undelivered(report: Report) -> None:
    from rind.common.errors import UndeliveredError

    if not report.complete:
        counts = {"still waiting": report.pending, "refused": report.refused, "failed": report.failed}
        waits = ", ".join(f"{len(lines)} {state}" for state, lines in counts.items() if lines)
        hint = "run `rind deliver` again: nothing is sent twice; --retry-refused also asks again who refused"
        raise UndeliveredError(f"not everything was delivered: {waits}", hint)


def _print(report: Report, dry: bool) -> None:
    out = Console()
    for title, lines in (
        ("written" if dry else "sent", report.sent), ("sent before", report.already), ("waiting", report.pending),
        ("refused", report.refused), ("withdrawn", report.withdrawn), ("note", report.notes),
        ("channel", report.channels),
    ):  # fmt: skip
        for line in lines:
            out.print(f"{title:>11}: {line}", highlight=False, markup=False, soft_wrap=True)
