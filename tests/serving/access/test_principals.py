"""What each role may do."""

from __future__ import annotations

import pytest
from served import OWN, Site


@pytest.mark.parametrize("role", ["viewer", "csm"])
def test_only_an_admin_reads_the_audit_log_and_the_measures(here: Site, role: str) -> None:
    browser = here.logged_in(role, OWN if role == "csm" else "")
    assert browser.get("/audit").status_code == browser.get("/metrics").status_code == 403
    assert here.logged_in("admin").get("/audit").status_code == 200
