"""The provider's tokens in the access file."""

from __future__ import annotations

from rind.serving.access.company_login.tokens import ProviderTokens, opened, sealed

TOKENS = ProviderTokens("access-1", "refresh-1", "identity-1")


def test_the_browsers_token_opens_what_was_sealed_for_it_and_no_other_does() -> None:
    kept = sealed(TOKENS, "session token")
    assert opened(kept, "session token") == TOKENS
    for other, text in (("another", kept), ("session token", kept[:-2]), ("session token", ""), ("", kept)):
        assert opened(text, other) == ProviderTokens()


def test_neither_the_sealed_text_nor_the_printed_object_shows_a_token() -> None:
    assert "access-1" not in sealed(TOKENS, "s")
    assert "-1" not in repr(TOKENS)
