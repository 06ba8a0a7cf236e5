"""`rind ready`: whether a server serves a week; for the probes of a platform that sees exit codes."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from typing import Annotated, Any

import typer
from rich.console import Console

from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door

KEY, SECONDS = "RIND_PROBE_KEY", 4.0


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog="Example:\n\n  rind ready --port 8700")(ready)


def ready(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: serving.port.")] = None,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Ask the server on this machine whether a whole week is served; a key comes from RIND_PROBE_KEY.

    Exit code 0 where one is, 1 where none is or nobody answers.
    """
    with door(Console(stderr=True), verbose):
        from rind.common.errors import RindError
        from rind.pipelines.params import load

        serving = load(params, set_ or ()).serving
        host = serving.addresses[0]
        address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        bracketed = f"[{address}]" if ":" in address else address
        key = os.environ.get(KEY, "").strip()
        status, answer = _answer(f"http://{bracketed}:{port or serving.port}/readyz", key)
        if status == 401:
            hint = f"make one with `rind keys create probe --scope metrics`, and set {KEY}"
            raise RindError("the server lives; only with a key it tells whether it is ready", hint)
        if status != 200:
            raise RindError(f"not ready: {answer.get('detail') or answer.get('title') or f'status {status}'}")
        problem = f"; newer results cannot be served: {answer['problem']}" if answer.get("problem") else ""
        Console().print(f"ready: the week of {answer['as_of']}{problem}", highlight=False, markup=False, soft_wrap=True)


def _answer(url: str, key: str) -> tuple[int, dict[str, Any]]:
    """The status and the document of an answer; RindError where nobody answers, or somebody else does."""
    from rind.common.errors import RindError

    headers = {"host": "localhost", "accept": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by way of a proxy
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=SECONDS) as answer:
            document = _document(answer.read())
            if "as_of" not in document:
                raise ValueError("another program answers there")
            return answer.status, document
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _document(error.read())
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise RindError(f"no server answers at {url}: {reason}", "`rind serve` starts one") from None


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
