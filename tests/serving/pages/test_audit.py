"""The page of the audit log."""

from __future__ import annotations

from pathlib import Path

from served import site


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
        assert "Nothing was seen yet that fits." in admin.get("/audit?who=nobody").text
