"""`rind serve`: the results where people look."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from rind.pipelines.cli import access as cli_access
from rind.pipelines.cli import audit as cli_audit
from rind.pipelines.cli import sessions as cli_sessions
from rind.pipelines.cli.access import access_of, folder_of, system_user
from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door

if TYPE_CHECKING:
    from rind.pipelines.params import Params, ServingParams
    from rind.serving.access.access_file import Access
    from rind.serving.access.company_login.settings import OidcSettings
    from rind.serving.metrics import Surroundings
    from rind.serving.request_context import Scorer
    from rind.serving.settings import Settings
    from rind.serving.store.protocols import Week
    from rind.serving.store.week_watcher import Watcher


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(
        epilog="Examples:\n\n  rind serve --dir results/ --port 8700\n\n"
        "  rind serve --dir postgres://rind@db.example.com/results --set serving.access=access.sqlite"
    )(serve)
    app.add_typer(cli_access.users_app, name="users")
    app.add_typer(cli_access.keys_app, name="keys")
    app.add_typer(cli_sessions.sessions_app, name="sessions")
    cli_audit.register(app)


def serve(
    location: Annotated[
        str,
        typer.Option(
            "--dir",
            envvar="RIND_STORE",
            help="Folder that `rind run` wrote to, or postgres://user@host/db; default: results_store.url.",
        ),
    ] = "",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: serving.port.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="No login, on loopback only; every page says so.")] = False,
    log_format: Annotated[
        str | None, typer.Option("--log-format", help="text, or json: one object a line. Default: serving.log_format.")
    ] = None,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Serve the results in DIR as pages and API on this machine."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.features.locations import masked_text
        from rind.serving.listening import listening
        from rind.serving.logs import configure
        from rind.serving.server import run_server

        given = _parameters(location, params, set_, log_format)
        configure(given.serving.log_format)
        folder = folder_of(location)
        settings, at = page_settings(given, demo), port or given.serving.port
        with ExitStack() as opened:
            # First the port: reading the week takes its time.
            sockets = opened.enter_context(listening(settings.addresses, at))
            access = opened.enter_context(closing(access_of(folder, given)))
            store, scorer = _results(folder, given)
            opened.callback(store.close)
            _print_how_to_reach(settings, at, access, console)
            command, detail = f"serve{' --demo' if demo else ''}", f"{location or 'results_store.url'} on port {at}"
            with access.administered(system_user(), command, masked_text(detail), "rind serve"):
                pass
            run_server(store, access, settings, sockets, scorer, _surroundings(folder, given))


def _parameters(location: str, params: Path | None, set_: list[str] | None, log_format: str | None) -> Params:
    """The parameters with the results store and the form of the log that the command line names."""
    from rind.common.errors import UsageError
    from rind.pipelines.demo_company import demo_settings
    from rind.pipelines.params import load

    given = load(params or demo_settings(Path(location)), set_ or ())
    serving = given.serving.model_copy(update=_named(log_format))
    folder = folder_of(location)
    url = given.results_store.url if folder or not location else location
    if folder is None and url is None:
        raise UsageError("nothing to serve", "give --dir, or set results_store.url")
    store = given.results_store.model_copy(update={"url": url})
    return given.model_copy(update={"serving": serving, "results_store": store})


def _print_how_to_reach(settings: Settings, port: int, access: Access, console: Console) -> None:
    """Print the addresses, and a warning where nobody can log in yet."""
    if not (settings.demo or settings.oidc or access.users.all() or access.keys.all()):
        hint = "nobody can log in yet: `rind users add NAME --dir DIR`, or start with --demo"
        console.print(hint, style="yellow")
    places = ", ".join(f"http://{f'[{a}]' if ':' in a else a}:{port}" for a in settings.addresses)
    console.print(f"{places}{'   (demo: no login)' if settings.demo else ''}", highlight=False)


def page_settings(given: Params, demo: bool) -> Settings:
    """What pages and API need of the parameters; ``demo`` lets everybody in without a login."""
    from rind.serving.settings import LOOPBACK, Settings

    serving = given.serving
    _refuse_unsafe(serving, demo)
    return Settings(
        demo=demo,
        secure_cookies=serving.https,
        hosts=LOOPBACK if demo else (*LOOPBACK, *(host.lower() for host in serving.hosts)),
        addresses=serving.addresses,
        proxies=serving.proxies,
        csm_sees=serving.csm_sees,
        page_size=serving.page_size,
        session_hours=serving.session_hours,
        audit_days=given.retention.audit_days,
        login_attempts_per_minute=serving.login_attempts_per_minute,
        max_body_bytes=serving.max_body_mb * 2**20,
        max_score_rows=serving.max_score_accounts,
        max_connections=serving.max_connections,
        currency=serving.currency,
        mlflow_url=serving.mlflow_url,
        shutdown_seconds=serving.shutdown_seconds,
        log_format=serving.log_format,
        local_users=serving.local_users,
        oidc=serving.oidc if serving.oidc.issuer and not demo else None,
        oidc_secret="" if demo else company_login_secret(serving.oidc),
    )


def _refuse_unsafe(serving: ServingParams, demo: bool) -> None:
    """Raise a UsageError where everybody could get in, nobody could, or passwords would travel in clear text."""
    from rind.common.errors import UsageError
    from rind.serving.settings import is_loopback

    elsewhere = ", ".join(address for address in serving.addresses if not is_loopback(address))
    if elsewhere and demo:
        raise UsageError(
            f"--demo lets everybody in without a login, and serving.addresses opens {elsewhere}",
            "serve the demo on this machine only: --set 'serving.addresses=[127.0.0.1]'",
        )
    if elsewhere and not serving.https:
        raise UsageError(
            f"serving.addresses opens {elsewhere} and serving.https is not set: passwords and cookies would travel in "
            "clear text",
            "--set serving.https=true, behind a proxy that speaks HTTPS",
        )
    if not (serving.local_users or serving.oidc.issuer or demo):
        raise UsageError(
            "serving.local_users is false and serving.oidc has no issuer: nobody could log in",
            "set one of them; docs/sign-in.md says how",
        )
    if serving.hosts and not (serving.https or demo):
        raise UsageError(
            "serving.hosts is set and serving.https is not: passwords and cookies would travel in clear text",
            "--set serving.https=true, behind a proxy on this machine that speaks HTTPS",
        )


def _named(log_format: str | None) -> dict[str, str]:
    """The form of the log that the command line names, if it does."""
    from rind.common.errors import UsageError

    if log_format not in (None, "text", "json"):
        raise UsageError(f"there is no form of the log {log_format!r}", "one of text, json")
    return {"log_format": log_format} if log_format else {}


def _surroundings(folder: Path | None, given: Params) -> Surroundings:
    """What lies beside the results: runs, and the ledger of deliveries where one can be named."""
    from rind.serving.metrics import Surroundings
    from rind.serving.store.places import state_folder

    configured = given.deliveries.state
    ledger = state_folder(str(folder), configured) if folder or configured else None
    return Surroundings(folder, ledger / "deliveries.sqlite" if ledger else None)


def company_login_secret(oidc: OidcSettings) -> str:
    """The client's secret at the company's login; "" where it has none or there is no such login.

    Raises
    ------
    UsageError
        The variable of the environment is not set, or holds no secret.
    """
    from rind.common.errors import UsageError

    if not oidc.issuer or not oidc.secret_variable:
        return ""
    secret = os.environ.get(oidc.secret_variable, "").strip()
    if not secret.isascii() or not secret.isprintable() or not secret:
        raise UsageError(
            f"serving.oidc.issuer is set and the environment's {oidc.secret_variable} holds no secret",
            f'export {oidc.secret_variable}=..., or set serving.oidc.secret_variable to "" for a public client',
        )
    return secret


def _results(folder: Path | None, given: Params) -> tuple[Watcher[Any], Callable[[Week], Scorer] | None]:
    """The store of the weeks, and the model that scored them: beside a folder, or where MLFLOW_TRACKING_URI says."""
    from rind.pipelines.live_scorer import live_scorer
    from rind.pipelines.workspace import Workspace, of_run
    from rind.serving.store.places import open_store

    store = open_store(str(folder or given.results_store.url), given.serving.refresh_seconds)
    if folder is not None:
        return store, live_scorer(of_run(folder.resolve()), given.tracking)
    elsewhere = Workspace(Path("data"), Path("mlruns"))
    return store, live_scorer(elsewhere, given.tracking) if "MLFLOW_TRACKING_URI" in os.environ else None
