"""`rind map`: a first mapping for the exports of known systems, to be read and changed by a person."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.options import VerboseOption
from rind.pipelines.runner import door, reporting

if TYPE_CHECKING:
    from rind.features.mapping.drafting import Draft


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        "map",
        epilog="Examples:\n\n  rind map --from stripe,hubspot,zendesk,segment --source exports/ --out mapping/\n\n"
        "  rind map --from columns --source tables/ --out mapping/",
    )(map_exports)


def map_exports(
    systems: Annotated[
        str,
        typer.Option(
            "--from",
            help="Systems, by comma: amplitude, chargebee, delighted, hubspot, intercom, posthog, salesforce, segment, "
            "stripe, zendesk; columns: any table, by the likeness of its columns.",
        ),
    ],
    source: Annotated[
        str,
        typer.Option(
            "--source", envvar="RIND_SOURCE", help="Folder of the exports, duckdb:///file.db, or s3://bucket/folder."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="New folder for the mapping.")],
    verbose: VerboseOption = False,
) -> None:
    """Write a mapping (one SQL file a table, and mapping.yaml) for exports; print what it could not decide."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.features.mapping.drafting import draft

        names = [name.strip().lower() for name in systems.split(",") if name.strip()]
        with reporting(console, "reading the exports"):
            written = draft(names, source, out)
        Console().print(summary(written), highlight=False, markup=False, soft_wrap=True)


def summary(written: Draft) -> str:
    """What was found, what the tables hold, what a person must decide, and the next command."""
    inputs = [f"  {file:<36} {name}" for name, file in written.inputs.items()]
    rows = [f"  {table:<36} {count:>10,} rows" for table, count in written.rows.items()]
    from rind.features.mapping.questions import CHOOSE

    choices = [q.removeprefix(CHOOSE) for q in written.questions if q.startswith(CHOOSE)]
    facts = [q for q in written.questions if not q.startswith(CHOOSE)]
    unread = [f"not read: {', '.join(written.unread)}"] if written.unread else []
    decide = ["to choose, at the lines of mapping.yaml that say CHOOSE:", *_listed(choices)] if choices else []
    decide += ["to know (it stands in mapping.yaml too):", *_listed(facts)] if facts else []
    last = f"next: read {written.folder / 'mapping.yaml'}, then: rind validate --source {written.folder}"
    return "\n".join(["exports:", *inputs, "tables:", *rows, *decide, *unread, last])


def _listed(sentences: list[str]) -> list[str]:
    return [textwrap.fill(s, 118, initial_indent="  - ", subsequent_indent="    ") for s in sentences]
