"""The server process."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable
from threading import Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import LOGGING_CONFIG

from rind.common.errors import RindError
from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.connections import guarded_protocol
from rind.serving.metrics import Surroundings
from rind.serving.request_context import Scorer, Serving
from rind.serving.settings import Settings
from rind.serving.store.protocols import Store, Week
from rind.serving.store.week_watcher import Watcher

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 75  # longer than proxies keep theirs: a request on a connection closed by us would be lost
SWITCH_SECONDS = 0.0005
"""After so long a thread that reads a new week lets a page through; Python's own 0.005 makes pages slower."""


def run_server(
    store: Watcher[Any], access: Access, settings: Settings, sockets: list[socket.socket],
    scorer: Callable[[Week], Scorer] | None = None, surroundings: Surroundings | None = None,
) -> None:  # fmt: skip
    """Serve until interrupted; for other machines put a proxy with HTTPS in front.

    After SIGTERM nobody new is let in, and requests that have begun are answered, for at most
    ``settings.shutdown_seconds``.

    Parameters
    ----------
    sockets
        Where it listens already: `serving.listening`.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(store, access, settings, scorer, surroundings)
    serving: Serving = app.state.serving
    serving.pictures.warm()
    if scorer is not None:
        Thread(target=_load_model, args=(scorer, store), name="rind-model", daemon=True).start()
    store.prepare_with(serving.prepare)
    uvicorn.Server(uvicorn_config(app, settings, sockets[0].getsockname()[1])).run(sockets)


def uvicorn_config(app: ASGIApp, settings: Settings, port: int) -> uvicorn.Config:
    """How the process listens.

    Cookies that travel over HTTPS only mean that a proxy stands in front. The server then takes the client's address
    and scheme from that proxy's headers (and from nobody else's): otherwise all clients would share one address.
    """
    return uvicorn.Config(
        app, host=settings.addresses[0], port=port, access_log=False, log_level="warning", server_header=False,
        proxy_headers=settings.secure_cookies, forwarded_allow_ips=list(settings.proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=settings.shutdown_seconds,
        http=guarded_protocol(settings.max_connections),
        log_config=None if settings.log_format == "json" else LOGGING_CONFIG,
    )  # fmt: skip


def _load_model(scorer: Callable[[Week], Scorer], store: Store) -> None:
    """Load the model before the first request for a score; the pages do not need it."""
    try:
        scorer(store.current())
    except (RindError, OSError) as error:
        logger.warning("POST /v1/score has no model: %s", error)
