from __future__ import annotations

import re

import pytest

from rind.common import errors
from rind.common.errors import RindError


def kinds(base: type[RindError] = RindError) -> list[type[RindError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in kinds(child))]


def ours() -> list[type[RindError]]:
    return [kind for kind in kinds() if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", ours(), ids=lambda kind: kind.__name__)
def test_the_tree_in_the_docstring_names_every_error_with_its_exit_code(kind: type[RindError]) -> None:
    named = re.search(rf"{kind.__name__} +(\S.*)", errors.__doc__ or "")
    assert named is not None
    code = re.match(r"(?:exit code )?(\d)", named[1])
    assert code is None or int(code[1]) == kind.exit_code


def test_an_error_says_what_happened_and_on_the_next_line_what_to_do() -> None:
    assert str(RindError("the disk is full", "delete old weeks")) == "the disk is full\n  -> delete old weeks"
    assert str(RindError("the disk is full")) == "the disk is full"
