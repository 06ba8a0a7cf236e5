"""`rind ready`: the exit code for a platform's probe."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from rind.pipelines.cli.app import app

READY = {"status": "ready", "as_of": "2026-03-02", "version": "x", "problem": None}


@contextmanager
def server(status: int, body: bytes) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """A server that answers one thing; its port, and the headers that it was sent."""
    requests: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield http.server_port, requests
        finally:
            http.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "code", "printed"),
    [
        (200, json.dumps(READY).encode(), 0, "ready: the week of 2026-03-02"),
        (200, json.dumps(READY | {"problem": "no disk"}).encode(), 0, "newer results cannot be served: no disk"),
        (503, b'{"detail": "there are no complete results"}', 1, "not ready: there are no complete results"),
        (401, b"{}", 1, "RIND_PROBE_KEY"),
        (500, b"<html>", 1, "not ready: status 500"),
        (500, b"[]", 1, "not ready: status 500"),
        (200, b"<html>another program", 1, "no server answers"),
        (200, b"[]", 1, "no server answers"),
        (200, b"{}", 1, "another program answers there"),
    ],
)
def test_a_week_that_is_served_is_ready_and_all_else_is_not(
    status: int, body: bytes, code: int, printed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("RIND_PROBE_KEY", " rind_x\n")
    with server(status, body) as (port, requests):
        done = CliRunner().invoke(app, ["ready", "--port", str(port)])
    assert (done.exit_code, printed in " ".join(done.output.split())) == (code, True), done.output
    assert requests[0]["authorization"] == "Bearer rind_x"
    assert requests[0]["host"] == "localhost"
    assert "unexpected" not in done.output


def test_where_nobody_listens_it_says_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    done = CliRunner().invoke(app, ["ready", "--port", port, "--set", "serving.addresses=['0.0.0.0']"])
    assert done.exit_code == 1
    assert f"no server answers at http://127.0.0.1:{port}/readyz" in " ".join(done.output.split())
