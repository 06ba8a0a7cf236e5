"""The tests mirror the rooms: which modules of a room have no test file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def unmirrored(tests: Path, room: Path, reasons: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Modules without a test file or a reason; reasons of modules that have a test file, or are gone."""
    modules = [path.relative_to(room) for path in room.rglob("*.py") if path.name != "__init__.py"]
    own_test = {str(module): tests / module.with_name(f"test_{module.name}") for module in modules}
    assert len(own_test) >= 15, f"{room} is no room"
    lacking = [module for module, path in own_test.items() if not path.exists() and module not in reasons]
    return lacking, [module for module in reasons if module not in own_test or own_test[module].exists()]
