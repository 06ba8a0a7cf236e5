"""Mails over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from typing import Self

from rind.common.errors import UsageError
from rind.serving.deliver.items import Item
from rind.serving.deliver.sending import DownError, RefusedError, TemporaryError
from rind.serving.deliver.settings import LOOPBACK, SmtpSettings

LONGEST_ANSWER = 200


class SmtpSender:
    """Mails over one SMTP connection, opened for the first mail and again when it broke.

    Parameters
    ----------
    settings
        The server. ``starttls`` and ``tls`` check its certificate against the system's authorities
        (SSL_CERT_FILE names others).
    password
        From the environment; with ``security: none`` it is refused rather than sent over the wire.
    envelope_sender
        Where failure reports go.
    """

    def __init__(self, settings: SmtpSettings, password: str, envelope_sender: str) -> None:
        if password and settings.security == "none" and settings.host not in LOOPBACK:
            raise UsageError(
                "the SMTP password would go over the wire in clear text", "deliveries.smtp.security: starttls or tls"
            )
        self._settings, self._password, self._envelope_sender = settings, password, envelope_sender
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._disconnect()

    def send(self, item: Item) -> None:
        """Send one mail; it was taken when this returns."""
        smtp = self._connected()
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
            self._disconnect()
            raise TemporaryError(f"the connection broke: {_message(error)}") from None

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                server = f"{self._settings.host}:{self._settings.port}"
                raise DownError(f"the mail server {server} cannot be used: {_message(error)}") from None
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        settings, tls = self._settings, ssl.create_default_context()
        smtp: smtplib.SMTP
        if settings.security == "tls":
            smtp = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_seconds, context=tls)
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
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
            smtp.quit()
        except (smtplib.SMTPException, OSError):
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
