"""A small open-loop load generator: requests leave on time, whether or not the earlier ones have come back."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

SECONDS = 30.0


def options(about: str | None, rate: float, seconds: float) -> argparse.ArgumentParser:
    """What a benchmark under load asks for: the size of the results, and the load."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--seconds", type=float, default=seconds)
    return parser


@dataclass(frozen=True)
class Ask:
    """A GET: what kind it is, and its path and headers."""

    kind: str
    path: str
    headers: str


@dataclass(frozen=True)
class Answer:
    """An answer: seconds from when the request should have left until the last byte came."""

    kind: str
    path: str
    status: int
    seconds: float
    at: float
    body: bytes


class Wire:
    """Keep-alive HTTP/1.1 connections to one port; as many as are in use at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, what: Ask) -> tuple[int, bytes]:
        """Send a request and read the answer; status 0 where the connection broke."""
        pair = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = pair
        head = f"GET {what.path} HTTP/1.1\r\nhost: localhost\r\n{what.headers}\r\n"
        try:
            writer.write(head.encode())
            top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = int(top.split(" ", 2)[1])
            lengths = [line for line in top.lower().split("\r\n") if line.startswith("content-length:")]
            body = await reader.readexactly(int(lengths[0].split(":")[1])) if lengths and status != 304 else b""
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
            return 0, b""
        self._idle.append(pair)
        return status, body

    def close(self) -> None:
        """Close what is open."""
        for _, writer in self._idle:
            writer.close()


async def load(
    port: int, asks: Callable[[int], Ask], rate: float, seconds: float, midway: Callable[[], Any] | None = None
) -> list[Answer]:
    """Send ``rate`` requests a second for ``seconds``.

    Parameters
    ----------
    asks
        The n-th request.
    midway
        Called once, in another thread, when half of the time is over.
    """
    wire, answers = Wire(port), []
    loop = asyncio.get_running_loop()
    start = loop.time() + 0.2
    count = int(rate * seconds)

    async def one(number: int, due: float) -> None:
        """Send one request and note when the answer was there."""
        what = asks(number)
        try:
            status, body = await asyncio.wait_for(wire.ask(what), SECONDS)
        except TimeoutError:
            status, body = 0, b""
        answers.append(Answer(what.kind, what.path, status, loop.time() - due, due - start, body))

    tasks, middle = set(), None
    for number in range(count):
        due = start + number / rate
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        if midway is not None and middle is None and number >= count // 2:
            middle = loop.run_in_executor(None, midway)
        task = asyncio.create_task(one(number, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks, *([middle] if middle is not None else []))
    wire.close()
    return answers


def table(answers: Iterable[Answer]) -> str:
    """Milliseconds by kind: median, 95th and 99th percentile, longest; and what was no success."""
    rows: dict[str, list[Answer]] = {}
    for answer in answers:
        rows.setdefault(answer.kind, []).append(answer)
        rows.setdefault("all", []).append(answer)
    lines = [f"{'':24}{'requests':>9}{'errors':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}  ms"]
    for kind, answers in sorted(rows.items(), key=lambda item: (item[0] == "all", item[0])):
        times = 1000 * np.array([answer.seconds for answer in answers])
        errors = sum(answer.status not in (200, 304) for answer in answers)
        p50, p95, p99 = np.percentile(times, [50, 95, 99])
        lines.append(f"{kind:24}{len(answers):9}{errors:8}{p50:8.1f}{p95:8.1f}{p99:8.1f}{times.max():8.1f}")
    return "\n".join(lines)


def wait_for(port: int, seconds: float = 120.0) -> None:
    """Until something answers GET /healthz or GET /ping."""
    import urllib.error
    import urllib.request

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path in ("healthz", "ping"):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5):
                    return
            except urllib.error.HTTPError:
                continue
            except OSError:
                time.sleep(0.2)
    raise TimeoutError(f"nothing answers on port {port}")
