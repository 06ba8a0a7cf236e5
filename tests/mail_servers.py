"""A real SMTP server and a real HTTP server on this machine, with the ill manners that the tests need."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from rind.serving.deliver.settings import Secrets

EVERYBODY = ["li@example.com", "tom@example.com", "boss@example.com"]


class Mailbox:
    """What an SMTP server took, and how it behaves.

    Parameters
    ----------
    refuses
        Recipient -> the answer to RCPT.
    on_data
        Called with the number of the DATA command (from 1) before it is answered: returns an answer, None for
        "taken", `DROP` to hang up without taking, `TAKE_AND_DROP` to take and hang up before the answer.
    """

    def __init__(
        self, refuses: dict[str, str] | None = None, on_data: Callable[[int], str | None] | None = None
    ) -> None:
        self.refuses = refuses or {}
        self.on_data = on_data or (lambda _: None)
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.tls: list[bool] = []
        self._commands = 0

    async def handle_RCPT(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        self._commands += 1
        answer = self.on_data(self._commands)
        if answer in (None, TAKE_AND_DROP):
            assert isinstance(envelope.content, bytes)
            made = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(made, EmailMessage)
            self.taken.append(made)
            self.recipients += envelope.rcpt_tos
            self.tls.append(session.ssl is not None)
        if answer in (DROP, TAKE_AND_DROP):
            server.transport.abort()
            return "421 gone"
        return answer or "250 taken"

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.taken]


DROP, TAKE_AND_DROP = "drop", "take and drop"


@contextmanager
def smtp_server(mailbox: Mailbox, port: int, **settings: Any) -> Iterator[None]:
    """The server, up while the block runs."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **settings)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class Hook:
    """A webhook that answers with ``answers`` in turn, then 200; None hangs up instead. ``code``: a refusal's body."""

    def __init__(self, *answers: int | None, retry_after: str = "", code: str = "") -> None:
        self.answers = list(answers)
        self.code = code
        self.retry_after = retry_after
        self.bodies: list[bytes] = []
        self.times: list[float] = []


@contextmanager
def http_server(hook: Hook) -> Iterator[str]:
    """The webhook's URL, up while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.times.append(time.monotonic())
            answer = hook.answers.pop(0) if hook.answers else 200
            if answer is None:
                self.connection.close()
                return
            if answer == 200:
                hook.bodies.append(body)
            self.send_response(answer)
            if hook.retry_after:
                self.send_header("retry-after", hook.retry_after)
            body = b"" if answer == 200 else hook.code.encode()
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/T0/s3cret"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def trickling_server(*parts: bytes, drip: bytes = b"a", every_seconds: float = 0.2) -> Iterator[int]:
    """The port of a server that answers each line it reads with the next part, and after the last one drips forever.

    The first part is sent before anything is read (the greeting of a mail server).
    """
    done, listening = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            for number, part in enumerate(parts):
                if number and not connection.recv(65536):
                    return
                connection.sendall(part)
            while not done.wait(every_seconds):
                connection.sendall(drip)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=[listening.accept()[0]], daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        done.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def command_settings(port: int) -> list[str]:
    """Options of `rind deliver` for a server on this port."""
    given = (
        "sender=Rind <rind@example.com>", 'csms={"Li Na": li@example.com, "Tom Hardy": tom@example.com}',
        "leadership=[boss@example.com]", "smtp.host=127.0.0.1", f"smtp.port={port}", "smtp.security=none",
        "retries.attempts=1", "smtp.timeout_seconds=5",
    )  # fmt: skip
    return [part for key in given for part in ("--set", f"deliveries.{key}")]


def slack_job(make_job: Any, url: str, *overrides: str, **more: Any) -> Any:
    """A job for the chat alone, with links to the pages; ``make_job`` is the fixture."""
    links = "deliveries.base_url=https://rind.example.com"
    secrets = Secrets(slack_webhook=url)
    return make_job(links, *overrides, channels=["slack"], required=True, secrets=secrets, **more)
