"""What is older than `retention` allows is deleted, and nothing else."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from report_examples import AS_OF
from result_folders import write_results
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.pipelines.places import places_of
from rind.pipelines.retention import prune
from rind.pipelines.retention_settings import RetentionSettings
from rind.serving.access.access_file import Access
from rind.serving.access.audit import Event
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox
from rind.serving.store.folder import FolderStore

NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)


def kept(**days: Any) -> RetentionSettings:
    return RetentionSettings(**{"weeks_days": None, "audit_days": None, "set_aside_days": None} | days)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A week, made at noon of its date, with rows that were set aside."""
    folder = write_results(tmp_path / "results")
    (folder / "set_aside").mkdir()
    pd.DataFrame({"account_id": ["B1"]}).to_parquet(folder / "set_aside/usage.parquet")
    os.utime(folder / "run.json", (NOW.timestamp(), NOW.timestamp()))
    return folder


def pruned(out: Path, now: datetime = NOW, **days: Any) -> dict[str, int]:
    return prune(places_of(out, load()), kept(**days), now)


@pytest.mark.parametrize(("days", "later", "gone"), [(None, 900, 0), (7, 6.9, 0), (7, 7, 1), (0, 0, 1)])
def test_rows_that_were_set_aside_go_after_their_days(out: Path, days: Any, later: float, gone: int) -> None:
    assert pruned(out, NOW + timedelta(days=later), set_aside_days=days) == ({"set_aside/": 1} if gone else {})
    assert (out / "set_aside").exists() == (not gone)
    with closing(FolderStore(out, 0)) as store:
        assert len(store.current().risk_list) == 12
    assert ("set_aside/usage.parquet" in json.loads((out / "run.json").read_text())["manifest"]) is False


def test_files_of_a_workspace_of_dvc_stay_files(out: Path) -> None:
    (out.parent / "dvc.yaml").touch()
    out = out.rename(out.with_name("data"))
    assert pruned(out, set_aside_days=0) == {"set_aside/": 1}
    assert not (out / "run.json").is_symlink()
    assert not (out / "set_aside").exists()


def test_files_and_rows_of_former_weeks_go_and_nothing_is_sent_twice(out: Path) -> None:
    former = AS_OF - timedelta(days=30)
    places = places_of(out, load())
    with closing(Outbox(places.deliveries, places.company)) as outbox:
        for day in (AS_OF, former):
            (places.deliveries / f"crm_hub_{day}.csv").write_text("a")
            outbox.put(sent := Item(day, "mail", "leadership", "cco@example.com", b"x", places.company))
            outbox.mark_sent(sent)
        outbox.put(Item(former, "mail", "csm Ana", "ana@example.com", b"x", places.company))
    (places.deliveries / "notes.csv").write_text("mine")
    later = NOW + timedelta(days=900)
    assert pruned(out, NOW, weeks_days=30) == {}
    assert pruned(out, later, weeks_days=7) == {"files for CRMs": 2, "the ledger of deliveries": 1}
    with closing(Outbox(places.deliveries, places.company)) as outbox:
        assert [entry.state for entry in outbox.of_week(AS_OF)] == ["sent"]
        assert [entry.state for entry in outbox.of_week(former)] == ["pending"]
    assert (places.deliveries / "notes.csv").exists()


def test_of_a_folder_that_companies_share_the_files_of_others_stay(out: Path, tmp_path: Path) -> None:
    ours, theirs = (tmp_path / "shared" / name / "crm_hub_2020-01-06.csv" for name in ("Acme", "Bolt"))
    for path in (ours, theirs):
        path.parent.mkdir(parents=True)
        path.touch()
    places = places_of(out, load(None, [f"deliveries.state={tmp_path / 'shared'}", "deliveries.company=Acme"]))
    assert prune(places, kept(weeks_days=7), NOW) == {"files for CRMs": 1}
    assert [ours.exists(), theirs.exists()] == [False, True]


def test_the_command_prunes_the_audit_log(out: Path) -> None:
    with closing(Access(out / "access.sqlite")) as access:
        access.audit.add(Event("2020-01-01T00:00:00+00:00", "ana", "see", "/", "", "127.0.0.1", 200))
    done = CliRunner().invoke(app, ["prune", "--dir", str(out)])
    assert (done.exit_code, done.output) == (0, "lines of the audit log: 1\n")
    assert "nothing is older" in CliRunner().invoke(app, ["prune", "--dir", str(out)]).output


def test_who_shortens_the_audit_log_by_hand_stands_in_it(out: Path) -> None:
    with closing(Access(out / "access.sqlite")) as access:
        access.audit.add(Event("2020-01-01T00:00:00+00:00", "ana", "see", "/", "", "127.0.0.1", 200))
    CliRunner().invoke(app, ["prune", "--dir", str(out), "--set", "retention.audit_days=0.5"])
    with closing(Access(out / "access.sqlite")) as access:
        lines = [(line.action, line.detail) for line in access.audit.events()]
    assert [action for action, _ in lines] == ["prune", "prune begun"]
    assert "audit_days 0.5" in lines[0][1]
