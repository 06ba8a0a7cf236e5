"""The section serving.oidc."""

from __future__ import annotations

from typing import Any

import pytest
from company_login import oidc
from pydantic import ValidationError

from rind.common.errors import ParamsError
from rind.pipelines.params import load


@pytest.mark.parametrize(
    "issuer",
    ["https://login.example.com/realms/acme", "https://x.auth0.com/", "http://localhost:8080", "http://[::1]:1"],
)
def test_an_issuer_is_https_and_http_on_this_machine_only(issuer: str) -> None:
    assert oidc(issuer).issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example.com", "ftp://localhost", "login.example.com", "https://", "https://a b", "https://u:p@x.com",
     "http://localhost.evil.example", "https://x.com?tenant=1", "https://x.com#a", "https://[", "https://x.com\n",
     "https://x.com:port", "https://x.com:65536"],
)  # fmt: skip
def test_any_other_issuer_is_refused(issuer: str) -> None:
    with pytest.raises(ValidationError, match="only for localhost"):
        oidc(issuer)


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"client_id": ""}, "client_id is not"), ({"roles": {}}, "nobody could log in"),
     ({"scopes": ("email",)}, "must hold openid"), ({"roles": {"x": "owner"}}, "viewer"),
     ({"recheck_seconds": 61}, "less than or equal to 60"), ({"secret_variable": "PGPASSWORD"}, "RIND_")],
)  # fmt: skip
def test_what_cannot_work_or_would_be_unsafe_is_refused_with_the_reason(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        oidc(**changed)


def test_the_defaults_have_no_company_login_and_groups_may_have_any_name() -> None:
    assert load().serving.oidc.issuer == ""
    given = ["serving.oidc={issuer: 'https://x.com', client_id: rind, roles: {/cs/team one: csm}}"]
    assert load(None, given).serving.oidc.roles == {"/cs/team one": "csm"}
    with pytest.raises(ParamsError, match="isuer"):
        load(None, ["serving.oidc.isuer=https://x.com"])
