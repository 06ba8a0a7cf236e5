from __future__ import annotations

from pathlib import Path

import pytest

from rind.common.errors import PartsMissingError
from rind.pipelines.flow import FLOW
from rind.pipelines.parts import (
    TITLES,
    forget_missing,
    missing_sentences,
    note_missing,
    parts_missing,
    refuse_missing,
)  # fmt: skip
from rind.pipelines.workspace import Workspace


def test_a_part_is_missing_until_it_was_made_after_all(tmp_path: Path) -> None:
    space = Workspace(tmp_path, tmp_path)
    assert parts_missing(space) == {}
    note_missing(space, "adoption", "OSError: disk")
    assert parts_missing(space) == {"adoption": "OSError: disk"}
    forget_missing(space, "adoption")
    forget_missing(space, "adoption")
    assert parts_missing(space) == {}


def test_every_part_that_may_fail_alone_has_a_title_for_readers() -> None:
    assert set(TITLES) == {stage.name for stage in FLOW if stage.adds}


def test_readers_get_the_title_and_the_reason_and_the_command_ends_with_its_own_code() -> None:
    missing = {"adoption": "OSError: disk"}
    assert missing_sentences(missing) == ["Missing this week: the young accounts and their next step (OSError: disk)."]
    with pytest.raises(PartsMissingError, match="the young accounts and their next step: OSError: disk") as caught:
        refuse_missing(missing)
    assert caught.value.exit_code == 8
    refuse_missing({})
