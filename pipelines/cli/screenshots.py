"""`python -m rind.pipelines.cli.screenshots`: a picture of every page of the server, for the documents."""

from __future__ import annotations

import argparse
import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from rind.pipelines.cli.serve import page_settings
from rind.pipelines.demo_company import demo_settings
from rind.pipelines.params import load
from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.store.folder import FolderStore

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]  # fmt: skip
SIZES = {1280: 900, 390: 844}
CHROMIUM = "/usr/bin/chromium"


def main() -> None:
    """Serve a folder on a free port and photograph each page, wide and narrow, light; the first also dark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path("data"), help="results of a run")
    parser.add_argument("--out", type=Path, default=Path("docs/img"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        photograph_all(given.dir, given.out, Path(made, "access.sqlite"))


def photograph_all(folder: Path, out: Path, access_file: Path) -> None:
    """A picture of each page of the results in ``folder``, written to ``out``; there are no users and no feedback."""
    store, access = FolderStore(folder, 0), Access(access_file)
    app = create_app(store, access, page_settings(load(demo_settings(folder)), demo=True))
    listed = store.current().risk_list
    melons = listed[listed["watermelon"]]
    account = (melons if len(melons) else listed)["account_id"].iloc[0]
    pages = {"this_week": "/", "account": f"/accounts/{account}", "watermelons": "/watermelons",
             "true_north": "/true-north", "health_score": "/health-score", "model": "/model",
             "books": "/books"}  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _photograph(f"http://127.0.0.1:{port}", pages, out)
    finally:
        server.should_exit = True
        thread.join(30)
        access.close()


def _photograph(address: str, pages: dict[str, str], out: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGS)
        for width, height in SIZES.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB"
                )
                page = context.new_page()
                for name, path in pages.items():
                    if scheme == "light" or name in ("this_week", "account"):
                        _shoot(page, f"{address}{path}", out / f"{name}_{width}{'_dark' * (scheme == 'dark')}.png")
                context.close()
        browser.close()


def _shoot(page: Any, address: str, path: Path) -> None:
    page.goto(address)
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    until = time.monotonic() + 60
    while not page.evaluate("[...document.images].every(image => image.complete)") and time.monotonic() < until:
        page.wait_for_timeout(100)
    page.screenshot(path=str(path))


if __name__ == "__main__":
    main()
