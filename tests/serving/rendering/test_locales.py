"""Which locale a browser asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rind.serving.rendering.locales import KNOWN, preferred


@pytest.mark.parametrize(("header", "name"), [
    ("de-DE,de;q=0.9,en;q=0.5", "de"), ("en-GB", "en_GB"), ("fr;q=0.2, pt-BR;q=0.8", "pt_BR"), ("no", "nb"),
    ("xx", "en"), ("", "en"), ("de;q=abc", "en"), ("DE-at", "de_AT"),
])  # fmt: skip
def test_the_locale_is_the_one_that_the_header_prefers(header: str, name: str) -> None:
    assert preferred(header) == name


@given(header=st.text(max_size=300))
def test_any_header_gives_a_known_locale(header: str) -> None:
    assert preferred(header) in KNOWN
