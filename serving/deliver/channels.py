"""How an item leaves the house: SMTP and the webhook; and what their refusals mean."""

from __future__ import annotations

import smtplib
import ssl
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from rind.common.errors import UsageError
from rind.serving.deliver.outbox import Item
from rind.serving.deliver.settings import LOOPBACK, RetrySettings, SlackSettings, SmtpSettings


class TemporaryError(Exception):
    """Not taken, or not known to be: worth another try, after so many seconds at least."""

    def __init__(self, message: str, after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class DownError(TemporaryError):
    """The whole channel cannot be reached: the next item would fare no better."""


class RefusedError(Exception):
    """Never taken, however often it is tried."""


class Channel(Protocol):
    """Sends an item, or raises one of the errors above."""

    def send(self, item: Item) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def retrying(settings: RetrySettings) -> Retrying:
    """Try again after temporary failures: exponential waits with jitter, at least as long as the server asks for."""
    first = settings.first_wait_seconds
    backoff = wait_exponential(multiplier=first, max=settings.longest_wait_seconds) + wait_random(0, first)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after_seconds if isinstance(error, TemporaryError) else 0.0
        return min(max(backoff(state), asked), settings.longest_wait_seconds)

    return Retrying(
        retry=retry_if_exception_type(TemporaryError), stop=stop_after_attempt(settings.attempts), wait=wait,
        reraise=True,
    )  # fmt: skip


class SmtpChannel:
    """Mails over one SMTP connection, opened when the first one goes and again when it broke.

    Parameters
    ----------
    settings
        The server. ``starttls`` and ``tls`` check its certificate against the system's authorities
        (SSL_CERT_FILE names others).
    password
        From the environment; with ``security: none`` it is not sent over the wire but refused.
    sender
        The envelope's sender: where failure reports go.
    """

    def __init__(self, settings: SmtpSettings, password: str, sender: str) -> None:
        if password and settings.security == "none" and settings.host not in LOOPBACK:
            raise UsageError(
                "the SMTP password would go over the wire in clear text", "deliveries.smtp.security: starttls or tls"
            )
        self._settings, self._password, self._sender = settings, password, sender
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def send(self, item: Item) -> None:
        """Send one mail; it was taken when this returns."""
        smtp = self._connected()
        try:
            smtp.sendmail(self._sender, [item.recipient], item.payload)
        except smtplib.SMTPRecipientsRefused as error:
            raise _judged(*error.recipients[item.recipient]) from None
        except smtplib.SMTPSenderRefused as error:
            self._drop()
            raise DownError(
                f"the sender {self._sender} was refused: {error.smtp_code} {_text(error.smtp_error)}"
            ) from None
        except smtplib.SMTPDataError as error:
            raise _judged(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise TemporaryError(f"the connection broke: {_said(error)}") from None

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                server = f"{self._settings.host}:{self._settings.port}"
                raise DownError(f"the mail server {server} cannot be used: {_said(error)}") from None
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        given, trust = self._settings, ssl.create_default_context()
        smtp: smtplib.SMTP
        if given.security == "tls":
            smtp = smtplib.SMTP_SSL(given.host, given.port, timeout=given.timeout_seconds, context=trust)
        else:
            smtp = smtplib.SMTP(given.host, given.port, timeout=given.timeout_seconds)
        try:
            if given.security == "starttls":
                smtp.starttls(context=trust)
            if given.user:
                smtp.login(given.user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()


class WebhookChannel:
    """Messages to one webhook; its URL is a secret and stands in no message.

    Raises
    ------
    UsageError
        The URL is not https (http is taken on this machine only).
    """

    def __init__(self, url: str, settings: SlackSettings) -> None:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not (parts.hostname and (parts.scheme == "https" or local)):
            raise UsageError("RIND_SLACK_WEBHOOK is no https address", "copy it from the chat's webhook settings")
        self._url = url
        self._client = httpx.Client(timeout=settings.timeout_seconds, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, item: Item) -> None:
        """POST one message; it was taken when this returns."""
        try:
            answer = self._client.post(
                self._url, content=item.payload, headers={"content-type": "application/json; charset=utf-8"}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # their texts may hold the URL
            raise DownError(f"the webhook cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise TemporaryError(f"the webhook cannot be reached: {type(error).__name__}") from None
        if answer.is_success:
            return
        said = f"the webhook answered {answer.status_code}"
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            asked = answer.headers.get("retry-after", "")
            raise TemporaryError(said, float(asked) if asked.isdigit() else 0.0)
        raise RefusedError(said)


def _judged(code: int, said: bytes | str) -> Exception:
    text = f"{code} {_text(said)}"
    return RefusedError(text) if 500 <= code < 600 else TemporaryError(text)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
