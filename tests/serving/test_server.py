"""The server process behind a proxy and without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
