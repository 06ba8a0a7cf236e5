"""How often the provider is asked about a session."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from company_login import oidc
from served import QUICK

from rind.serving.access.access_file import Access
from rind.serving.access.company_login.answers import SignInRefusedError
from rind.serving.access.company_login.door import CompanyLogin
from rind.serving.access.company_login.logout_tokens import LONGEST_TOKEN, LogoutTokenError
from rind.serving.access.company_login.metadata import ProviderError
from rind.serving.access.company_login.provider import Provider
from rind.serving.access.company_login.tokens import ProviderTokens, opened, sealed
from rind.serving.access.database import AccessFileError
from rind.serving.access.principals import Identity
from rind.serving.access.sessions import Origin, Session


class SlowProvider(Provider):
    """A provider that answers after a while with what a test wants."""

    def __init__(self) -> None:
        super().__init__(oidc(), "")
        self.answer: Any = {"sub": "00u1", "email": "ada@acme.example", "groups": ["board"]}
        self.userinfo: Exception | None = None
        self.given: list[ProviderTokens] = []

    async def renewed(self, tokens: ProviderTokens, subject: str) -> tuple[Any, ProviderTokens]:
        assert subject == "00u1"
        self.given.append(tokens)
        await asyncio.sleep(0.01)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer, ProviderTokens("a", f"r{len(self.given) + 1}", "")

    async def with_userinfo(self, claims: dict[str, Any], tokens: ProviderTokens) -> dict[str, Any]:
        assert tokens.access == "a"
        if self.userinfo is not None:
            raise self.userinfo
        return claims


@pytest.fixture
def access(tmp_path: Path) -> Iterator[Access]:
    with closing(Access(tmp_path / "access.sqlite", QUICK)) as opened_file:
        yield opened_file


@pytest.fixture
def door(access: Access) -> CompanyLogin:
    made = CompanyLogin(oidc(), "", access.sessions, access.audit)
    made.provider = SlowProvider()
    identity = Identity("00u1", "ada@acme.example", "viewer")
    access.sessions.open_company("t", identity, sealed(ProviderTokens("a", "r1", ""), "t"), 1)
    return made


def provider_of(door: CompanyLogin) -> SlowProvider:
    assert isinstance(door.provider, SlowProvider)
    return door.provider


def check(door: CompanyLogin, access: Access, times: int = 1) -> list[Session | None]:
    async def several() -> list[Any]:
        session = access.sessions.session("t")
        assert session is not None
        return await asyncio.gather(*(door.checked("t", session) for _ in range(times)), return_exceptions=True)

    return asyncio.run(several())


def age(access: Access, seconds: int) -> None:
    then = access.database.now(timedelta(seconds=-seconds))
    access.database.execute("UPDATE company_sessions SET checked_at = ?", then)


@pytest.mark.parametrize(("seconds", "times"), [(0, 0), (43, 0), (46, 1), (-5, 1)])
def test_the_provider_is_asked_when_its_last_answer_is_too_old_or_of_the_future(
    door: CompanyLogin, access: Access, seconds: int, times: int
) -> None:
    age(access, seconds)
    assert check(door, access)[0] == access.sessions.session("t")
    assert len(provider_of(door).given) == times


def test_requests_that_come_together_ask_once_and_the_next_time_with_the_new_token(
    door: CompanyLogin, access: Access
) -> None:
    for n in (1, 2):
        age(access, 50)
        assert all(isinstance(session, Session) for session in check(door, access, times=5))
        assert [tokens.refresh for tokens in provider_of(door).given] == ["r1", "r2"][:n]
    session = access.sessions.session("t")
    assert session is not None
    assert session.company is not None
    assert opened(session.company.provider_tokens, "t").refresh == "r3"


@pytest.mark.parametrize("answer", [SignInRefusedError("gone"), {"sub": "00u1", "groups": []}])
def test_who_is_not_vouched_for_any_more_is_out_in_every_waiting_request(
    door: CompanyLogin, access: Access, answer: Any
) -> None:
    age(access, 50)
    provider_of(door).answer = answer
    assert check(door, access, times=3) == [None, None, None]
    assert access.sessions.all() == []
    assert [event.action for event in access.audit.events()] == ["session ended"]


def test_another_role_counts_at_once_and_is_written_down(door: CompanyLogin, access: Access) -> None:
    age(access, 50)
    provider_of(door).answer |= {"groups": ["cs"], "name": "Ada Byron"}
    session = check(door, access)[0]
    assert session is not None
    assert (session.principal.role, session.principal.csm) == ("csm", "Ada Byron")
    event = access.audit.events()[0]
    assert (event.action, event.detail) == ("role changed", "viewer is csm for Ada Byron now")


def test_while_nobody_answers_the_session_waits(door: CompanyLogin, access: Access) -> None:
    age(access, 50)
    provider_of(door).answer = ProviderError("down")
    assert [type(answer) for answer in check(door, access, times=2)] == [ProviderError, ProviderError]
    assert len(access.sessions.all()) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"error": "invalid_scope"}, "invalid_scope"),
        ({"error": "a\nb", "code": ""}, "does not say why"),
        ({}, "does not say why"),
    ],
)
def test_a_provider_that_gives_no_code_is_quoted_for_whoever_sets_it_up(
    door: CompanyLogin, answer: dict[str, str], reason: str
) -> None:
    with pytest.raises(SignInRefusedError, match=f"gives no code: .*{reason}$"):
        asyncio.run(door.sign_in(door.flows.begin("/"), answer, "http://localhost/back", 1, Origin()))


def test_new_tokens_outlast_a_userinfo_endpoint_and_a_file_that_fail(
    door: CompanyLogin, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(access, 50)
    provider_of(door).userinfo = ProviderError("down")
    assert [type(answer) for answer in check(door, access)] == [ProviderError]
    provider_of(door).userinfo = None
    with monkeypatch.context() as locked:
        locked.setattr(access.sessions, "renew_company", Mock(side_effect=AccessFileError("locked")))
        assert [type(answer) for answer in check(door, access)] == [AccessFileError]
    session = check(door, access)[0]
    assert [tokens.refresh for tokens in provider_of(door).given] == ["r1", "r2", "r3"]
    assert session is not None
    assert session.company is not None
    assert opened(session.company.provider_tokens, "t").refresh == "r4"
    assert not door._unwritten


@pytest.mark.parametrize("length", [0, LONGEST_TOKEN + 1])
def test_the_provider_is_asked_nothing_about_a_logout_token_that_is_empty_or_endless(
    door: CompanyLogin, length: int
) -> None:
    door.provider = Mock(spec=Provider)
    with pytest.raises(LogoutTokenError):
        asyncio.run(door.end_sessions("x" * length))
    assert door.provider.mock_calls == []


def test_a_session_that_an_admin_ends_while_the_provider_is_asked_stays_ended(
    door: CompanyLogin, access: Access
) -> None:
    age(access, 50)

    class Ending(SlowProvider):
        async def renewed(self, tokens: ProviderTokens, subject: str) -> Any:
            access.sessions.end_one(access.sessions.all()[0].id)
            return await super().renewed(tokens, subject)

    door.provider = Ending()
    assert check(door, access) == [None]
