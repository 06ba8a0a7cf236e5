"""How the last run ended is written down for monitors, without a text of the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from rind.common.errors import UsageError
from rind.common.last_run import LAST_RUN, read_last_run
from rind.pipelines.last_run import recorded


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("A00042"), 2), (ValueError("x"), 1), (KeyboardInterrupt(15), 143)]
)
def test_a_run_that_fails_is_written_down_with_its_exit_code(tmp_path: Path, error: BaseException, code: int) -> None:
    with pytest.raises(type(error)), recorded(tmp_path):
        raise error
    record = read_last_run(tmp_path)
    assert record is not None
    assert (record["exit_code"], record["parts_missing"]) == (code, 0)
    assert "A00042" not in (tmp_path / LAST_RUN).read_text()


def test_a_run_without_a_part_ends_with_8(tmp_path: Path) -> None:
    with recorded(tmp_path):
        pass
    assert (read_last_run(tmp_path) or {})["exit_code"] == 0
    with recorded(tmp_path) as ending:
        ending.parts_missing = 2
    assert (read_last_run(tmp_path) or {})["exit_code"] == 8


NO_MOMENT = '{"ended_at": "%s", "exit_code": 0, "seconds": 1, "parts_missing": 0}'


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ended_at": 1}', NO_MOMENT % "soon", NO_MOMENT % ""])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / LAST_RUN).parent.mkdir()
    (tmp_path / LAST_RUN).write_text(content)
    assert read_last_run(tmp_path) is None
