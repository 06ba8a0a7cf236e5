"""Who gets where: every route of the server, asked by every kind of principal, beside what its rule says.

`python -m benchmarks.routes` prints the matrix. The routes are those of the application itself; one that has no rule
here ends it (and a test). It ends with 1 where an answer is not what the rule says.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.routing import Mount

from benchmarks.made_results import make_results
from rind.pipelines.params import load
from rind.serving.access.access_file import Access
from rind.serving.access.cookies import COOKIE
from rind.serving.access.principals import Identity
from rind.serving.api.registry import ENDPOINTS
from rind.serving.app import create_app
from rind.serving.pages.registry import PAGES
from rind.serving.settings import Settings
from rind.serving.store.folder import FolderStore

OPEN, KNOWN = "open", "known"
"""Everybody; everybody who is logged in or has a key. Other rules name the scopes that it takes."""
Rules = Mapping[tuple[str, str], str]
RULES: Rules = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/login"): OPEN,
    ("POST", "/login"): OPEN,
    ("POST", "/login/code"): OPEN,
    ("GET", "/login/company"): OPEN,
    ("GET", "/login/company/callback"): OPEN,
    ("POST", "/login/company/logout"): OPEN,
    ("GET", "/static/rind.css"): OPEN,
    ("POST", "/logout"): KNOWN,
    ("GET", "/second-factor"): KNOWN,
    ("POST", "/second-factor"): KNOWN,
    ("GET", "/sessions"): KNOWN,
    ("POST", "/sessions/end"): KNOWN,
    ("GET", "/readyz"): KNOWN,
    ("GET", "/v1/openapi.json"): KNOWN,
    ("GET", "/metrics"): "metrics",
    ("GET", "/audit"): "audit",
    ("GET", "/audit.jsonl"): "audit",
    ("GET", "/"): "read",
    ("GET", "/accounts/{account_id:path}"): "read",
    ("GET", "/accounts/{account_id:path}/{chart}.svg"): "read",
    ("GET", "/books"): "read",
    ("GET", "/book"): "read",
    ("GET", "/numbers"): "read",
    ("GET", "/effects"): "read",
    ("GET", "/forecast"): "read",
    ("GET", "/board"): "read",
    ("GET", "/watermelons"): "read",
    ("GET", "/advocates"): "read",
    ("GET", "/voice"): "read",
    ("GET", "/personas"): "read",
    ("GET", "/true-north"): "read",
    ("GET", "/health-score"): "read",
    ("GET", "/model"): "read",
    ("GET", "/v1/risk-list"): "read",
    ("GET", "/v1/watermelons"): "read",
    ("GET", "/v1/accounts/{account_id:path}"): "read",
    ("GET", "/v1/accounts/{account_id:path}/feedback"): "read",
    ("POST", "/v1/accounts/{account_id:path}/feedback"): "read feedback",
    ("POST", "/accounts/{account_id:path}/feedback"): "read feedback",
    ("GET", "/v1/true-north"): "read",
    ("GET", "/v1/health-score"): "read",
    ("GET", "/risk-list.csv"): "export",
    ("GET", "/risk-list.xlsx"): "export",
    ("POST", "/v1/score"): "score",
}
BODIES: Mapping[str, Any] = {
    "/v1/score": {"json": {"accounts": [{"features": {}}]}},
    "/v1/accounts/{account_id:path}/feedback": {"json": {"kind": "acknowledge"}},
}
FORMS: Mapping[str, dict[str, str]] = {
    "/logout": {},
    "/sessions/end": {"session": "00000000"},
    "/second-factor": {"act": "off"},
    "/accounts/{account_id:path}/feedback": {"kind": "acknowledge"},
}
CSM, PASSWORD = "Amara Okafor", "correct horse battery"
LOGIN_FORM = 303


@dataclass(frozen=True)
class Asker:
    """A kind of principal: how one is made, and what such a one may do (None: nothing but what is open)."""

    name: str
    headers: Callable[[Access], dict[str, str]]
    scopes: frozenset[str] | None
    sends_token: bool = True

    def may(self, method: str, rule: str) -> bool:
        """What the rule of a route says to such a principal; a session that changes something sends its token."""
        if rule == OPEN:
            return True
        if self.scopes is None or (method != "GET" and not self.sends_token):
            return False
        return rule == KNOWN or set(rule.split()) <= self.scopes


def askers() -> list[Asker]:
    """Each kind of principal; whoever was let in once and is no longer counts as nobody."""
    user = {"read", "export", "score"}
    return [
        Asker("nobody", lambda _: {}, None),
        Asker("viewer", lambda access: _session(access, "viewer"), frozenset(user)),
        Asker("csm", lambda access: _session(access, "csm"), frozenset(user | {"feedback"})),
        Asker("admin", lambda access: _session(access, "admin"), frozenset(user | {"feedback", "metrics", "audit"})),
        Asker("csm of the company's login", _company_csm, frozenset(user | {"feedback"})),
        Asker("csm without token", _without_token, frozenset(user | {"feedback"}), sends_token=False),
        *(_key_of(scope) for scope in ("read", "export", "score", "metrics", "feedback")),
        Asker(
            "key of a csm", lambda access: _key(access, "read", "feedback", csm=CSM), frozenset({"read", "feedback"})
        ),
        Asker("expired session", _expired_session, None),
        Asker("ended session", _ended_session, None),
        Asker("removed user", _removed_user, None),
        Asker("revoked key", _revoked_key, None),
        Asker("expired key", _expired_key, None),
        Asker("made-up key", lambda _: {"authorization": f"Bearer rind_00000000_{'x' * 43}"}, None),
    ]


def _key_of(scope: str) -> Asker:
    return Asker(f"key: {scope}", lambda access: _key(access, scope), frozenset({scope}))


def _session(access: Access, role: str) -> dict[str, str]:
    name = f"{role}{len(access.users.all())}"
    access.users.add(name, PASSWORD, role, CSM if role == "csm" else "")
    token = access.sessions.open_local(name, 1)
    session = access.sessions.session(token)
    assert session is not None
    return {"cookie": f"{COOKIE}={token}", "x-csrf-token": session.principal.csrf, "who": name}


def _company_csm(access: Access) -> dict[str, str]:
    token = secrets.token_urlsafe(32)
    access.sessions.open_company(token, Identity(token, f"{token}@example.com", "csm", CSM), "", 1)
    session = access.sessions.session(token)
    assert session is not None
    return {"cookie": f"{COOKIE}={token}", "x-csrf-token": session.principal.csrf}


def _without_token(access: Access) -> dict[str, str]:
    return _session(access, "csm") | {"x-csrf-token": ""}


def _key(access: Access, *scopes: str, csm: str = "") -> dict[str, str]:
    return {"authorization": f"Bearer {access.keys.create('matrix', scopes, csm)}"}


def _expired_session(access: Access) -> dict[str, str]:
    headers = _session(access, "admin")
    access.database.execute("UPDATE sessions SET expires_at = ? WHERE user = ?", access.database.now(), headers["who"])
    return headers


def _ended_session(access: Access) -> dict[str, str]:
    headers = _session(access, "admin")
    access.sessions.end(headers["cookie"].partition("=")[2])
    return headers


def _removed_user(access: Access) -> dict[str, str]:
    headers = _session(access, "admin")
    access.users.remove(headers["who"])
    return headers


def _revoked_key(access: Access) -> dict[str, str]:
    headers = _key(access, "read", "export", "score", "metrics")
    access.keys.revoke(headers["authorization"].split("_")[1])
    return headers


def _expired_key(access: Access) -> dict[str, str]:
    headers = _key(access, "read", "export", "score", "metrics")
    number = headers["authorization"].split("_")[1]
    access.database.execute("UPDATE keys SET expires_at = ? WHERE id = ?", access.database.now(), number)
    return headers


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(method, path) of every route: those of the registries, those of the application, a file of the static folder."""
    modules = (*ENDPOINTS, *PAGES)
    every: list[Any] = [*app.routes, *(route for module in modules for route in module.router.routes)]
    own = [route for route in every if getattr(route, "methods", None)]
    folders = [route.path for route in app.routes if isinstance(route, Mount)]
    within = len([route for route in app.routes if getattr(route, "methods", None)])
    assert len(app.routes) == len(modules) + within + len(folders), "a router that is in no registry"
    for route in own:
        for method in sorted(route.methods - {"HEAD"}):
            yield method, route.path
    for folder in folders:
        yield "GET", f"{folder}/rind.css"


