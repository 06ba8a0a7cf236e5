"""run.json is checked before anything is read from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rind.common.errors import UsageError
from rind.common.run_record import run_record

PATH = Path("/results/run.json")


@pytest.mark.parametrize(
    "content", ["[]", "", '{"as_of": ', "7", "null", "{}", '{"as_of": null}', '{"as_of": "soon"}', '{"as_of": [1]}']
)
def test_what_is_no_record_of_a_run_is_refused_with_its_place_and_a_way_out(content: str) -> None:
    with pytest.raises(UsageError, match=r"/results/run\.json [\s\S]*run `rind run` again"):
        run_record(content.encode(), PATH)


def test_members_that_the_reader_needs_are_named_where_they_are_missing_or_null() -> None:
    content = b'{"as_of": "2026-06-29", "facts": {}, "parameters": null}'
    assert run_record(content, PATH, "facts")["facts"] == {}
    with pytest.raises(UsageError, match="it holds no parameters, data_end"):
        run_record(content, PATH, "facts", "parameters", "data_end")


def test_the_schema_of_a_run_is_read_up_to_ours_and_a_run_without_one_is_of_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run_record(b'{"as_of": "2026-06-29"}', PATH)["as_of"] == "2026-06-29"
    later = b'{"as_of": "2026-06-29", "schema": 99, "versions": {"rind": "9.1.0"}}'
    with pytest.raises(UsageError, match=r"schema 99, written by rind 9\.1\.0; this one reads up to"):
        run_record(later, PATH)
    monkeypatch.setattr("rind.common.run_record.OLDEST", 1)
    with pytest.raises(UsageError, match="rind run --source"):
        run_record(b'{"as_of": "2026-06-29", "versions": []}', PATH)
