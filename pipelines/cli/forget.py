"""`rind forget`: a contact or an account out of all that Rind keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.access import audited
from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, StoreOption, VerboseOption
from rind.pipelines.runner import door, reporting

if TYPE_CHECKING:
    from rind.pipelines.personal.forget import Report


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        epilog="Examples:\n\n  rind forget --dir results/ --account A00042\n\n"
        "  rind forget --dir results/ --contact C7 --contact C9 --to postgres://rind@db.example.com/results"
    )(forget)


def forget(
    folder: DirOption,
    account: Annotated[list[str] | None, typer.Option(help="Id of an account; may be repeated.")] = None,
    contact: Annotated[list[str] | None, typer.Option(help="Id of a contact or user; may be repeated.")] = None,
    to: StoreOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Forget accounts and contacts: out of results, feedback, deliveries, MLflow, audit and the results store.

    Without an id it forgets again whoever is on the list of the forgotten: do that after restoring an older backup.
    """
    console = Console(stderr=True)
    with door(console, verbose, "what was begun is ended by the same command"):
        from rind.common.errors import RindError, UsageError
        from rind.pipelines.params import load
        from rind.pipelines.personal.forget import STAYS
        from rind.pipelines.personal.forget import forget as forget_everywhere
        from rind.pipelines.personal.forgotten import NAME
        from rind.pipelines.personal.persons import same_id
        from rind.pipelines.places import places_of
        from rind.pipelines.private_files import created_for, settle

        given = load(params, set_ or ())
        accounts, contacts = (frozenset(filter(None, map(same_id, ids or ()))) for ids in (account, contact))
        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}", "give with --dir what `rind run` wrote to")
        if not (accounts or contacts or (folder / NAME).exists()):
            raise UsageError("nobody to forget", "give --account ID or --contact ID")
        many = (
            f"{len(accounts)} accounts, {len(contacts)} contacts" if accounts or contacts else "whoever is on the list"
        )
        with created_for(given.files.readable_by), reporting(console, "forgetting"):
            with audited(folder, given, "forget", many if accounts or contacts else "whoever is on the list"):
                report = forget_everywhere(places_of(folder, given, to), given, accounts, contacts)
            settle(folder, given.files.readable_by)
        _print(report)
        Console().print(STAYS, highlight=False, markup=False)
        if report.left:
            hint = "run the same command again once that can be changed; what is done is not done twice"
            raise RindError("not everything could be forgotten: " + "; ".join(report.left), hint)


def _print(report: Report) -> None:
    out = Console()
    for place, what in report.removed.items():
        out.print(f"{place}: {what}", highlight=False, markup=False, soft_wrap=True)
    if not report.removed:
        out.print("nothing that Rind keeps names them", highlight=False)
