"""The settings of deliveries, and the secrets that only the environment holds."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
LOOPBACK = ("127.0.0.1", "::1", "localhost")


LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
WEBHOOK_VARIABLE = re.compile(r"RIND_SLACK_WEBHOOK_[A-Z0-9_]+")
NO_ADDRESS = "one plain e-mail address, such as ana@example.com"


def is_host(name: str) -> bool:
    """Whether this can be the name or the IP address of a server."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        labels = name.removesuffix(".").split(".")
        return len(name) <= 253 and all(LABEL.fullmatch(label) for label in labels)
    return True


def address(text: str) -> str:
    """One plain e-mail address; anything that could become two headers or two recipients is refused."""
    if not text.isascii() or any(c.isspace() or c in ",;<>\"'" or not c.isprintable() for c in text):
        raise ValueError(NO_ADDRESS)
    try:
        parsed = Address(addr_spec=text)
    except (MessageError, IndexError):
        raise ValueError(NO_ADDRESS) from None
    local = parsed.domain == "localhost"
    if not parsed.username or not (local or ("." in parsed.domain and is_host(parsed.domain))):
        raise ValueError(NO_ADDRESS)
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
    wrong = "https://host, where `rind serve` is reached; http only for this machine"
    if not text.isascii() or not text.isprintable() or any(c in text for c in " <>|"):
        raise ValueError(wrong)  # urlsplit would drop line breaks; the others end a link in a chat
    parts = urlsplit(text)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    sound = (parts.scheme == "https" or local) and is_host(parts.hostname or "") and parts.port != 0
    if text and (not sound or parts.query or parts.fragment):
        raise ValueError(wrong)
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


def webhook_variable(text: str) -> str:
    """A variable of the environment that may hold a webhook: no other secret is ever read for one."""
    if not WEBHOOK_VARIABLE.fullmatch(text):
        raise ValueError("a variable of the environment such as RIND_SLACK_WEBHOOK_ANA")
    return text


class SlackSettings(_Section):
    movers: Count
    timeout_seconds: Seconds
    csms: dict[str, Annotated[str, AfterValidator(webhook_variable)]]


class DeliverySettings(_Section):
    """The section ``deliveries`` of params.yaml."""

    company: str
    sender: Annotated[str, AfterValidator(sender)]
    base_url: Annotated[str, AfterValidator(base_url)]
    locale: str
    leadership: tuple[EmailAddress, ...]
    operators: tuple[EmailAddress, ...]
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
    """The secrets of deliveries. No file of Rind holds them, and the texts of this class never show a value.

    ``slack_csms``: variable of the environment -> the webhook in it, of those in `SlackSettings.csms` that are set.
    """

    smtp_password: str = field(default="", repr=False)
    slack_webhook: str = field(default="", repr=False)
    slack_csms: Mapping[str, str] = field(default_factory=dict, repr=False)


def from_environment(
    settings: DeliverySettings, environment: Mapping[str, str] = os.environ
) -> tuple[DeliverySettings, Secrets]:
    """The settings with RIND_SMTP_HOST, _PORT and _USER over them, and RIND_SMTP_PASSWORD and the webhooks.

    A line end that a file of the environment left behind a value is cut. A port that is none stays, and the channel
    that needs it says so: `smtp_problem`.
    """
    overrides = {
        name: environment[f"RIND_SMTP_{name.upper()}"].strip()
        for name in ("host", "port", "user")
        if environment.get(f"RIND_SMTP_{name.upper()}")
    }
    values = settings.smtp.model_dump() | overrides
    try:
        smtp = SmtpSettings.model_validate(values)
    except ValidationError:
        smtp = SmtpSettings.model_construct(**values)
    password = environment.get("RIND_SMTP_PASSWORD", "").rstrip("\r\n")
    hooks = {name: environment.get(name, "").strip() for name in settings.slack.csms.values()}
    set_hooks = {name: url for name, url in hooks.items() if url}
    secrets = Secrets(password, environment.get("RIND_SLACK_WEBHOOK", "").strip(), set_hooks)
    return settings.model_copy(update={"smtp": smtp}), secrets


def smtp_problem(settings: SmtpSettings, password: str) -> str:
    """What is wrong with the settings of the mail server; "" where nothing is."""
    if not is_host(settings.host):
        return f"deliveries.smtp.host (or RIND_SMTP_HOST) is no name of a server: {settings.host!r}"
    try:
        SmtpSettings.model_validate(settings.model_dump(warnings=False))
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        name = ".".join(map(str, wrong["loc"]))
        return f"deliveries.smtp.{name} (or RIND_SMTP_{name.upper()}) cannot be {wrong['input']!r}"
    if password and settings.security == "none" and settings.host not in LOOPBACK:
        return "the SMTP password would go over the wire in clear text: deliveries.smtp.security: starttls or tls"
    return ""
