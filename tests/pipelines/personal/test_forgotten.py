"""The list of who was forgotten keeps hashes, and the next run leaves them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rind.common.errors import UsageError
from rind.features.forgotten import held_ids
from rind.features.sources import Source, open_source
from rind.pipelines.params import load
from rind.pipelines.personal.forgotten import NAME, ForgottenList, read_forgotten, write_forgotten
from rind.pipelines.stages import validate
from rind.pipelines.workspace import Workspace


def test_the_list_knows_an_id_again_and_holds_none(tmp_path: Path) -> None:
    write_forgotten(tmp_path, read_forgotten(tmp_path).with_ids("account", {"A00042", "A1"}))
    listed = read_forgotten(tmp_path)
    assert listed.among("account", {"A00042", "A2"}) == {"A00042"}
    assert listed.among("contact", {"A00042"}) == frozenset()
    assert listed.with_ids("account", {"A1"}) == listed
    text = (tmp_path / NAME).read_text()
    assert ("A00042" in text, (tmp_path / NAME).stat().st_mode & 0o777) == (False, 0o600)


def test_two_folders_hash_the_same_id_differently() -> None:
    assert ForgottenList(b"a").digest("account", "A1") != ForgottenList(b"b").digest("account", "A1")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 9, "key": "00", "forgotten": []}', '{"schema": 1}'])
def test_a_list_that_cannot_be_read_stops_the_run(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(UsageError, match=NAME):
        read_forgotten(tmp_path)


class CheckedError(Exception):
    """The stage has got so far."""


def test_the_next_run_leaves_out_whoever_is_on_the_list(
    small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = pd.read_parquet(small_run / "source/accounts.parquet")["account_id"]
    contact = pd.read_parquet(small_run / "source/contacts.parquet")["contact_id"].iloc[-1]
    space = Workspace(tmp_path / ".rind/work", tmp_path / "mlruns")  # a run at work looks beside its results
    listed = read_forgotten(tmp_path).with_ids("account", {accounts[0]}).with_ids("contact", {contact})
    write_forgotten(tmp_path, listed)

    def check(source: Source, *_: Any) -> None:
        assert accounts[0] not in held_ids(source, "account_id")
        assert accounts[1] in held_ids(source, "account_id")
        assert contact not in held_ids(source, "contact_id", "user_id")
        raise CheckedError

    monkeypatch.setattr(validate, "checked", check)
    with pytest.raises(CheckedError):
        validate.run(space, load(None, [f"source.url={small_run / 'source'}"]), lambda _: None)
    with open_source(small_run / "source") as source:
        assert validate.without_forgotten(source, read_forgotten(tmp_path))[1] == [
            "left out, as forgotten by `rind forget`: 1 accounts, 1 contacts"
        ]
