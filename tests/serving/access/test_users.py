"""Users."""

from __future__ import annotations

import pytest
from served import OWN, PASSWORD, Site

from rind.common.errors import UsageError


def test_a_new_password_and_a_removal_end_all_sessions(here: Site) -> None:
    first, second = here.logged_in(name="jonas"), here.logged_in(name="mia")
    here.access.users.set_password("jonas", "another long one")
    here.access.users.remove("mia")
    assert first.get("/").status_code == second.get("/").status_code == 303


def test_a_viewer_may_not_be_made_a_csm_by_asking(strict: Site) -> None:
    with pytest.raises(UsageError, match="csm"):
        strict.access.users.add("eve", PASSWORD, "viewer", OWN)
    with pytest.raises(UsageError, match="role"):
        strict.access.users.add("eve", PASSWORD, "root")
