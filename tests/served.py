"""A server in the test's own process, over made-up results, and people who log in to it."""

from __future__ import annotations

import asyncio
import atexit
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
from argon2 import PasswordHasher
from fastapi import FastAPI

from rind.serving.access.access_file import Access
from rind.serving.app import create_app
from rind.serving.metrics import Surroundings
from rind.serving.rendering import pictures
from rind.serving.rendering.pictures import Pictures
from rind.serving.settings import Settings
from rind.serving.store.folder import FolderStore

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
BROWSER = {"accept": "text/html,application/xhtml+xml", "accept-language": "en-GB,en;q=0.9"}
OWN, OTHER = "Amara Okafor", "Ben Carter"


PICTURES = Pictures()
"""One drawing process for all servers of the tests; it takes seconds to start."""
atexit.register(PICTURES.close)
pictures.SECONDS = 300.0  # the machine of the tests may be busy


class TokenScorer:
    """A model that knows one feature: its value is the margin; of two others it says that they lift the risk."""

    version = "churn-90d version 1"
    features = numeric = frozenset({"usage__events__28d"})

    def score(self, features: pd.DataFrame, explain: bool) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        given = features.get("usage__events__28d", pd.Series(np.nan, index=features.index))
        margin = pd.to_numeric(given).astype("float64").fillna(0.0)
        further = [name for name in ("tickets__open__now", "usage__events_change__28d") if name in features]
        shap = pd.DataFrame({"usage__events__28d": margin}).assign(**dict.fromkeys(further, 0.5))
        scored = pd.DataFrame({"churn_probability": 1 / (1 + np.exp(-margin)), "margin": margin})
        return scored, shap if explain else None


class Client:
    """An HTTP client in this process, with cookies; sends and waits."""

    def __init__(self, app: FastAPI, loop: asyncio.Runner, headers: dict[str, str]) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 5000))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers, timeout=60)
        self._loop = loop

    @property
    def cookies(self) -> httpx.Cookies:
        return self._http.cookies

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._loop.run(self._http.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@dataclass
class Site:
    """The server: its parts, and ways in."""

    folder: Path
    store: FolderStore
    access: Access
    app: FastAPI
    settings: Settings
    loop: asyncio.Runner = field(default_factory=asyncio.Runner)

    def client(self, **headers: str) -> Client:
        """Somebody who is not known yet."""
        return Client(self.app, self.loop, headers)

    def close(self) -> None:
        """End the loop and close the file."""
        self.loop.close()
        self.app.state.serving.feedback.close()
        self.access.close()

    def logged_in(self, role: str = "viewer", csm: str = "", name: str = "") -> Client:
        """A browser of a new user."""
        name = name or f"{role}.{len(self.access.users.all())}"
        self.access.users.add(name, PASSWORD, role, csm)
        client = self.client(**BROWSER)
        answer = log_in(client, name)
        assert answer.status_code == 303, answer.text
        return client

    def program(self, *scopes: str, csm: str = "") -> Client:
        """A program with a new key."""
        key = self.access.keys.create("tests", scopes, csm)
        return self.client(authorization=f"Bearer {key}")


@contextmanager
def site(
    folder: Path, access: Path, scorer: Any = lambda _: TokenScorer(), store: FolderStore | None = None,
    surroundings: Surroundings | None = None, **settings: Any,
) -> Iterator[Site]:  # fmt: skip
    """A server over the results in ``folder``; it looks for new ones only when told to."""
    store, keeper, how = store or FolderStore(folder, 0), Access(access, QUICK), Settings(**settings)
    made = Site(folder, store, keeper, create_app(store, keeper, how, scorer, surroundings), how)
    made.app.state.serving.pictures = PICTURES
    try:
        yield made
    finally:
        made.close()


def log_in(client: Client, name: str, password: str = PASSWORD, then: str = "/") -> Any:
    """Fill in the form."""
    form = client.get("/login")
    return client.post("/login", data={"name": name, "password": password, "csrf": token(form.text), "next": then})


def read(here: Site, path: str, **headers: str) -> str:
    """A page of a demo server, as a browser gets it."""
    answer = here.client(**(BROWSER | headers)).get(path)
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text


def token(html: str) -> str:
    """The token of a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found, html[:500]
    return unescape(found[1])


def accounts(html: str) -> list[str]:
    """The account ids that a page links to, in order, each once."""
    return list(dict.fromkeys(re.findall(r'href="/accounts/([^"/#]+)"', html)))


def share(value: float, decimals: int = 0) -> str:
    """A share as pages write it: 12 %, its space does not break."""
    return f"{value:.{decimals}%}".replace("%", "\u00a0%")


def listed(html: str) -> list[str]:
    """The account ids of the page's list."""
    return accounts(html.partition('<table class="list"')[2].partition("</table>")[0])
