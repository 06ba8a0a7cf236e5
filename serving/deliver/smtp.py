"""Mails over SMTP."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, Self

from rind.common.errors import UsageError
from rind.serving.deliver.items import Item
from rind.serving.deliver.sending import DownError, RefusedError, SilentError, StalledError, TemporaryError
from rind.serving.deliver.settings import SmtpSettings, smtp_problem

LONGEST_ANSWER = 200
GOODBYE_SECONDS = 2.0


class _Replies(io.RawIOBase):
    """What the server says, while there is time left."""

    def __init__(self, connection: socket.socket, left: Callable[[], float]) -> None:
        self._connection, self._left = connection, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._left())
        return self._connection.recv_into(buffer)


class _Exchange(smtplib.SMTP):
    """A connection with a deadline for a whole exchange; smtplib's own timeout begins anew with every byte."""

    def __init__(self, host: str, port: int, seconds: float, **more: Any) -> None:
        self.allow(seconds)
        super().__init__(host, port, timeout=seconds, **more)

    def allow(self, seconds: float) -> None:
        """Give the next exchange so many seconds."""
        self._ends_at = time.monotonic() + seconds

    @property
    def stalled(self) -> bool:
        return time.monotonic() >= self._ends_at

    def send(self, s: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._left())  # of sendall as a whole
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Replies(self.sock, self._left))
        return super().getreply()

    def _left(self) -> float:
        if self.stalled:
            raise TimeoutError("the server takes too long")
        return self._ends_at - time.monotonic()


class _TlsExchange(_Exchange, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


class SmtpSender:
    """Mails over one SMTP connection, opened for the first mail and again when it broke.

    Parameters
    ----------
    settings
        The server; ``timeout_seconds`` is for a whole exchange: to connect and log in, or one mail. ``starttls`` and
        ``tls`` check its certificate against the system's authorities (SSL_CERT_FILE names others).
    password
        From the environment; with ``security: none`` it is refused rather than sent over the wire.
    envelope_sender
        Where failure reports go.
    """

    def __init__(self, settings: SmtpSettings, password: str, envelope_sender: str) -> None:
        if problem := smtp_problem(settings, password):
            raise UsageError(problem, "see `deliveries.smtp` in params.yaml")
        self._settings, self._password, self._envelope_sender = settings, password, envelope_sender
        self._smtp: _Exchange | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._disconnect()

    def send(self, item: Item) -> None:
        """Send one mail; it was taken when this returns."""
        smtp = self._connected()
        smtp.allow(self._seconds)
        try:
            smtp.sendmail(self._envelope_sender, [item.recipient], item.payload)
        except smtplib.SMTPRecipientsRefused as error:
            raise _error_of(*error.recipients[item.recipient]) from None
        except smtplib.SMTPSenderRefused as error:
            self._disconnect()
            answer = f"{error.smtp_code} {_text(error.smtp_error)}"
            raise DownError(f"the sender {self._envelope_sender} was refused: {answer}") from None
        except smtplib.SMTPDataError as error:
            raise _error_of(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            stalled = smtp.stalled
            self._disconnect()
            if stalled:
                raise StalledError(f"the mail server did not take it within {self._seconds:g} s") from None
            raise TemporaryError(f"the connection broke: {_message(error)}") from None

    @property
    def _seconds(self) -> float:
        return self._settings.timeout_seconds

    def _connected(self) -> _Exchange:
        if self._smtp is None:
            started = time.monotonic()
            try:
                self._smtp = self._connect()
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                server = f"the mail server {self._settings.host}:{self._settings.port}"
                if time.monotonic() - started >= self._seconds:
                    raise SilentError(f"{server} did not answer within {self._seconds:g} s") from None
                raise DownError(f"{server} cannot be used: {_message(error)}") from None
        return self._smtp

    def _connect(self) -> _Exchange:
        settings, tls = self._settings, ssl.create_default_context()
        kind, more = (_TlsExchange, {"context": tls}) if settings.security == "tls" else (_Exchange, {})
        smtp = kind(settings.host, settings.port, self._seconds, **more)
        try:
            if settings.security == "starttls":
                smtp.starttls(context=tls)
            if settings.user:
                smtp.login(settings.user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _disconnect(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            if not smtp.stalled:
                smtp.allow(GOODBYE_SECONDS)
                smtp.quit()
        except (smtplib.SMTPException, OSError):
            pass
        finally:
            smtp.close()


def _error_of(code: int, answer: bytes | str) -> Exception:
    """5xx is refused for good, all else temporary."""
    text = f"{code} {_text(answer)}"
    return RefusedError(text) if 500 <= code < 600 else TemporaryError(text)


def _message(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:LONGEST_ANSWER]
