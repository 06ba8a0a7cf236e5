"""The tests mirror the rooms: each module of serving has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
SERVING = TESTS.parents[1] / "serving"
REASONS = {
    "deliver/job.py": "two dataclasses without behaviour of their own; test_dispatch.py goes through both",
    "store/protocols.py": "protocols and names; test_both_stores.py holds both stores to them",
}
"""Module -> why it has no test file of its own."""


def modules() -> list[str]:
    return sorted(str(path.relative_to(SERVING)) for path in SERVING.rglob("*.py") if path.name != "__init__.py")


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    named = {module: TESTS / Path(module).with_name(f"test_{Path(module).name}") for module in modules()}
    assert len(named) > 50
    missing = [module for module, path in named.items() if not path.exists() and module not in REASONS]
    assert missing == []
    assert not [module for module in REASONS if module not in named or named[module].exists()]
