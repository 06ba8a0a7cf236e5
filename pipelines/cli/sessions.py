"""`rind sessions`: who is logged in, and how a session is ended."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from rind.pipelines.cli.access import AccountsOption, opened_access, plain, system_user
from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption

sessions_app = typer.Typer(
    help="Who is logged in, and ending sessions.",
    epilog="Example:\n\n  rind sessions list --dir results/",
    no_args_is_help=True,
)
COLUMNS = ("session", "who", "by", "role", "since", "seen", "until", "from", "browser")


@sessions_app.command("list", epilog="Example:\n\n  rind sessions list --dir results/")
def list_sessions(
    location: AccountsOption = "", params: ParamsOption = None, set_: SetOption = None, verbose: VerboseOption = False
) -> None:
    """Every session that has not ended; times in UTC."""
    with opened_access(location, params, set_, verbose) as access:
        table = Table(*COLUMNS)
        for line in access.sessions.all():
            by = "company" if line.by_company else "password"
            times = (at[:19].replace("T", " ") for at in (line.opened_at, line.seen_at, line.expires_at))
            row = (line.id, line.name, by, line.role, *times, line.address, line.browser)
            table.add_row(*(plain(text) for text in row))
        Console().print(table)


@sessions_app.command(
    "end",
    epilog="Examples:\n\n  rind sessions end 3f9c1a7e --dir results/\n\n  rind sessions end --who jonas --dir results/",
)
def end_sessions(
    session: Annotated[str, typer.Argument(help="Its letters in `rind sessions list`.")] = "",
    who: Annotated[str, typer.Option(help="All sessions of a user or person, by the whole name.")] = "",
    location: AccountsOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """End one session, or all sessions of somebody; the next request asks for a login."""
    with opened_access(location, params, set_, verbose) as access:
        from rind.common.errors import UsageError

        if bool(session) == bool(who):
            raise UsageError("which sessions?", "name one session, or give --who NAME")
        with access.administered(system_user(), "sessions end", session or f"all of {who}", "rind sessions end"):
            ended = [line.id for line in access.sessions.all() if line.name == who] if who else [session]
            if not ended:
                raise UsageError(f"{who!r} has no session", "`rind sessions list` shows them")
            for one in ended:
                access.sessions.end_one(one)
        Console().print(f"ended: {', '.join(ended)}", highlight=False, markup=False)
