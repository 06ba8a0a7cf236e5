"""Passwords."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import QUICK

from rind.common.errors import UsageError
from rind.serving.access.access_file import Access
from rind.serving.access.passwords import Passwords


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="12 to 200"):
        Access(tmp_path / "access.sqlite", QUICK).users.add("jonas", "short", "viewer")


@pytest.mark.parametrize(("password", "why"), [
    ("aaaaaaaaaaaa", "repeats"), ("passwordpassword", "repeats"), ("password1234", "very common password"),
    ("qwertyuiopas", "commonly used"), ("123456789012", "commonly used"), ("jonas.weber1", "own name"),
    ("JonasWeber2026", "own name"), ("rindrindrind", "repeats"),
    ("iloveyou2023!", "commonly used"), ("x" * 200, "repeats"),
])  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Passwords(QUICK).hashed(password, ("jonas.weber", "Jonas Weber"))


@pytest.mark.parametrize(
    "password", ["correct horse battery", "uIk2!dM0-xq9w", "vier zufällige Wörter hier", "a" * 30 + " zebra onion lamp"]
)
def test_a_password_that_takes_many_guesses_is_taken(password: str) -> None:
    assert Passwords(QUICK).matches(password, Passwords(QUICK).hashed(password, ("jonas.weber", "")))
