"""`rind backup` and `rind restore`: all that belongs to a folder of results, in one file and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.access import audited
from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door, reporting

OF_THAT_DAY = (
    "users, passwords, second factors and keys are those of that day: remove again whom you removed since; a key that "
    "was revoked since stays revoked where the folder still had its users and keys, else revoke it again; all sessions "
    "are ended"
)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(epilog="Example:\n\n  rind backup --dir results/ --out /backup/rind-2026-06-29.tar.zst")(backup)
    app.command(epilog="Example:\n\n  rind restore /backup/rind-2026-06-29.tar.zst --dir results/")(restore)


def backup(
    folder: DirOption,
    out: Annotated[Path, typer.Option("--out", help="The file to write; ends in .tar.zst or .tar.gz.")],
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write results, users, feedback, deliveries and MLflow into one file, while a server and a run are at work.

    The file holds names, hashes of passwords and the secrets of second factors: keep it as you keep the folder. A
    results store in PostgreSQL and an MLflow server have backups of their own.
    """
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.results import MANIFEST
        from rind.pipelines.backup import staged, write_archive
        from rind.pipelines.backup.staging import RESULTS_FOLDER
        from rind.pipelines.data import read_json
        from rind.pipelines.params import load
        from rind.pipelines.places import places_of

        given = load(params, set_ or ())
        with (
            reporting(console, f"backing up {folder}"),
            staged(places_of(folder, given)) as made,
            audited(folder, given, "backup", out.name),
        ):
            written = write_archive(made, out, str(read_json(made / RESULTS_FOLDER / MANIFEST)["as_of"]))
        size = f"{out.stat().st_size / 2**20:,.1f} MB, {written.bytes / 2**20:,.1f} MB unpacked"
        line = f"{out}: {len(written.files)} files of the week of {written.as_of}, {size}"
        Console().print(line, highlight=False, markup=False, soft_wrap=True)


def restore(
    file: Annotated[Path, typer.Argument(help="What `rind backup` wrote.")],
    folder: DirOption,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is in the folder.")] = False,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Put a backup back into a folder that is empty, or with --force over what is there.

    The whole file is checked before anything is touched. Whoever was forgotten since, by the list in the folder, is
    forgotten again. Users, keys and the audit log are those of the backup's day; its sessions are ended, and a key that
    was revoked since, by the file in the folder, stays revoked.
    """
    console = Console(stderr=True)
    with door(console, verbose, "the same command with --force goes on"):
        from rind.common.errors import RindError
        from rind.pipelines.backup import restore as put_back
        from rind.pipelines.params import load
        from rind.pipelines.personal.forget import forget
        from rind.pipelines.personal.forgotten import read_forgotten
        from rind.pipelines.places import places_of
        from rind.pipelines.private_files import created_for, settle

        given = load(params, set_ or ())
        with created_for(given.files.readable_by), reporting(console, f"restoring {folder}"):
            written = put_back(file, folder, lambda: places_of(folder, given), force)
            left: list[str] = []
            with audited(folder, given, "restore", f"{file.name}, made {written.made_at}"):
                if read_forgotten(folder).marks:
                    left = forget(places_of(folder, given), given, frozenset(), frozenset()).left
            settle(folder, given.files.readable_by)
        line = f"{folder}: the week of {written.as_of}, as it was backed up on {written.made_at} by rind {written.rind}"
        for text in (line, OF_THAT_DAY):
            Console().print(text, highlight=False, markup=False, soft_wrap=True)
        if left:
            raise RindError("not everybody is forgotten again: " + "; ".join(left), "run `rind forget` without an id")
