"""The server process."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn

from serving.access import Access
from serving.app import create_app
from serving.context import Scorer, Serving
from serving.folder import FolderStore
from serving.settings import Settings
from serving.store import Store

HOST = "127.0.0.1"


def run_server(
    store: Store, access: Access, settings: Settings, port: int, scorer: Callable[[], Scorer] | None = None
) -> None:
    """Serve on loopback until interrupted; a proxy with HTTPS stands in front where others shall reach it."""
    app = create_app(store, access, settings, scorer)
    serving: Serving = app.state.serving
    serving.pictures.warm()
    if isinstance(store, FolderStore):
        store.prepare = serving.prepare
        serving.prepare(store.current())
    uvicorn.run(
        app, host=HOST, port=port, access_log=False, log_level="warning", server_header=False, proxy_headers=False
    )
