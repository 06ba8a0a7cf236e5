"""The page of the audit log."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from served import site

from rind.serving.access.audit import Event
from rind.serving.pages import audit as page_module


def test_an_admin_filters_the_lines_by_user_and_action(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        here.logged_in(name="jonas").get("/watermelons")
        admin = here.logged_in("admin", name="ada")
        line = '<td class="where">/watermelons</td>'
        page = admin.get("/audit").text
        assert line in page
        assert '<a href="/audit" aria-current="page">Audit</a>' in page
        assert line not in admin.get("/audit?who=ada").text
        assert line not in admin.get("/audit?action=login").text
        assert line in admin.get("/audit?who=jonas&action=see").text
        assert "Nothing was written yet that fits." in admin.get("/audit?who=nobody").text


def test_an_action_takes_the_longer_ones_along_and_a_day_cuts_off_what_was_before(
    results: Path, tmp_path: Path
) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        here.logged_in(name="jonas")
        admin = here.logged_in("admin", name="ada")
        for day, action in (("2026-01-04", "users add"), ("2026-01-05", "users"), ("2026-01-06", "usersx")):
            here.access.audit.add(Event(f"{day}T12:00:00+00:00", "root", action, f"/{day}", "", "", 200))
        page = admin.get("/audit?action=users").text
        assert [f"/2026-01-0{n}<" in page for n in (4, 5, 6)] == [True, True, False]
        page = admin.get("/audit?who=root&since=2026-01-05").text
        assert [f"/2026-01-0{n}<" in page for n in (4, 5, 6)] == [False, True, True]
        assert admin.get("/audit?since=").status_code == 200
        assert "a day such as" in admin.get("/audit?since=yesterday").text
        assert admin.get("/audit?since=0001-01-01T00:00%2B23:00").status_code == 422


def test_older_lines_stand_on_the_next_page(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MOST_LINES", 2)
    with site(results, tmp_path / "access.sqlite") as here:
        admin = here.logged_in("admin", name="ada")
        for number in range(5):
            here.access.audit.add(Event("2026-01-04T12:00:00+00:00", "root", "see", f"/{number}", "", "", 200))
        shown, path = [], "/audit?who=root"
        while path:
            page = admin.get(path).text
            shown.append(re.findall(r'class="where">/(\d)<', page))
            path = "".join(unescape(link) for link in re.findall(r'href="([^"]+)">Older', page))
        assert shown == [["4", "3"], ["2", "1"], ["0"]]


def test_the_log_comes_as_json_lines_and_goes_on_behind_a_line(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        admin = here.logged_in("admin", name="ada")
        for detail in ('a "b"\n<c>', "\u2028 é"):
            here.access.audit.add(Event("2026-01-04T12:00:00+00:00", "root", "users add", "/x", detail, "cli", 200))
        answer = admin.get("/audit.jsonl?who=root")
        lines = [json.loads(line) for line in answer.text.split("\n")[:-1]]
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        assert [line["detail"] for line in lines] == ['a "b"\n<c>', "\u2028 é"]
        assert set(lines[0]) == {"id", "at", "who", "action", "path", "detail", "address", "status"}
        rest = admin.get(f"/audit.jsonl?who=root&after={lines[0]['id']}").text
        assert json.loads(rest)["id"] == lines[1]["id"]
        assert here.logged_in("viewer").get("/audit.jsonl").status_code == 403
        assert here.access.audit.events(action="audit")[-1].action == "audit export"
