"""`rind audit`: who saw, changed, decided and tried what."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from rind.pipelines.cli.access import AccountsOption, opened_access, plain
from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption

EXAMPLES = (
    "Examples:\n\n  rind audit --dir results/ --who jonas --since 2026-11-01\n\n"
    "  rind audit --dir results/ --json --after 1200 >> audit.jsonl"
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("audit", epilog=EXAMPLES)(audit)


def audit(
    location: AccountsOption = "",
    who: Annotated[str, typer.Option(help="The whole name of a user, a person or a key.")] = "",
    what: Annotated[str, typer.Option(help='An action ("login failed") or the first words of several ("users").')] = "",
    since: Annotated[str, typer.Option(help="A day (2026-11-29) or a moment in ISO 8601; UTC.")] = "",
    last: Annotated[int, typer.Option(min=1, help="How many of the latest lines; with --json: all.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, the oldest first, for a log store.")] = False,
    after: Annotated[int, typer.Option(min=0, help="With --json: only lines behind the one of this id.")] = 0,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Show the audit log: who saw, exported, changed, decided and tried what, in a browser or on the command line."""
    with opened_access(location, params, set_, verbose) as access:
        from rind.serving.access.audit import Wanted, as_json_line

        moment = _moment(since)
        if as_json:
            for line in access.audit.lines(Wanted(who, what, moment), after):
                typer.echo(as_json_line(line))
            return
        table = Table("time (UTC)", "who", "what", "where", "detail", "status", "from")
        for line in reversed(access.audit.events(last, who, what, moment)):
            at = line.at[:19].replace("T", " ")
            row = (at, line.who, line.action, line.path, line.detail, str(line.status), line.address)
            table.add_row(*(plain(text) for text in row))
        Console().print(table)


def _moment(since: str) -> str:
    from rind.common.errors import UsageError
    from rind.serving.access.audit import moment

    try:
        return moment(since)
    except ValueError:
        raise UsageError(f"--since {since!r} is no day and no moment", "for example --since 2026-11-29") from None
