"""Passwords."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import QUICK

from rind.common.errors import UsageError
from rind.serving.access.access_file import Access


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="12 to 200"):
        Access(tmp_path / "access.sqlite", QUICK).users.add("jonas", "short", "viewer")
