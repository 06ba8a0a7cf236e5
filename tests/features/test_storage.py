from __future__ import annotations

import json
from pathlib import Path

import pytest

from rind.common.errors import SourceError
from rind.features.storage import MANIFEST, load, present


def test_a_folder_without_stored_tables_is_refused_with_a_way_out(tmp_path: Path) -> None:
    for content in (None, "{"):
        if content is not None:
            (tmp_path / MANIFEST).write_text(content)
        for read in (load, present):
            with pytest.raises(SourceError, match="Run the validation again"):
                read(tmp_path)


def test_present_are_the_tables_that_the_source_had_not_those_that_were_stored_empty(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({"usage": {"present": True}, "tickets": {"present": False}}))
    assert present(tmp_path) == {"usage"}


def test_a_table_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{}")
    with pytest.raises(SourceError, match="the stored table accounts"):
        load(tmp_path)
