"""Backup and restore: destroyed and restored, every page and every number is what it was."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from result_folders import write_results
from small_registry import NAME, PARAMS, make_store, rows
from typer.testing import CliRunner, Result

from benchmarks.made_results import make_results
from benchmarks.restore import drill, files, make_state
from rind.common.errors import RindError, UsageError
from rind.pipelines import tracking
from rind.pipelines.backup import read_archive, restore, restoring, staged, write_archive
from rind.pipelines.backup.restoring import put_sqlite
from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.pipelines.personal.forgotten import ForgottenList, Mark, read_forgotten, write_forgotten
from rind.pipelines.personal.search import traces
from rind.pipelines.places import Places, places_of
from rind.pipelines.weeks import alone
from rind.pipelines.workspace import Workspace, is_dvc_workspace
from rind.serving.access.access_file import Access
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox
from rind.serving.feedback.acts import Entry
from rind.serving.feedback.file import Feedback


def rind(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def places(out: Path) -> Places:
    return places_of(out, load())


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """A week of a few accounts with users, feedback and deliveries."""
    out = tmp_path / "results"
    make_results(out, accounts=12, weeks=20)
    make_state(out)
    return out


def champion(out: Path) -> list[float]:
    """What the small champion says of some rows."""
    with tracking.store(Workspace(out, out / "mlruns"), PARAMS.tracking) as mlflow:
        best = tracking.champion(mlflow, NAME)
    assert best is not None
    return [float(value) for value in best.predict(rows().tail(5))["churn_probability"]]


def archive_of(week: Path, name: str = "b.tar.zst") -> Path:
    file = week.parent / name
    with staged(places(week)) as folder:
        write_archive(folder, file, "2026-06-29")
    return file


def test_destroyed_and_restored_elsewhere_every_page_and_number_is_equal(week: Path, tmp_path: Path) -> None:
    with closing(Access(week / "access.sqlite")) as access:
        access.sessions.open_local("ana", 12)
    written, differ, _ = drill(week, tmp_path / "b.tar.gz", tmp_path / "elsewhere/results")
    assert (differ, week.exists(), len(written.files) > 40) == ([], False, True)


def test_what_a_killed_restore_left_is_cleared_by_the_next_one_wherever_it_began(week: Path, tmp_path: Path) -> None:
    file, out = archive_of(week), tmp_path / "elsewhere"
    left = [tmp_path / ".rind-restore-a", out / ".rind/.rind-restore-b", out / ".rind/restored"]
    for folder in left:
        folder.mkdir(parents=True)
        (folder / "access.sqlite").write_text("names")
    restore(file, out, lambda: places(out), force=True)
    assert [folder.exists() for folder in left] == [False] * 3
    assert not list(week.glob(".rind/.rind-*"))


def test_the_registry_comes_back_with_its_champion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    out = tmp_path / "results"
    write_results(out)
    make_store(out)
    before = champion(out)
    file = archive_of(out)
    shutil.rmtree(out)
    restore(file, out, lambda: places(out))
    assert (out / "mlruns/mlflow.db").stat().st_size > 0
    assert champion(out) == before


def test_the_commands_say_what_they_wrote_and_the_audit_log_knows(week: Path) -> None:
    done = rind("backup", "--dir", week, "--out", week.parent / "m.tar.zst")
    assert (done.exit_code, "of the week of 2026-06-29" in done.output) == (0, True), done.output
    assert (week.parent / "m.tar.zst").stat().st_mode & 0o777 == 0o600
    assert rind("backup", "--dir", week, "--out", week.parent / "m.zip").exit_code == 2
    refused = rind("restore", week.parent / "m.tar.zst", "--dir", week)
    assert (refused.exit_code, "--force" in refused.output) == (2, True)
    assert rind("restore", week.parent / "m.tar.zst", "--dir", week, "--force").exit_code == 0
    with closing(Access(week / "access.sqlite")) as access:
        lines = [event.action for event in access.audit.events()]
    assert lines == ["restore", "restore begun"]  # the line of the backup is behind it


def test_a_server_at_work_sees_what_was_restored_over_its_files(week: Path) -> None:
    file = archive_of(week)
    before = files(week)
    make_results(week, accounts=20, weeks=20, mark=" later")
    with closing(Feedback(week / "feedback.sqlite")) as served, closing(Access(week / "access.sqlite")) as access:
        later = served.add(Entry("ana", "A00001", served.acts()[0].week, "note", note="later"))
        access.users.add("later", "correct horse battery", "viewer", "")
        restore(file, week, lambda: places(week), force=True)
        assert later.number not in [act.number for act in served.acts()]
        assert [user.name for user in access.users.all()] == ["ana"]
    assert files(week) == before


def test_a_ledger_that_companies_share_goes_on_where_it_is(week: Path, tmp_path: Path) -> None:
    """What another company has sent since must not go again."""
    shared = tmp_path / "shared"
    params = load(overrides=[f"deliveries.state={shared}"])
    item = Item(date(2026, 6, 29), "mail", "leadership", "cco@example.com", b"mail", "Ours")
    with closing(Outbox(shared, "Ours")) as outbox:
        outbox.put(item)
    file = tmp_path / "shared.tar.gz"
    with staged(places_of(week, params)) as folder:
        write_archive(folder, file, "2026-06-29")
    with closing(Outbox(shared, "Others")) as outbox:
        outbox.put(replace(item, company="Others"))
    restore(file, week, lambda: places_of(week, params), force=True)
    with closing(Outbox(shared, "Others")) as outbox:
        assert len(outbox.of_week(item.as_of)) == 1


def test_whoever_was_forgotten_since_the_backup_stays_forgotten(tmp_path: Path) -> None:
    week = write_results(tmp_path / "results")
    account = str(pd.read_parquet(week / "risk_list.parquet")["account_id"].iloc[0])
    file = archive_of(week)
    assert rind("forget", "--dir", week, "--account", account).exit_code == 0
    assert rind("restore", file, "--dir", week, "--force").exit_code == 0
    assert traces(week, {account}) == []
    assert rind("restore", file, "--dir", week.parent / "empty").exit_code == 0  # a folder that knows of nobody


def test_users_and_keys_are_those_of_the_backup_and_nobody_is_logged_in(week: Path) -> None:
    with closing(Access(week / "access.sqlite")) as access:
        key = access.keys.create("crm", ["read"], "", None)
        access.sessions.open_local("ana", 12)
        other = access.keys.create("bi", ["read"], "", None)
        file = archive_of(week)
        access.keys.revoke(key.split("_")[1])
    done = rind("restore", file, "--dir", week, "--force")
    assert "users, passwords, second factors and keys are those of that day" in done.output
    with closing(Access(week / "access.sqlite")) as access:
        assert access.keys.principal(key) is None, "it was revoked since"
        assert access.keys.principal(other) is not None
        assert access.sessions.all() == []
    lost = week.with_name("lost")
    restore(file, lost, lambda: places(lost))
    with closing(Access(lost / "access.sqlite")) as access:
        assert access.keys.principal(key) is not None, "nothing there says that it was revoked"


def test_where_nobody_can_tell_which_keys_were_revoked_none_counts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("backup.sqlite", "there.sqlite"):
        Access(tmp_path / name).close()
    monkeypatch.setattr(restoring, "WAIT_SECONDS", 0.01)
    with closing(sqlite3.connect(tmp_path / "there.sqlite", isolation_level=None)) as holder:
        for statement in ("PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"):
            holder.execute(statement).fetchall()
        with pytest.raises(RindError, match="were revoked since: database is locked"):
            restoring._revoke_again(tmp_path / "backup.sqlite", tmp_path / "there.sqlite")
    (tmp_path / "there.sqlite").write_bytes(b"no database")
    restoring._revoke_again(tmp_path / "backup.sqlite", tmp_path / "there.sqlite")


def test_nothing_is_restored_into_the_workspace_of_dvc(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").touch()
    (tmp_path / "b.tar.zst").touch()
    with pytest.raises(UsageError, match="workspace of DVC"):
        restore(tmp_path / "b.tar.zst", tmp_path / "data", lambda: places(tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_a_folder_of_results_in_a_checkout_is_no_workspace_of_dvc_and_touches_none(week: Path) -> None:
    (week.parent / "dvc.yaml").touch()
    (week.parent / "mlruns").mkdir()
    fresh = week.with_name("fresh")
    restore(archive_of(week), fresh, lambda: places(fresh))
    assert list((week.parent / "mlruns").iterdir()) == []
    assert [is_dvc_workspace(week.parent / name) for name in ("data", "results", "fresh")] == [True, False, False]
    assert (fresh / "risk_list.parquet").is_symlink(), "as `rind run` leaves it"


def test_a_list_of_the_forgotten_that_has_not_grown_from_that_of_the_backup_is_not_lost(tmp_path: Path) -> None:
    week = write_results(tmp_path / "results")
    write_forgotten(week, ForgottenList(b"old", (Mark("account", "0", "2026-06-29"),)))
    file = archive_of(week)
    anew = ForgottenList(b"new", (Mark("account", "1", "2026-07-06"),))
    write_forgotten(week, anew)
    with pytest.raises(UsageError, match="another list"):
        restore(file, week, lambda: places(week), force=True)
    assert read_forgotten(week) == anew
    (week / "forgotten.json").unlink()
    restore(file, week, lambda: places(week), force=True)
    assert [mark.digest for mark in read_forgotten(week).marks] == ["0"]


@pytest.mark.parametrize("left", [slice(0, 0), slice(0, 5000), slice(1, None)], ids=["empty", "half", "garbage"])
def test_a_broken_file_of_users_is_replaced(tmp_path: Path, left: slice) -> None:
    source, target = tmp_path / "source.sqlite", tmp_path / "target.sqlite"
    Access(source).close()
    target.write_bytes(source.read_bytes()[left])
    (tmp_path / "target.sqlite-wal").write_bytes(b"of the broken file")
    put_sqlite(source, target)
    with closing(Access(target)) as access:
        assert access.users.all() == []


def broken(file: Path, change: Any) -> None:
    """Write the archive anew with a changed list of members."""
    with read_archive(file, file.parent) as (backup, folder):
        head = {**vars(backup), "files": dict(backup.files)}
        members = {name: (folder / name).read_bytes() for name in backup.files}
    change(head, members)
    with tarfile.open(file, "w:gz") as tar:
        for name, content in {"backup.json": json.dumps(head).encode(), **members}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def outside(head: Any, members: Any) -> None:
    members["../outside"] = b"x"
    head["files"]["../outside"] = {"bytes": 1, "sha256": "", "modified_ns": 0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (outside, "leads out of the folder"),
        (lambda _, members: members.popitem(), "missing"),
        (lambda _, members: members.update({"access.sqlite": b"other"}), "not what the list says"),
        (lambda _, members: members.update({"more": b"x"}), "does not name"),
        (lambda head, _: head.update(schema=9), "schema 9"),
        (lambda head, _: head.pop("files"), "KeyError|TypeError"),
    ],
)
def test_a_broken_archive_is_refused_before_anything_is_touched(week: Path, change: Any, words: str) -> None:
    file = archive_of(week, "b.tar.gz")
    broken(file, change)
    before = files(week)
    for out, force in ((week, True), (week.parent / "new", False)):
        with pytest.raises(UsageError, match=words):
            restore(file, out, lambda: places(week), force)
    assert (files(week), (week.parent / "new").exists()) == (before, False)
    assert sorted(path.name for path in week.parent.iterdir()) == ["b.tar.gz", "results"]


@pytest.mark.parametrize("name", ["b.tar.gz", "b.tar.zst"])
def test_half_of_an_archive_is_refused(week: Path, name: str) -> None:
    file = archive_of(week, name)
    whole = file.read_bytes()
    for cut in (0, 3, 1000, len(whole) // 2, len(whole) - 100):
        file.write_bytes(whole[:cut])
        with pytest.raises(UsageError, match="cannot be restored"):
            restore(file, week.parent / "new", lambda: places(week))
    assert not (week.parent / "new").exists()


def test_a_backup_holds_nothing_of_other_companies_that_share_the_ledger(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    for name in ("Acme", "Bolt"):
        with closing(Outbox(shared, name)) as outbox:
            outbox.put(Item(date(2026, 6, 29), "mail", "leadership", "cco@example.com", name.encode(), name))
        (shared / name).mkdir()
        (shared / name / "crm_hub_2026-06-29.csv").write_text(name)
    out = write_results(tmp_path / "results")
    of_acme = places_of(out, load(None, [f"deliveries.state={shared}", "deliveries.company=Acme"]))
    with staged(of_acme) as folder:
        assert traces(folder, {"Bolt"}) == []
        assert traces(folder, {"Acme"}) == ["deliveries/Acme/crm_hub_2026-06-29.csv", "deliveries/deliveries.sqlite"]


def test_nothing_is_restored_under_a_run_at_work(week: Path) -> None:
    file = archive_of(week)
    before = files(week)
    with alone(week), pytest.raises(UsageError, match="is at work"):
        restore(file, week, lambda: places(week), force=True)
    assert files(week) == before


def test_a_folder_that_is_not_of_one_run_is_not_backed_up(week: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rind.pipelines.backup.staging.PAUSE_SECONDS", 0.0)
    path = (week / "kpis.parquet").resolve()
    path.unlink()
    path.write_bytes(b"other")
    with pytest.raises(UsageError, match="not those that"), staged(places(week)):
        pass
    assert [place.name for place in (week / ".rind").iterdir() if place.name.startswith("backup")] == []
