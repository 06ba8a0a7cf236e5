"""What a request works with: who asks, the one week that it reads, and the tools of the server."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypeVar

import pandas as pd
from fastapi import Depends, Path, Request
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from starlette.concurrency import run_in_threadpool

from rind.serving.access.access_file import Access, Principal
from rind.serving.access.middleware import Measures
from rind.serving.problems import ProblemError
from rind.serving.rendering.locales import Format
from rind.serving.rendering.pages import Pages
from rind.serving.rendering.pictures import Pictures
from rind.serving.settings import Settings
from rind.serving.store.load_throttle import breathe
from rind.serving.store.protocols import Store, Week
from rind.serving.views.account import Told
from rind.serving.views.risk_lists import Board, PerWeek, View
from rind.serving.views.week_summary import Stakes

Done = TypeVar("Done")
AccountId = Annotated[str, Path(max_length=200, description="As in the source", examples=["A00042"])]
NOBODY = ProblemError(404, "No account of this id is in this week's list, or it is not one of yours.")


class Scorer(Protocol):
    """What POST /v1/score asks; the command that starts the server brings it, so that serving knows no MLflow."""

    @property
    def version(self) -> str:
        """Name and version of the model, in words."""

    @property
    def numeric(self) -> frozenset[str]:
        """The features that the model reads as numbers."""

    def score(self, features: pd.DataFrame, explain: bool) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """Score accounts.

        Parameters
        ----------
        features
            One row per account, any of the model's features; those that are missing count as unknown.
        explain
            Whether the SHAP values are wanted.

        Returns
        -------
        tuple[pandas.DataFrame, pandas.DataFrame | None]
            On the same index: churn_probability and margin; and the SHAP values, one column a feature.
        """


@dataclass
class Serving:
    """The tools of one server."""

    store: Store
    access: Access
    settings: Settings
    pages: Pages
    measures: Measures
    scorer: Callable[[Week], Scorer] | None = None
    boards: PerWeek[Board] = field(default_factory=lambda: PerWeek(Board))
    tales: PerWeek[Told] = field(default_factory=lambda: PerWeek(Told))
    stakes: PerWeek[Stakes] = field(default_factory=lambda: PerWeek(Stakes))
    pictures: Pictures = field(default_factory=Pictures)
    attempts: RateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def prepare(self, week: Week) -> None:
        """Make what the pages of a week need before its first reader comes."""
        self.boards.of(week)
        breathe()
        self.tales.of(week)
        breathe()
        self.stakes.of(week)


class Asked:
    """One request: the week is looked up once, so that everything in the answer is of one generation."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.serving: Serving = request.app.state.serving
        self.who: Principal = request.state.principal
        self._week: Week | None = None

    @property
    def week(self) -> Week:
        if self._week is None:
            self._week = self.serving.store.current()
        return self._week

    @property
    def board(self) -> Board:
        return self.serving.boards.of(self.week)

    @property
    def told(self) -> Told:
        return self.serving.tales.of(self.week)

    @property
    def view(self) -> View:
        return View.of(self.who, self.serving.settings)

    @property
    def fmt(self) -> Format:
        return self.serving.pages.format(self.request.headers.get("accept-language", ""))

    @property
    def base(self) -> tuple[str, str, str]:
        """What every kept piece depends on: the week, and whose accounts it shows."""
        return (self.week.version, self.view.only, self.view.first)

    async def work(self, do: Callable[[], Done]) -> Done:
        """Do what reads an account's rows: at once, or in a thread where they come over a network."""
        return await run_in_threadpool(do) if self.week.far else do()

    def may(self, scope: str) -> None:
        """Refuse what the role or the key does not carry."""
        if scope not in self.who.scopes:
            raise ProblemError(403, f"This needs the scope {scope!r}; {self.who.name} does not have it.")

    async def former(self, account_id: str) -> dict[str, Any]:
        """What is left of an account that is not on the list any more; see `serving.views.account.Told.former`.

        One that may not be seen is as absent as one that does not exist.
        """
        known = "\0" not in account_id  # no store keeps such a letter, and one refuses to be asked
        found = await self.work(lambda: self.told.former(account_id, self.view.only)) if known else None
        if found is None:
            raise NOBODY
        return found


async def asked(request: Request) -> Asked:
    """The request with who asks; needs no more than to be known."""
    return Asked(request)


def needs(scope: str) -> Any:
    """A dependency that refuses who does not have ``scope``."""

    async def check(request: Request) -> Asked:
        found = Asked(request)
        found.may(scope)
        return found

    return Depends(check)


Known = Annotated[Asked, Depends(asked)]
Reader = Annotated[Asked, needs("read")]
Exporter = Annotated[Asked, needs("export")]


def check_csrf(given: Known, token: str) -> None:
    """Refuse what a session did not ask for itself; keys carry no cookie, so nobody else can spend them."""
    if given.who.role == "key" or given.serving.settings.demo:
        return
    if not token or not secrets.compare_digest(given.who.csrf.encode(), token.encode()):
        raise ProblemError(403, "This form is out of date: go back, load it again, and try once more.")
