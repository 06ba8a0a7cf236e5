"""The settings of a server; the command line builds them from params.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Literal

from rind.serving.access.company_login.settings import OidcSettings
from rind.serving.logs import LogFormat

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def plain_address(text: str) -> str:
    """An IP address to listen at, as Python writes it."""
    return str(ip_address(text.strip("[]")))


def proxy_network(text: str) -> str:
    """An IP address or a network of proxies; never all of the world, whose headers would then be believed."""
    if ip_network(text).prefixlen == 0:
        raise ValueError("this would believe everybody: name the addresses of your proxies")
    return text


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address."""
    return ip_address(address).is_loopback


@dataclass(frozen=True)
class Settings:
    """How the results are served.

    Parameters
    ----------
    demo
        No login: everything is shown to whoever reaches the port, under a banner that says so. Only on loopback.
    secure_cookies
        Whether cookies travel over HTTPS only; false only where plain HTTP on loopback is served.
    hosts
        Names that a request may ask for (the Host header); others are refused, so that a page elsewhere cannot
        reach this server under a name of its own (DNS rebinding).
    addresses
        IP addresses to listen at.
    proxies
        Addresses or networks of proxies: what they say of the client's address and scheme is believed, over HTTPS.
    csm_sees
        Which accounts a user of the role csm may see: their own first, or only their own.
    local_users
        Whether the users of `rind users` may log in; false where everybody comes by the company's own login.
    oidc
        The company's own login; None where there is none.
    oidc_secret
        The client's secret there; "" for a public client.
    audit_days
        How long the lines of the audit log are kept; None: for good.
    currency
        ISO 4217 code of all money; "" takes that of the week.
    mlflow_url
        Address of the MLflow pages, for links; "" where there are none.
    shutdown_seconds
        How long requests that have begun are waited for, once the server is told to end.
    log_format
        Whether the log is for people or one JSON object a line.
    """

    demo: bool = False
    secure_cookies: bool = False
    hosts: tuple[str, ...] = LOOPBACK
    addresses: tuple[str, ...] = ("127.0.0.1",)
    proxies: tuple[str, ...] = ("127.0.0.1",)
    csm_sees: Literal["own_first", "own_only"] = "own_first"
    page_size: int = 50
    session_hours: float = 12.0
    audit_days: float | None = 365.0
    login_attempts_per_minute: int = 5
    max_body_bytes: int = 16 * 2**20
    max_score_rows: int = 5000
    max_connections: int = 500
    currency: str = ""
    mlflow_url: str = ""
    shutdown_seconds: int = 25
    log_format: LogFormat = "text"
    local_users: bool = True
    oidc: OidcSettings | None = None
    oidc_secret: str = field(default="", repr=False)
