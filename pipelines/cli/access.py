"""`rind users` and `rind keys`: who may log in, and which programs may ask."""

from __future__ import annotations

import getpass
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door

if TYPE_CHECKING:
    from rind.pipelines.params import Params
    from rind.serving.access.access_file import Access

CsmOption = Annotated[str, typer.Option("--csm", help="The name that stands in the accounts' csm column.")]
AccountsOption = Annotated[
    str, typer.Option("--dir", help="Folder that `rind run` wrote to; not needed where serving.access names a file.")
]
PASSWORD = "RIND_PASSWORD"

users_app = typer.Typer(
    help="Who may log in, and what they see.",
    epilog="Example:\n\n  rind users add jonas --dir results/",
    no_args_is_help=True,
)
keys_app = typer.Typer(
    help="Keys for programs: scoped, revocable, stored hashed.",
    epilog="Example:\n\n  rind keys create crm --scope read --dir results/",
    no_args_is_help=True,
)


def folder_of(location: str) -> Path | None:
    """The folder that --dir names; None where it names a database, or nothing."""
    from rind.serving.store.schema import is_store

    return Path(location) if location and not is_store(location) else None


def access_of(folder: Path | None, given: Params) -> Access:
    """Users and keys: in the file of serving.access, else in the folder of the results."""
    from rind.common.errors import UsageError
    from rind.serving.access.access_file import Access

    if folder is not None and not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", "give with --dir what `rind run` wrote to")
    if given.serving.access:
        return Access(Path(given.serving.access))
    if folder is None:
        raise UsageError("no place for users and keys", "give --dir FOLDER, or --set serving.access=FILE")
    return Access(folder / "access.sqlite")


@contextmanager
def opened_access(location: str, params: Path | None, set_: list[str] | None, verbose: bool) -> Iterator[Access]:
    """The store of users and keys, closed afterwards."""
    with door(Console(stderr=True), verbose):
        from rind.pipelines.params import load

        with closing(access_of(folder_of(location), load(params, set_ or ()))) as access:
            yield access


@contextmanager
def audited(folder: Path | None, given: Params, action: str, detail: str) -> Iterator[None]:
    """Do something on the command line that is no change of users or keys, with its lines in the audit log.

    A line ``ACTION begun`` is written before it and one that says how it ended after it, see
    `serving.access.access_file.Access.recorded`. Where the log cannot be written, nothing is done.

    Parameters
    ----------
    folder
        What --dir names; None where it names a database.
    action
        The command without ``rind``: "rollback", "forget".
    detail
        On whom, and what; never a password, a key, or the text of a note.
    """
    with (
        closing(access_of(folder, given)) as access,
        access.recorded(system_user(), action, detail, f"rind {action}"),
    ):
        yield


@contextmanager
def _changed(access: Access, command: str, detail: str) -> Iterator[None]:
    """A change of users or keys, with its line in the audit log."""
    with access.administered(system_user(), command, detail, f"rind {command}"):
        yield


def system_user() -> str:
    """Who runs this command: the user of the process (not what the environment says), and who became it by sudo."""
    user = os.getuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:  # a container's number without a name
        name = str(user)
    behind = os.environ.get("SUDO_USER", "") if user == 0 else ""
    return f"system user {name}{f' (sudo by {behind})' if behind else ''}"[:100]


def _password() -> str:
    """From RIND_PASSWORD, from a pipe, or asked for twice; never from the command line, which others can read."""
    from rind.common.errors import UsageError

    if PASSWORD in os.environ:
        return os.environ[PASSWORD]
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise UsageError("the two passwords differ", "try again")
    return first


def _say(text: str) -> None:
    Console().print(text, highlight=False, markup=False, soft_wrap=True)


def plain(text: str) -> str:
    """The text without what a terminal would obey and rich would read as markup."""
    return escape("".join(c if c.isprintable() else "\ufffd" for c in text))


