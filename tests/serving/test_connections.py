"""Half-sent requests: they are closed after some seconds, and never keep an honest reader out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from served import Site, site

from rind.serving.connections import guarded_protocol
from rind.serving.server import uvicorn_config

SECONDS: Any = {"head": 1.0, "body": 1.5, "answer": 3.0}
HEAD = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n"


@contextmanager
def running(here: Site, most: int, app: Any = None) -> Iterator[int]:
    """The server of `rind serve` on a free port, with short deadlines."""
    config = uvicorn_config(app or here.app, here.settings, 0)
    config.http = guarded_protocol(most, SECONDS)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


@pytest.fixture
def port(results: Path, tmp_path: Path) -> Iterator[int]:
    with site(results, tmp_path / "access.sqlite", demo=True) as here, running(here, 100) as number:
        yield number


def closed_within(client: socket.socket, seconds: float) -> bool:
    """Whether the server closes this connection in time."""
    client.settimeout(seconds)
    try:
        while client.recv(65536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


def test_the_server_runs_with_these_deadlines(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", max_connections=77) as here:
        protocol = uvicorn_config(here.app, here.settings, 0).http
    assert (protocol.most, protocol.seconds["head"]) == (77, 10.0)  # type: ignore[union-attr]


def test_an_honest_reader_is_served_among_hundreds_of_half_sent_requests(port: int) -> None:
    with ExitStack() as stack:
        half: list[socket.socket] = []
        seconds: list[float] = []
        for number in range(400):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall((b"", b"G", HEAD)[number % 3])
            half.append(client)
            if number % 40 == 39:
                start = time.perf_counter()
                assert httpx.get(f"http://localhost:{port}/", headers={"accept": "text/html"}).status_code == 200
                seconds.append(time.perf_counter() - start)
        assert max(seconds) < 5
        assert all(closed_within(client, 5) for client in half)


def test_a_trickle_of_bytes_wins_no_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        start, sent = time.perf_counter(), 0
        try:
            while time.perf_counter() - start < 5:
                client.sendall((HEAD + b"x" * 1000)[sent : sent + 1])
                sent += 1
                time.sleep(0.1)
        except ConnectionError:
            pass
        assert 0.9 < time.perf_counter() - start < 4


def test_a_body_that_never_ends_is_given_up(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        head = b"POST /v1/score HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        client.sendall(head + b"content-length: 1000\r\n\r\n{")
        start = time.perf_counter()
        assert closed_within(client, 6)
        assert time.perf_counter() - start > 1


def test_a_second_request_on_a_connection_has_its_own_deadline_and_a_quiet_connection_stays(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(HEAD + b"\r\n")
        client.settimeout(5)
        assert b"200 OK" in client.recv(65536)
        assert not closed_within(client, 2)  # kept alive for the next request
        client.sendall(HEAD)
        assert closed_within(client, 4)


def test_a_client_that_does_not_take_its_answer_is_given_up(results: Path, tmp_path: Path) -> None:
    async def endless(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(10_000):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})

    with (
        site(results, tmp_path / "access.sqlite") as here,
        running(here, 10, endless) as port,
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        client.sendall(HEAD + b"\r\n")
        time.sleep(4)
        taken = 0
        client.settimeout(5)
        with suppress(ConnectionError):
            while block := client.recv(1 << 20):
                taken += len(block)
        assert taken < 10_000 * 65536
