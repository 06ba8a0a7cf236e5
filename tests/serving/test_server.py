"""The server process behind a proxy and without one."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from served import BROWSER, Client, Site, site, token

from rind.serving.server import uvicorn_config


def attempts(here: Site, app: Any, proxied: str, count: int) -> list[int]:
    """The answers to attempts under as many names, as a proxy on this machine hands them on."""
    headers = BROWSER | {"x-forwarded-for": proxied, "x-forwarded-proto": "https"}
    client = Client(app, here.loop, headers)
    form = client.get("/login")
    cookies = {"cookie": form.headers["set-cookie"].split(";")[0]}  # secure ones do not come back over plain HTTP
    data = {"password": "wrong password!", "csrf": token(form.text)}
    return [
        client.post("/login", data=data | {"name": f"{proxied} {n}"}, headers=cookies).status_code for n in range(count)
    ]


def test_behind_a_proxy_each_address_has_its_own_attempts_and_stands_in_the_audit_log(
    results: Path, tmp_path: Path
) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=1, secure_cookies=True) as here:
        listening = uvicorn_config(here.app, here.settings, 0)
        listening.load()
        assert attempts(here, listening.loaded_app, "203.0.113.7", 11) == [401] * 10 + [429]
        assert attempts(here, listening.loaded_app, "203.0.113.8", 1) == [401]
        addresses = [event.address for event in here.access.audit.events(action="login failed")]
        assert (addresses.count("203.0.113.7"), addresses.count("203.0.113.8")) == (10, 1)


def test_without_a_proxy_nobody_is_believed_to_be_somebody_else(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=1) as here:
        listening = uvicorn_config(here.app, here.settings, 0)
        listening.load()
        attempts(here, listening.loaded_app, "203.0.113.7", 1)
        assert {event.address for event in here.access.audit.events()} == {"127.0.0.1"}


def test_a_request_that_has_begun_is_answered_after_the_server_was_told_to_end(results: Path, tmp_path: Path) -> None:
    begun, may_end = threading.Event(), threading.Event()

    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        begun.set()
        await asyncio.to_thread(may_end.wait, 10)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})

    with site(results, tmp_path / "access.sqlite", demo=True) as here, ThreadPoolExecutor() as pool:
        config = uvicorn_config(slow, here.settings, 0)
        config.lifespan = "off"
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(config)
        ended = pool.submit(server.run, sockets=[listening])
        answer = pool.submit(httpx.get, f"http://127.0.0.1:{port}/", timeout=20)
        assert begun.wait(10)
        server.handle_exit(signal.SIGTERM, None)
        with pytest.raises(TimeoutError):
            ended.result(0.5)  # it waits for what has begun
        may_end.set()
        assert answer.result().text == "done"
        ended.result(10)
    assert config.timeout_graceful_shutdown == 25