@users_app.command("add", epilog='Example:\n\n  rind users add jonas --role csm --csm "Jonas Weber" --dir results/')
def add_user(
    name: str,
    location: AccountsOption = "",
    role: Annotated[str, typer.Option(help="viewer, csm or admin.")] = "viewer",
    csm: CsmOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Add a user; the password comes from RIND_PASSWORD, a pipe or the keyboard."""
    with opened_access(location, params, set_, verbose) as access:
        password = _password()
        with _changed(access, "users add", f"{name} as {role}{f' for {csm}' if csm else ''}"):
            access.users.add(name, password, role, csm)
        _say(f"{name} may log in as {role}{f' for {csm}' if csm else ''}")


@users_app.command("remove", epilog="Example:\n\n  rind users remove jonas --dir results/")
def remove_user(
    name: str,
    location: AccountsOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Remove a user and end its sessions."""
    with opened_access(location, params, set_, verbose) as access:
        with _changed(access, "users remove", name):
            access.users.remove(name)
        _say(f"{name} is gone")


@users_app.command("password", epilog="Example:\n\n  RIND_PASSWORD=... rind users password jonas --dir results/")
def set_password(
    name: str,
    location: AccountsOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Set a new password and end all sessions of the user."""
    with opened_access(location, params, set_, verbose) as access:
        password = _password()
        with _changed(access, "users password", name):
            access.users.set_password(name, password)
        _say(f"{name} has a new password; all sessions are ended")


@users_app.command("role", epilog="Example:\n\n  rind users role jonas admin --dir results/")
def set_role(
    name: str, role: str, location: AccountsOption = "", csm: CsmOption = "", params: ParamsOption = None,
    set_: SetOption = None, verbose: VerboseOption = False,
) -> None:  # fmt: skip
    """Change what a user may see."""
    with opened_access(location, params, set_, verbose) as access:
        with _changed(access, "users role", f"{name} is {role}{f' for {csm}' if csm else ''}"):
            access.users.set_role(name, role, csm)
        _say(f"{name} is {role} now")


@users_app.command("list", epilog="Example:\n\n  rind users list --dir results/")
def list_users(
    location: AccountsOption = "", params: ParamsOption = None, set_: SetOption = None, verbose: VerboseOption = False
) -> None:
    """Who may log in."""
    with opened_access(location, params, set_, verbose) as access:
        table = Table("name", "role", "accounts of", "since", "second factor since")
        for user in access.users.all():
            table.add_row(*map(plain, user))
        Console().print(table)


@users_app.command("reset-second-factor", epilog="Example:\n\n  rind users reset-second-factor jonas --dir results/")
def reset_second_factor(
    name: str,
    location: AccountsOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Remove the second factor of a user who lost it: the password alone lets in until another one is set up."""
    with opened_access(location, params, set_, verbose) as access:
        with _changed(access, "users reset-second-factor", name):
            access.second_factors.reset(name)
        _say(f"{name} logs in by the password alone now")


@keys_app.command(
    "create", epilog="Example:\n\n  rind keys create crm --scope read --scope export --days 365 --dir results/"
)
def create_key(
    name: str,
    scope: Annotated[list[str], typer.Option(help="read, export, score, metrics or feedback; may be repeated.")],
    location: AccountsOption = "",
    csm: CsmOption = "",
    days: Annotated[int | None, typer.Option(min=1, help="Expires after so many days; default: never.")] = None,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Make a key and print it, once."""
    with opened_access(location, params, set_, verbose) as access:
        limits = f"{', '.join(scope)}{f' for {csm}' if csm else ''}{f', {days} days' if days else ''}"
        with _changed(access, "keys create", f"{name}: {limits}"):
            key = access.keys.create(name, scope, csm, days)
        _say(key)


@keys_app.command("revoke", epilog="Example:\n\n  rind keys revoke 3f9c1a7e --dir results/")
def revoke_key(
    number: str,
    location: AccountsOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Make a key useless, from the next request on; NUMBER is the eight letters after rind_."""
    with opened_access(location, params, set_, verbose) as access:
        with _changed(access, "keys revoke", number):
            access.keys.revoke(number)
        _say(f"key {number} is revoked")


@keys_app.command("list", epilog="Example:\n\n  rind keys list --dir results/")
def list_keys(
    location: AccountsOption = "", params: ParamsOption = None, set_: SetOption = None, verbose: VerboseOption = False
) -> None:
    """Every key, without its secret."""
    with opened_access(location, params, set_, verbose) as access:
        table = Table("number", "name", "scopes", "accounts of", "created", "expires", "revoked")
        for key in access.keys.all():
            table.add_row(*(plain(str(value or "")) for value in key))
        Console().print(table)
