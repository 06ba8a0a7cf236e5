"""Sign-in by the company's own login, the check that the provider still vouches for a session, and sign-out."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from weakref import WeakValueDictionary

import httpx

from rind.serving.access.attempts import Attempts
from rind.serving.access.audit import AuditLog, Event
from rind.serving.access.company_login.answers import SignInRefusedError
from rind.serving.access.company_login.claims import NotLetInError, identity_of
from rind.serving.access.company_login.flows import Flow, Flows
from rind.serving.access.company_login.logout_tokens import LONGEST_TOKEN, LogoutTokenError, UsedTokens
from rind.serving.access.company_login.metadata import ProviderError
from rind.serving.access.company_login.provider import Provider
from rind.serving.access.company_login.settings import OidcSettings
from rind.serving.access.company_login.tokens import opened, sealed
from rind.serving.access.database import digest
from rind.serving.access.principals import Identity
from rind.serving.access.sessions import CompanyCheck, Origin, Session, Sessions

logger = logging.getLogger(__name__)
SIGN_INS_PER_MINUTE = 60
"""From one address; a whole company may share it, so it may be ten times as many in all (`attempts.OF_AN_ADDRESS`)."""
MOST_UNWRITTEN = 10_000
"""Sessions whose new tokens wait in memory for a check that ends well."""


class CompanyLogin:
    """The company's own login of one server.

    Parameters
    ----------
    secret
        The client's secret; "" for a public client.
    """

    def __init__(
        self, settings: OidcSettings, secret: str, sessions: Sessions, audit: AuditLog,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.settings, self.provider = settings, Provider(settings, secret, transport)
        self.flows, self.attempts = Flows(), Attempts(SIGN_INS_PER_MINUTE)
        self._used_tokens = UsedTokens()
        self._sessions, self._audit = sessions, audit
        self._locks = WeakValueDictionary[str, asyncio.Lock]()
        self._unwritten = OrderedDict[str, str]()

    async def sign_in(
        self, flow: Flow, answer: Mapping[str, str], redirect_uri: str, hours: float, origin: Origin
    ) -> tuple[Identity, str]:
        """From the provider's answer to a session: who it is, and its token.

        Parameters
        ----------
        answer
            The parameters of the provider's answer.

        Raises
        ------
        SignInRefusedError
            The provider refuses, or its answer does not fit the question.
        NotLetInError
            No group of the person has a role.
        ProviderError
            The provider cannot be reached, or its answer cannot be used.
        """
        if not answer.get("code"):
            error = answer.get("error", "")[:60]  # invalid_scope, access_denied ...; RFC 6749, 4.1.2.1
            reason = error if error.isidentifier() else "it does not say why"
            raise SignInRefusedError(f"the provider gives no code: {reason}")
        claims, tokens = await self.provider.exchange(flow, answer["code"], answer.get("iss", ""), redirect_uri)
        try:
            identity = identity_of(claims, self.settings)
        except NotLetInError as error:  # whoever sets this up needs to see which claims come
            logger.info("%s: %s; claims that came: %s", error.who, error, ", ".join(sorted(claims))[:500])
            raise
        token = secrets.token_urlsafe(32)
        kept = sealed(tokens, token)
        await asyncio.to_thread(self._sessions.open_company, token, identity, kept, hours, origin)
        return identity, token

    async def checked(self, token: str, session: Session) -> Session | None:
        """The session where the provider vouches for it, asked every ``recheck_seconds`` at most; None: it is over.

        Raises
        ------
        ProviderError
            The provider should be asked and cannot be: nobody knows, so nobody is let in, and the session waits.
        """
        if session.company is None or self._is_fresh(session.company):
            return session
        lock = self._locks.setdefault(digest(token), asyncio.Lock())
        async with lock:  # a page and its pictures come together: one of them asks
            latest = self._sessions.session(token)
            if latest is None or latest.company is None or self._is_fresh(latest.company):
                return latest
            return await self._rechecked(token, latest, latest.company)

    async def logout_url(self, token: str, check: CompanyCheck, back: str) -> str:
        """Where the browser goes to log out at the provider; "" where it has no such place or cannot be reached."""
        try:
            return await self.provider.logout_url(opened(check.provider_tokens, token), back)
        except ProviderError as error:
            logger.warning("a user logged out here only: %s", error.message)
            return ""

    async def end_sessions(self, logout_token: str) -> int:
        """End the sessions that a logout token of the provider names, and return how many there were.

        Raises
        ------
        LogoutTokenError
            The token is not the provider's, not for us, too old, or was used before.
        ProviderError
            The provider's keys cannot be read.
        """
        if not 0 < len(logout_token) <= LONGEST_TOKEN:
            raise LogoutTokenError("there is none of a usual length")
        token = await self.provider.logout_token(logout_token)
        with self._used_tokens.once(token.number):
            ended = await asyncio.to_thread(self._sessions.end_company, token.subject, token.provider_session)
        for line in ended:
            self._write_down(line.name, "session ended", f"session {line.id}: the company's login has ended it")
        return len(ended)

    def _is_fresh(self, check: CompanyCheck) -> bool:
        age = (datetime.now(UTC) - datetime.fromisoformat(check.checked_at)).total_seconds()
        return 0 <= age <= self.settings.recheck_seconds

    async def _rechecked(self, token: str, session: Session, check: CompanyCheck) -> Session | None:
        before, key = session.principal, digest(token)
        kept = self._unwritten.get(key, check.provider_tokens)
        try:
            claims, tokens = await self.provider.renewed(opened(kept, token), check.subject)
            kept = self._keep(key, sealed(tokens, token))
            identity = identity_of(await self.provider.with_userinfo(claims, tokens), self.settings)
        except (SignInRefusedError, NotLetInError) as error:
            await asyncio.to_thread(self._sessions.end, token)
            self._unwritten.pop(key, None)
            self._write_down(before.name, "session ended", f"session {session.id}: {error}")
            return None
        await asyncio.to_thread(self._sessions.renew_company, token, identity, kept)
        self._unwritten.pop(key, None)
        if (identity.role, identity.csm) != (before.role, before.csm):
            words = f"{before.role} is {identity.role}{f' for {identity.csm}' if identity.csm else ''} now"
            self._write_down(before.name, "role changed", words)
        return self._sessions.session(token)

    def _keep(self, key: str, tokens: str) -> str:
        """Keep sealed tokens until they are written: the provider may take the refresh token before them no more."""
        self._unwritten[key] = tokens
        if len(self._unwritten) > MOST_UNWRITTEN:
            self._unwritten.popitem(last=False)
        return tokens

    def _write_down(self, who: str, action: str, detail: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._audit.add(Event(at, who, action, "", detail, "company login", 200), at_once=True)