@dataclass(frozen=True)
class Cell:
    """What a principal got from a route, and whether the rule lets it in."""

    method: str
    path: str
    asker: str
    status: int
    entered: bool
    allowed: bool

    @property
    def is_right(self) -> bool:
        """Whether the answer is what the rule says; who is let in gets an answer and no error of ours."""
        return self.entered == self.allowed and self.status < 500


class _AnyScorer:
    version = "a model"
    features = numeric = frozenset({"usage__events__28d"})

    def score(self, features: pd.DataFrame, _: bool) -> tuple[pd.DataFrame, None]:
        return pd.DataFrame({"churn_probability": np.full(len(features), 0.5), "margin": 0.0}), None


class _AnyProvider:
    """Sends everybody on; it is asked for nothing else, since its sessions were opened just now."""

    async def authorization_url(self, *_: object) -> str:
        return "https://login.example.com/authorize"

    async def logout_url(self, *_: object) -> str:
        return "https://login.example.com/logout"


def matrix(rules: Rules = RULES) -> list[Cell]:
    """Ask every route as every principal.

    Raises
    ------
    KeyError
        A route has no rule.
    """
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "results"
        make_results(folder, accounts=30, weeks=20)
        listing = pd.read_parquet(folder / "risk_list.parquet")
        account = str(listing.loc[listing["csm"] == CSM, "account_id"].iloc[0])
        with closing(FolderStore(folder, 0)) as store, closing(Access(Path(made) / "access.sqlite", quick)) as access:
            company = load().serving.oidc.model_copy(update={"issuer": "https://login.example.com"})
            app = create_app(store, access, Settings(oidc=company), lambda _: _AnyScorer())
            app.state.serving.company_login.provider = _AnyProvider()
            return asyncio.run(_ask_all(app, access, account, rules))


