"""The settings of deliveries, and the secrets that only the environment holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def address(text: str) -> str:
    """One plain e-mail address; anything that could become two headers or two recipients is refused."""
    if not text.isascii() or any(c.isspace() or c in ",;<>\"'" or not c.isprintable() for c in text):
        raise ValueError("one plain e-mail address, such as ana@example.com")
    parsed = Address(addr_spec=text)
    if not parsed.username or ("." not in parsed.domain and parsed.domain != "localhost"):
        raise ValueError("one plain e-mail address, such as ana@example.com")
    return text


def sender(text: str) -> str:
    """``Name <address>`` or an address alone; "" where nothing is mailed."""
    if text:
        name, plain = parseaddr(text)
        address(plain)
        if not name.isprintable():
            raise ValueError("the sender's name holds a control character")
    return text


def base_url(text: str) -> str:
    """https://host/ without its last slash; http only for this machine; "" for no links."""
    parts = urlsplit(text)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if text and not ((parts.scheme == "https" or local) and parts.hostname and not parts.query and not parts.fragment):
        raise ValueError("https://host, where `rind serve` is reached; http only for this machine")
    return text.rstrip("/")


EmailAddress = Annotated[str, AfterValidator(address)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SmtpSettings(_Section):
    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    user: str
    security: Literal["starttls", "tls", "none"]
    timeout_seconds: Seconds


class RetrySettings(_Section):
    attempts: Count
    first_wait_seconds: Annotated[float, Field(ge=0)]
    longest_wait_seconds: Annotated[float, Field(ge=0)]


class SlackSettings(_Section):
    movers: Count
    timeout_seconds: Seconds


class DeliverySettings(_Section):
    """The section ``deliveries`` of params.yaml."""

    sender: Annotated[str, AfterValidator(sender)]
    base_url: Annotated[str, AfterValidator(base_url)]
    locale: str
    leadership: tuple[EmailAddress, ...]
    csms: dict[str, EmailAddress]
    top: Count
    movers: Count
    state: str
    lock_wait_seconds: Annotated[float, Field(ge=0)]
    smtp: SmtpSettings
    slack: SlackSettings
    retries: RetrySettings
    crm: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Secrets:
    """The secrets of deliveries. No file of Rind holds them, and the texts of this class never show a value."""

    smtp_password: str = field(default="", repr=False)
    slack_webhook: str = field(default="", repr=False)


def from_environment(
    settings: DeliverySettings, environment: Mapping[str, str] = os.environ
) -> tuple[DeliverySettings, Secrets]:
    """The settings with RIND_SMTP_HOST, _PORT and _USER over them, and RIND_SMTP_PASSWORD, RIND_SLACK_WEBHOOK."""
    overrides = {
        name: environment[f"RIND_SMTP_{name.upper()}"]
        for name in ("host", "port", "user")
        if environment.get(f"RIND_SMTP_{name.upper()}")
    }
    smtp = SmtpSettings.model_validate(settings.smtp.model_dump() | overrides)
    secrets = Secrets(environment.get("RIND_SMTP_PASSWORD", ""), environment.get("RIND_SLACK_WEBHOOK", ""))
    return settings.model_copy(update={"smtp": smtp}), secrets
