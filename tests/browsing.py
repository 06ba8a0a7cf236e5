"""A browser and a server for it to look at."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import uvicorn
from playwright.sync_api import Error
from served import OWN, PASSWORD, PICTURES, QUICK

from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.pages.registry import NAVIGATION
from rind.serving.settings import Settings
from rind.serving.store.folder import FolderStore

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]  # fmt: skip
PAGES = {entry.title: entry.address for entry in NAVIGATION if not entry.scope}
"""The menu of who may read: title -> address."""

# `.ci/run` installs chromium, so CI always has one; a developer without root can still run all other tests.
WANTS_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no browser: apt-get install --no-install-recommends chromium"),
]


@contextmanager
def served(results: Path, folder: Path, **settings: Any) -> Iterator[str]:
    """A server on a port of its own, with a viewer, a CSM and an admin."""
    access = Access(folder / "access.sqlite", QUICK)
    for name, role, csm in (("vera", "viewer", ""), ("amara", "csm", OWN), ("ada", "admin", "")):
        access.users.add(name, PASSWORD, role, csm)
    app = create_app(FolderStore(results, 0), access, Settings(**settings))
    app.state.serving.pictures = PICTURES
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    app.state.serving.feedback.close()
    access.close()


def enter(browser: Any, address: str, name: str = "vera", width: int = 1280, script: bool = True) -> Any:
    """A new page, logged in; anything that the browser complains about fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale="en-GB", java_script_enabled=script, accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints
    page.goto(address)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("h1:has-text('accounts at risk')")
    return page


def listed(page: Any, wanted: list[str]) -> list[str]:
    """The accounts of the list on the page, once they are those that are wanted, or after half a minute as they are."""
    found, until = list[str](), time.monotonic() + 30
    while found != wanted and time.monotonic() < until:
        page.wait_for_timeout(50)
        with suppress(Error):  # the page went while it was read; what it held before stands, and is compared
            hrefs = page.evaluate("[...document.querySelectorAll('table.list tbody th a')].map(a => a.pathname)")
            found = [unquote(href.rpartition("/")[2]) for href in hrefs]
    return found
