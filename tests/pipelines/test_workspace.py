from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rind.common.errors import UsageError
from rind.pipelines.workspace import Workspace, of_run


def test_a_name_is_the_place_of_a_result_and_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    space = Workspace(tmp_path, tmp_path)
    assert space.metrics == tmp_path / "metrics.json"
    assert space.family("usage") == tmp_path / "families/usage.parquet"
    with pytest.raises(AttributeError, match="no place 'nothing'"):
        _ = space.nothing


def test_the_manifest_names_every_public_file_that_is_there_with_its_size_and_hash(tmp_path: Path) -> None:
    (tmp_path / "set_aside").mkdir()
    for name in ("metrics.json", "set_aside/usage.parquet", "run.json", "dates.json"):
        (tmp_path / name).write_text(name)
    manifest = Workspace(tmp_path, tmp_path).manifest()
    assert set(manifest) == {"metrics.json", "set_aside/usage.parquet"}
    assert manifest["metrics.json"] == {"bytes": 12, "sha256": hashlib.sha256(b"metrics.json").hexdigest()}


def test_a_folder_without_a_week_is_refused_with_the_commands_that_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="make demo"):
        of_run(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "mlruns").mkdir()
    assert of_run(tmp_path).tracking == tmp_path / "mlruns"