async def _ask_all(app: FastAPI, access: Access, account: str, rules: Rules) -> list[Cell]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    cells = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
        for method, path in routes(app):
            rule = rules[method, path]
            for asker in askers():
                given = asker.headers(access)
                address = path.replace("{account_id:path}", account).replace("{chart}", "risk")
                answer = await client.request(method, address, headers=given, **_body(path, given))
                client.cookies.clear()
                entered = _entered(answer, rule)
                cells.append(Cell(method, path, asker.name, answer.status_code, entered, asker.may(method, rule)))
    app.state.serving.pictures.close()
    return cells


def _body(path: str, headers: dict[str, str]) -> dict[str, Any]:
    """What a form or a program sends: a session its token."""
    if path in FORMS:
        return {"data": FORMS[path] | {"csrf": headers.get("x-csrf-token", "")}}
    return dict(BODIES.get(path, {}))


def _entered(answer: httpx.Response, rule: str) -> bool:
    """Whether the route itself answered; an open route (the login form) may refuse what it is sent."""
    to_the_form = answer.status_code == LOGIN_FORM and answer.headers["location"].startswith("/login?")
    return rule == OPEN or (answer.status_code not in (401, 403) and not to_the_form)


def main() -> int:
    """Print a line a route and a column a principal; return whether anything is wrong."""
    cells = matrix()
    names = list(dict.fromkeys(cell.asker for cell in cells))
    for number, name in enumerate(names, start=1):
        print(f"{number:>4}  {name}")
    print(f"\n{'route':<52}{'rule':<15}" + "".join(f"{number:>5}" for number in range(1, len(names) + 1)))
    for method, path in dict.fromkeys((cell.method, cell.path) for cell in cells):
        row = [cell for cell in cells if (cell.method, cell.path) == (method, path)]
        marks = "".join(f"{cell.status:>4}{' ' if cell.is_right else '!'}" for cell in row)
        print(f"{f'{method} {path}':<52}{RULES[method, path]:<15}{marks}")
    wrong = sum(not cell.is_right for cell in cells)
    print(
        f"\n{len(cells)} questions: {len(cells) // len(names)} routes x {len(names)} principals; wrong answers: {wrong}"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
