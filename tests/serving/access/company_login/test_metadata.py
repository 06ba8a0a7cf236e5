"""The discovery document of a provider."""

from __future__ import annotations

from typing import Any

import pytest

from rind.serving.access.company_login.metadata import ProviderError, metadata_of

ISSUER = "https://login.example.com"
DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys", "unknown": {"a": 1}, "userinfo_endpoint": None,
}  # fmt: skip


def test_what_a_provider_leaves_out_has_the_value_that_the_standard_gives_it() -> None:
    metadata = metadata_of(DOCUMENT, ISSUER)
    assert (metadata.userinfo_endpoint, metadata.end_session_endpoint) == ("", "")
    assert metadata.algorithms == ["RS256"]
    assert metadata.auth_method(has_secret=True) == "client_secret_basic"
    assert metadata.auth_method(has_secret=False) == "none"


def test_the_secret_goes_into_the_body_only_where_the_provider_takes_no_header() -> None:
    only_body = DOCUMENT | {"token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"]}
    assert metadata_of(only_body, ISSUER).auth_method(has_secret=True) == "client_secret_post"


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"issuer": "https://evil.example"}, "speaks of the issuer"), ({"issuer": ISSUER + "/"}, "slash at the end"),
     ({"token_endpoint": "http://login.example.com/token"}, "token_endpoint"), ({"jwks_uri": None}, "jwks_uri"),
     ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
     ({"userinfo_endpoint": 7}, "userinfo"),
     ({"id_token_signing_alg_values_supported": ["none", "HS256"]}, "no ID token by a key pair")],
)  # fmt: skip
def test_a_document_that_is_unsafe_or_speaks_of_another_issuer_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ProviderError) as caught:
        metadata_of(DOCUMENT | changed, ISSUER)
    assert words in str(caught.value)


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(ProviderError, match="cannot be used"):
        metadata_of(document, ISSUER)
