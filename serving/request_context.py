"""What the handler of a request works with: its principal, the one week that it reads, and the parts of the server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypeVar

import pandas as pd
from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Path, Request
from pydantic import AfterValidator
from starlette.concurrency import run_in_threadpool

from rind.common.errors import RindError
from rind.serving.access.access_file import Access
from rind.serving.access.attempts import Attempts
from rind.serving.access.company_login.door import CompanyLogin
from rind.serving.access.form_tokens import FormTokens
from rind.serving.access.pending_logins import PendingLogins
from rind.serving.access.principals import Principal
from rind.serving.addresses import account_of
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.feedback.file import Feedback
from rind.serving.feedback.rules import Subject
from rind.serving.metrics import Metrics
from rind.serving.problems import ProblemError
from rind.serving.rendering.locales import Format
from rind.serving.rendering.pictures import Pictures
from rind.serving.rendering.renderer import PageRenderer
from rind.serving.settings import Settings
from rind.serving.store.load_throttle import breathe
from rind.serving.store.protocols import Store, Week
from rind.serving.views.account import AccountViews, FormerAccount
from rind.serving.views.feedback import subject_of
from rind.serving.views.filters import ListFilter, ListOrder
from rind.serving.views.risk_list import IndexedList, Positions
from rind.serving.views.run_facts import facts_of
from rind.serving.views.visibility import Visibility
from rind.serving.views.week_cache import WeekCache
from rind.serving.views.week_summary import WeekSummary

Result = TypeVar("Result")
AccountId = Annotated[
    str,
    Path(max_length=1100, description="As in the source, or as the links of the pages write it", examples=["A00042"]),
    AfterValidator(account_of),
]
SCORED_AT_ONCE = 2
"""Requests for scores that are at work at a time, which bounds their memory."""
FAR_AT_ONCE, MOST_FAR = 16, 100
"""Accounts that are read from a results store at a time; and how many may be at work or wait for it."""
LOGINS_AT_ONCE = 4
"""Passwords that are hashed at a time: each takes 64 MB."""
NO_ACCOUNT = ProblemError(404, "No account of this id is in this week's list, or it is not one of yours.")


class Scorer(Protocol):
    """The model behind POST /v1/score; the command that starts the server passes it in: serving knows no MLflow."""

    @property
    def version(self) -> str:
        """Name and version of the model, in words."""

    @property
    def features(self) -> frozenset[str]:
        """The features that the model reads."""

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


class Turns:
    """Lets ``at_once`` requests work at a time, and counts those that work or wait."""

    def __init__(self, at_once: int) -> None:
        self.limiter = CapacityLimiter(at_once)
        self.waiting = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a request while it waits and works."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1


@dataclass
class Serving:
    """The parts of one server."""

    store: Store
    access: Access
    settings: Settings
    renderer: PageRenderer
    metrics: Metrics
    feedback: Feedback
    scorer: Callable[[Week], Scorer] | None = None
    company_login: CompanyLogin | None = None
    lists: WeekCache[IndexedList] = field(default_factory=lambda: WeekCache(IndexedList))
    accounts: WeekCache[AccountViews] = field(default_factory=lambda: WeekCache(AccountViews))
    summaries: WeekCache[WeekSummary] = field(default_factory=lambda: WeekCache(WeekSummary))
    pictures: Pictures = field(default_factory=Pictures)
    score_turns: Turns = field(default_factory=lambda: Turns(SCORED_AT_ONCE))
    far_turns: Turns = field(default_factory=lambda: Turns(FAR_AT_ONCE))
    login_turns: Turns = field(default_factory=lambda: Turns(LOGINS_AT_ONCE))
    form_tokens: FormTokens = field(default_factory=FormTokens)
    pending_logins: PendingLogins = field(default_factory=PendingLogins)
    login_attempts: Attempts = field(init=False)

    def __post_init__(self) -> None:
        self.login_attempts = Attempts(self.settings.login_attempts_per_minute)

    def prepare(self, week: Week) -> None:
        """Compute what the pages of a week need before its first reader comes."""
        self.lists.of(week)
        breathe()
        self.accounts.of(week)
        breathe()
        self.summaries.of(week)


class RequestContext:
    """One request. It looks the week up once, so that everything in the answer is of one generation."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.serving: Serving = request.app.state.serving
        self.principal: Principal = request.state.principal
        self._week: Week | None = None
        self._visibility: Visibility | None = None

    @property
    def address(self) -> str:
        """The client's IP address."""
        return address_of(self.request)

    @property
    def week(self) -> Week:
        if self._week is None:
            self._week = self.serving.store.current()
        return self._week

    @property
    def risk_list(self) -> IndexedList:
        return self.serving.lists.of(self.week)

    @property
    def accounts(self) -> AccountViews:
        return self.serving.accounts.of(self.week)

    @property
    def summary(self) -> WeekSummary:
        return self.serving.summaries.of(self.week)

    @property
    def feedback(self) -> BookFeedback:
        """The feedback on this week's list as it stands now; it changes within the week."""
        return self.serving.feedback.book(self.week.as_of)

    @property
    def visibility(self) -> Visibility:
        if self._visibility is None:
            self._visibility = Visibility.of(self.principal, self.serving.settings, lambda: self.feedback.assigned)
        return self._visibility

    @property
    def format(self) -> Format:
        """How this reader writes numbers and dates; money as the week says, on pages that need none without a sign."""
        language = self.request.headers.get("accept-language", "")
        try:
            currency = facts_of(self.week).currency
        except RindError:
            currency = ""
        return self.serving.renderer.format(language, currency)

    @property
    def cache_key(self) -> tuple[str, Visibility]:
        """What every cached piece of an answer depends on: the week, and whose accounts it shows."""
        return (self.week.version, self.visibility)

    async def run(self, function: Callable[[], Result]) -> Result:
        """Call a function that may read rows; in a thread where they come over a network.

        Accounts have threads of their own, for their rows are asked of the server: where it hangs, all that waits are
        accounts, and lists, which are in memory, have the other threads.
        """
        if not self.week.far:
            return function()
        if "account_id" not in self.request.path_params:
            return await run_in_threadpool(function)
        turns = self.serving.far_turns
        if turns.waiting >= MOST_FAR:
            raise ProblemError(503, "Too many accounts are asked for at once.", headers={"retry-after": "5"})
        with turns.counted():
            return await to_thread.run_sync(function, limiter=turns.limiter)

    def require(self, scope: str) -> None:
        """Refuse a principal whose role or key does not carry this scope."""
        if scope not in self.principal.scopes:
            raise ProblemError(403, f"This needs the scope {scope!r}; {self.principal.name} does not have it.")

    def chosen(self, query: ListOrder) -> Positions:
        """Positions of the accounts that the reader may see and that pass the filter, in order; see `feedback_key`."""
        positions = self.risk_list.ordered(query, self.visibility)
        return self.risk_list.without(positions, self.feedback.worked) if query.not_worked else positions

    def feedback_key(self, query: ListFilter) -> int:
        """What a cached answer to the query depends on beyond the week: the latest act where it looks at feedback."""
        return self.feedback.revision if query.not_worked else 0

    async def subject(self, account_id: str) -> Subject:
        """What an act of feedback on this account is about; of a former one there are no reasons.

        Raises
        ------
        ProblemError
            404, as `former`.
        """
        row = self.risk_list.row(account_id, self.visibility)
        if row is None:
            row = {"csm": None, **(await self.former(account_id)).last_row, "account_id": account_id}
            row |= {f"reason_{n}": None for n in (1, 2, 3)}
        assigned = self.feedback.assigned.get(account_id)
        return subject_of(row, self.week.as_of, self.accounts, self.risk_list.csms, assigned)

    async def former(self, account_id: str) -> FormerAccount:
        """An account that is not on the list any more; see `serving.views.account.AccountViews.former`.

        Raises
        ------
        ProblemError
            404; the same for an account that the reader may not see and for one that does not exist.
        """
        valid = "\0" not in account_id  # no store keeps this character, and PostgreSQL refuses a query with it
        account = await self.run(lambda: self.accounts.former(account_id, self.visibility)) if valid else None
        if account is None:
            raise NO_ACCOUNT
        return account


def address_of(request: Request) -> str:
    """The client's IP address; "" where the server knows none."""
    return request.client.host if request.client else ""


async def request_context(request: Request) -> RequestContext:
    """The context of a request by anybody who is logged in or has a key."""
    return RequestContext(request)


def needs(scope: str) -> Any:
    """A dependency that refuses principals without ``scope``."""

    async def check(request: Request) -> RequestContext:
        context = RequestContext(request)
        context.require(scope)
        return context

    return Depends(check)


AnyPrincipal = Annotated[RequestContext, Depends(request_context)]
Reader = Annotated[RequestContext, needs("read")]
Exporter = Annotated[RequestContext, needs("export")]


def check_csrf(context: RequestContext, token: str) -> None:
    """Refuse a form without the token of its session; a key needs none, since browsers never send it unasked."""
    if context.principal.role == "key" or context.serving.settings.demo:
        return
    if not token or not secrets.compare_digest(context.principal.csrf.encode(), token.encode()):
        raise ProblemError(403, "This form is out of date: go back, load it again, and try once more.")
