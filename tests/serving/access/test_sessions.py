"""Sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from served import Site

from rind.serving.access.principals import Identity


def test_a_session_expires(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = here.logged_in()
    assert browser.get("/").status_code == 200
    real = here.access.database.now
    monkeypatch.setattr(here.access.database, "now", lambda later=timedelta(): real(later + timedelta(hours=12.1)))
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    ("subject", "provider_session", "ended"),
    [
        ("ada", "", {"ada 1", "ada 2", "ada without"}),
        ("ada", "s1", {"ada 1", "ada without"}),
        ("", "s1", {"ada 1"}),
        ("bob", "s1", set()),
        ("", "", set()),
        ("eve", "s9", set()),
    ],
)
def test_the_company_login_ends_one_session_or_all_of_a_person(
    here: Site, subject: str, provider_session: str, ended: set[str]
) -> None:
    here.access.sessions.end_all()
    here.logged_in()
    opened = {"ada 1": ("ada", "s1"), "ada 2": ("ada", "s2"), "ada without": ("ada", ""), "bob": ("bob", "s3")}
    for token, (person, session) in opened.items():
        here.access.sessions.open_company(token, Identity(person, person, "viewer", "", session), "", 1)
    lines = here.access.sessions.end_company(subject, provider_session)
    assert len(lines) == len(ended)
    assert {token for token in opened if here.access.sessions.session(token) is None} == ended
    assert len(here.access.sessions.all()) == 5 - len(ended), "local users stay"
