"""The security headers."""

from __future__ import annotations

import pytest
from served import Site


@pytest.mark.parametrize("path", ["/login", "/", "/v1/risk-list", "/nowhere", "/static/rind.css", "/healthz"])
def test_every_answer_has_the_headers_that_keep_it_safe(here: Site, path: str) -> None:
    headers = here.logged_in().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert ("no-store" in headers["cache-control"]) == (path not in ("/v1/risk-list", "/static/rind.css"))
