"""`rind feedback`: what readers answered to the list, as tables; and the feedback that a run takes into account."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from rind.common.errors import RindError
from rind.pipelines.cli.access import folder_of
from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door

if TYPE_CHECKING:
    from rind.pipelines.params import Params
    from rind.serving.feedback.book_state import BookFeedback
    from rind.serving.store.protocols import Week

INTERVENTIONS, COMMITMENTS = "interventions.csv", "commitments.csv"
feedback_app = typer.Typer(
    help="What readers answered to the list.",
    epilog="Example:\n\n  rind feedback export --dir results/ --out feedback/",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(feedback_app, name="feedback")


def feedback_file(folder: Path | None, given: Params) -> Path | None:
    """Where the feedback lies: beside the file of users and keys. None where neither folder nor file is named."""
    from rind.serving.feedback.file import NAME, beside

    if given.serving.access:
        return beside(Path(given.serving.access))
    return None if folder is None else folder / NAME


def with_feedback_of(out: Path, given: Params, console: Console) -> Params:
    """The parameters of a run that adds what the feedback on the results in ``out`` holds: interventions, commitments.

    They are exported into ``out``/feedback first. A feedback file that cannot be read is told, and the run goes on.
    """
    path = feedback_file(out, given)
    if given.source.feedback or path is None or not path.is_file():
        return given
    try:
        rows = _export(path, out / "feedback")
    except (RindError, sqlite3.Error, OSError) as error:
        reason = error.message if isinstance(error, RindError) else str(error)
        console.print(f"the run goes on without the feedback: {reason}", style="yellow", markup=False)
        return given
    if not (rows[INTERVENTIONS] or rows[COMMITMENTS]):
        return given
    table = str(out / "feedback" / INTERVENTIONS)
    return given.model_copy(update={"source": given.source.model_copy(update={"feedback": table})})


def feedback_on(week: Week, folder: Path | None, given: Params, console: Console) -> BookFeedback | None:
    """What readers answered to the list of a week; None where nobody did, or where the file cannot be read."""
    from rind.serving.feedback.file import Feedback

    path = feedback_file(folder, given)
    if path is None or not path.is_file():
        return None
    try:
        with closing(Feedback(path)) as feedback:
            return feedback.book(week.as_of)
    except (RindError, sqlite3.Error, OSError) as error:
        reason = error.message if isinstance(error, RindError) else str(error)
        console.print(f"the feedback is left out: {reason}", style="yellow", markup=False)
        return None


def _export(path: Path, folder: Path) -> dict[str, int]:
    from rind.serving.feedback.export import export
    from rind.serving.feedback.file import Feedback

    with closing(Feedback(path)) as feedback:
        return export(feedback, folder)


@feedback_app.command("export", epilog="Example:\n\n  rind feedback export --dir results/ --out feedback/")
def export_feedback(
    out: Annotated[Path, typer.Option("--out", help="Folder; gets interventions.csv, commitments.csv and acts.csv.")],
    location: Annotated[
        str,
        typer.Option("--dir", help="Folder that `rind run` wrote to; not needed where serving.access is set."),
    ] = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write the interventions as a table of the data contract, the commitments, and every act as it was written."""
    with door(Console(stderr=True), verbose):
        from rind.common.errors import UsageError
        from rind.pipelines.params import load

        path = feedback_file(folder_of(location), load(params, set_ or ()))
        if path is None or not path.is_file():
            raise UsageError(f"there is no feedback{f' in {path}' if path else ''}", "give --dir: what is served")
        for name, count in _export(path, out).items():
            Console().print(f"{out / name}: {count} rows", highlight=False, markup=False, soft_wrap=True)
