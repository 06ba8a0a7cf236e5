"""The page of sessions."""

from __future__ import annotations

import re
from pathlib import Path

from served import BROWSER, log_in, site, token

from rind.serving.access.principals import Identity


def test_an_owner_sees_and_ends_the_own_sessions_and_no_others(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        jonas = here.logged_in(name="jonas")
        phone = here.client(**BROWSER, **{"user-agent": "A Phone <b>"})
        log_in(phone, "jonas")
        mia = here.logged_in(name="mia")
        page = jonas.get("/sessions").text
        assert page.count('action="/sessions/end"') == 2
        assert "A Phone &lt;b&gt;" in page
        assert page.count("this browser") == 1
        titles = re.findall(r'<th scope="col">([^<]+)', page)
        assert titles == ["From", "End", "Since", "Last seen", "Until"], "what a phone shows without scrolling is first"
        sessions = {line.browser: line for line in here.access.sessions.all() if line.name == "jonas"}
        data = {"session": sessions["A Phone <b>"].id}
        assert mia.post("/sessions/end", data=data | {"csrf": token(mia.get("/sessions").text)}).status_code == 404
        assert phone.get("/").status_code == 200
        assert jonas.post("/sessions/end", data=data | {"csrf": "x"}).status_code == 403
        assert jonas.post("/sessions/end", data=data | {"csrf": token(page)}).status_code == 303
        assert phone.get("/").status_code == 303
        assert jonas.get("/").status_code == 200
        ended = here.access.audit.events(action="sessions end")
        assert next((e.who, e.detail, e.status) for e in ended) == ("jonas", f"{data['session']} of jonas", 303)


def test_an_admin_sees_and_ends_everybodys(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        jonas, ada = here.logged_in(name="jonas"), here.logged_in("admin", name="ada")
        page = ada.get("/sessions").text
        assert ">jonas<small>viewer" in page
        line = next(line for line in here.access.sessions.all() if line.name == "jonas")
        ada.post("/sessions/end", data={"session": line.id, "csrf": token(page)})
        assert jonas.get("/").status_code == 303


def test_a_local_user_does_not_end_the_sessions_of_a_namesake_of_the_company(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        here.access.sessions.open_company("t", Identity("1", "ada@acme.example", "viewer"), "", 1)
        local = here.logged_in(name="ada@acme.example")
        assert local.get("/sessions").text.count('action="/sessions/end"') == 1
        names = {line.name for line in here.access.sessions.all()}
        assert names == {"ada@acme.example", "ada@acme.example (company login)"}


def test_the_page_needs_no_results(tmp_path: Path) -> None:
    with site(tmp_path, tmp_path / "access.sqlite") as here:
        assert here.logged_in(name="jonas").get("/sessions").status_code == 200


def test_when_a_session_was_seen_last_is_written_down_with_the_list(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        browser = here.logged_in(name="jonas")
        here.access.database.execute("UPDATE sessions SET seen_at = '2026-01-01T00:00:00+00:00'")
        assert here.access.sessions.all()[0].seen_at.startswith("2026-01-01")
        browser.get("/")
        assert here.access.sessions.all()[0].seen_at > "2026-01-02"
