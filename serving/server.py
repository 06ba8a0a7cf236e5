"""The server process."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from threading import Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from rind.common.errors import RindError
from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.request_context import Scorer, Serving
from rind.serving.settings import Settings
from rind.serving.store.protocols import Store, Week
from rind.serving.store.week_watcher import Watcher

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75  # longer than proxies keep theirs: who closes first decides whose requests are lost
SWITCH_SECONDS = 0.0005
"""How soon a thread that reads a new week makes way for a page; Python's own 0.005 is felt."""


def run_server(
    store: Watcher[Any], access: Access, settings: Settings, port: int, scorer: Callable[[Week], Scorer] | None = None
) -> None:
    """Serve on loopback until interrupted; a proxy with HTTPS stands in front where others shall reach it."""
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(store, access, settings, scorer)
    serving: Serving = app.state.serving
    serving.pictures.warm()
    if scorer is not None:
        Thread(target=_load, args=(scorer, store), name="rind-model", daemon=True).start()
    store.prepare_with(serving.prepare)
    uvicorn.Server(configured(app, settings, port)).run()


def configured(app: ASGIApp, settings: Settings, port: int) -> uvicorn.Config:
    """How the process listens.

    Cookies that travel over HTTPS only mean that a proxy on this machine stands in front: it, and nobody else, is
    believed who the client is and that the client came by HTTPS. Else all clients would share one address.
    """
    return uvicorn.Config(
        app, host=HOST, port=port, access_log=False, log_level="warning", server_header=False,
        proxy_headers=settings.secure_cookies, forwarded_allow_ips=HOST, timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )  # fmt: skip


def _load(scorer: Callable[[Week], Scorer], store: Store) -> None:
    """Load the model before somebody waits for it; the pages do not need it."""
    try:
        scorer(store.current())
    except (RindError, OSError) as error:
        logger.warning("POST /v1/score has no model: %s", error)
