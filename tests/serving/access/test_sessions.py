"""Sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from served import Site


def test_a_session_expires(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = here.logged_in()
    assert browser.get("/").status_code == 200
    real = here.access.database.now
    monkeypatch.setattr(here.access.database, "now", lambda later=timedelta(): real(later + timedelta(hours=12.1)))
    assert browser.get("/").status_code == 303
