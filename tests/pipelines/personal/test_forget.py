"""After `rind forget` a search over all files finds no trace of an account or a contact but in what the docs name."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from result_folders import write_results
from typer.testing import CliRunner, Result

from rind.pipelines.backup import staged
from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.pipelines.personal.forget import blanked_address
from rind.pipelines.personal.persons import Persons
from rind.pipelines.personal.search import traces
from rind.pipelines.places import places_of
from rind.serving.access.access_file import Access
from rind.serving.access.audit import Event
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox
from rind.serving.feedback.acts import Entry
from rind.serving.feedback.file import Feedback
from rind.serving.store.folder import FolderStore

WEEK = date(2026, 6, 29)


def forget(out: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["forget", "--dir", str(out), *more])


def riskiest(out: Path, place: int = 0) -> tuple[str, str]:
    """Id and name of an account of the list."""
    row = pd.read_parquet(out / "risk_list.parquet").iloc[place]
    return str(row["account_id"]), str(row["name"])


@pytest.fixture
def week(small_run: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, with what serving and deliveries put beside it about its riskiest account."""
    out = tmp_path / "results"
    shutil.copytree(small_run / "results", out, symlinks=True)
    account, name = riskiest(out)
    act = Entry(who="ana", account_id=account, week=WEEK, kind="note", note=f"{name} called")
    with closing(Feedback(out / "feedback.sqlite")) as feedback:
        feedback.add(act)
        feedback.add(Entry("ana", riskiest(out, 1)[0], WEEK, "note", note=f"sister of {name}"))
    with closing(Access(out / "access.sqlite")) as access:
        access.audit.add(Event("2026-06-29", "ana", "see", f"/accounts/{account}", f"q={name}", "127.0.0.1", 200))
    mail = EmailMessage()
    mail.set_content(f"{name} is at risk", cte="base64")
    with closing(Outbox(out / "deliveries", "Somebody")) as outbox:
        outbox.put(Item(WEEK, "mail", "leadership", "cco@example.com", mail.as_bytes(), "Somebody"))
    (out / "deliveries/crm_hub_2026-06-29.csv").write_text(f"Account_Id__c,Risk\r\n{account},3\r\nother,3\r\n")
    aside = pd.DataFrame({"account_id": [account, "B1"], "contact_id": ["P-17", " P-18 "], "rule": "x: y"})
    (out / "set_aside").mkdir(exist_ok=True)
    aside.to_parquet(out / "set_aside/surveys.parquet")
    return out


def test_a_search_over_all_files_finds_no_trace_of_a_forgotten_account(week: Path) -> None:
    account, name = riskiest(week)
    other = riskiest(week, 1)
    before = traces(week, {account, name})
    wanted = {"risk_list.html", "risk_list.xlsx", "risk_list.parquet", "access.sqlite", "surveys.parquet"}
    assert {path.rpartition("/")[2] for path in before} >= wanted
    figures = {path: (week / path).read_bytes() for path in ("metrics.json", "kpis.parquet", "plots/gains.csv")}
    done = forget(week, "--account", account, "--set", "deliveries.company=Somebody")
    assert done.exit_code == 0, done.output
    assert traces(week, {account, name}) == []
    assert traces(week, set(other))  # and nobody else is gone
    assert all((week / path).read_bytes() == content for path, content in figures.items())
    assert "What names nobody stays" in done.output
    with closing(sqlite3.connect(week / "deliveries/deliveries.sqlite")) as ledger:
        assert ledger.execute("SELECT payload, state FROM deliveries").fetchall() == [(None, "withdrawn")]


def test_the_week_that_is_left_is_whole(week: Path) -> None:
    account, _ = riskiest(week)
    many = len(pd.read_parquet(week / "risk_list.parquet"))
    with closing(FolderStore(week, 0)) as store:
        before = store.current().version
        assert forget(week, "--account", account).exit_code == 0
        assert store.refresh(), store.problem()
        after = store.current()
    assert (after.version != before, len(after.risk_list)) == (True, many - 1)
    assert ZipFile(week / "risk_list.xlsx").testzip() is None
    assert len(list((week / ".rind/weeks").iterdir())) == 1


def test_the_audit_log_says_that_somebody_was_forgotten_and_not_who(week: Path) -> None:
    account, _ = riskiest(week)
    forget(week, "--account", account)
    with closing(Access(week / "access.sqlite")) as access:
        last, look = access.audit.events()[0], access.audit.events(action="see")[0]
    assert (last.action, account in last.detail, last.address) == ("forget", False, "command line")
    assert (look.who, look.path) == ("ana", "/accounts/(forgotten)")


def test_a_contact_goes_with_its_words_and_its_rows_that_were_set_aside(week: Path) -> None:
    document = json.loads((week / "voice_texts.json").read_text())
    sentence = {"account_id": "B9", "contact_id": "P-18", "text": "I will leave", "topic": "T1", "source": "survey"}
    document["sentences"] = [sentence, sentence | {"contact_id": "P-19", "text": "It is fine"}]
    (week / "voice_texts.json").resolve().write_text(json.dumps(document))
    assert forget(week, "--contact", "P-18").exit_code == 0
    assert traces(week, {"P-18", "I will leave"}) == []
    assert [row["text"] for row in json.loads((week / "voice_texts.json").read_text())["sentences"]] == ["It is fine"]
    assert pd.read_parquet(week / "set_aside/surveys.parquet")["contact_id"].to_list() == ["P-17"]


@pytest.mark.parametrize(
    ("written", "left"),
    [("/accounts/A00042", "/accounts/(forgotten)"), ("next=%2Faccounts%2FA00042", "next=/accounts/(forgotten)"),
     ("q=Acme+GmbH", "q=(forgotten)"), ("next=%252F%253Fq%253DAcme%252BGmbH", "next=/?q=(forgotten)"),
     ("next=%2F%3Fq%3DAcme%2BGmbH", "next=/?q=(forgotten)"), ("q=Acme%20Ltd+100%25", "q=Acme%20Ltd+100%25")],
)  # fmt: skip
def test_an_address_of_the_audit_log_is_blanked_however_it_is_escaped(written: str, left: str) -> None:
    persons = Persons(frozenset({"A00042"}), frozenset(), frozenset({"Acme GmbH"}))
    assert blanked_address(written, persons) == left


def test_what_a_first_try_could_not_reach_is_forgotten_by_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names stand in the week alone, which is cut first."""
    out = write_results(tmp_path / "week")
    account, name = riskiest(out)
    with closing(Feedback(out / "feedback.sqlite")) as feedback:
        feedback.add(Entry("ana", riskiest(out, 1)[0], WEEK, "note", note=f"sister of {name}"))
    with monkeypatch.context() as broken:
        broken.setattr(Feedback, "forget", lambda *_: (_ for _ in ()).throw(OSError("locked")))
        assert forget(out, "--account", account).exit_code != 0
    assert forget(out, "--account", account).exit_code == 0
    assert traces(out, {account, name}) == []


def test_a_name_that_is_left_somewhere_is_known_to_the_next_try(tmp_path: Path) -> None:
    out = write_results(tmp_path / "week")
    account, name = riskiest(out)
    (out / "my notes.txt").write_text(f"{name} called")
    done = forget(out, "--account", account)
    assert (done.exit_code, "my notes.txt still names" in done.output, "forgetting.json" in done.output) == (
        1, True, False,
    )  # fmt: skip
    assert json.loads((out / ".rind/forgetting.json").read_text()) == [name]


def test_a_backup_that_is_at_work_keeps_its_folder_and_the_command_says_to_come_again(week: Path) -> None:
    account, name = riskiest(week)
    company = ("--set", "deliveries.company=Somebody")
    with staged(places_of(week, load())) as folder:
        copied = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        done = forget(week, "--account", account, *company)
        assert {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} == copied
        assert done.exit_code == 1, done.output
        output = " ".join(done.output.split())
        assert f".rind/{folder.name} is of a backup at work, whose archive may name them" in output
        assert "still names one of them" not in output
    again = forget(week, "--account", account, *company)
    assert again.exit_code == 0, again.output
    assert traces(week, {account, name}) == []


def test_a_contact_that_an_older_backup_brings_back_is_forgotten_by_the_list(tmp_path: Path) -> None:
    out = write_results(tmp_path / "week")
    words = {"account_id": "B9", "contact_id": "P-18", "text": "I will leave", "topic": "T1", "source": "survey"}
    older = json.dumps({"sentences": [words]})
    (out / "voice_texts.json").write_text(older)
    assert forget(out, "--contact", "P-18").exit_code == 0
    (out / "voice_texts.json").resolve().write_text(older)
    assert forget(out).exit_code == 0
    assert traces(out, {"P-18", "I will leave"}) == []


def test_without_an_id_those_on_the_list_are_forgotten_again(tmp_path: Path) -> None:
    out = write_results(tmp_path / "week")
    account, name = riskiest(out)
    saved = tmp_path / "backup"
    shutil.copytree(out, saved)
    assert forget(out, "--account", account).exit_code == 0
    shutil.copy(out / "forgotten.json", saved / "forgotten.json")
    assert traces(saved, {account})
    assert forget(saved).exit_code == 0
    assert traces(saved, {account, name}) == []
    assert forget(tmp_path / "none").exit_code == 2


def test_nobody_is_forgotten_while_a_run_is_at_work(week: Path) -> None:
    from rind.pipelines.weeks import alone

    with alone(week):
        done = forget(week, "--account", riskiest(week)[0])
    assert (done.exit_code, "is at work" in done.output) == (2, True)
    assert not (week / "forgotten.json").exists()


def test_a_server_that_has_the_feedback_open_reads_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    with closing(Feedback(path)) as served, closing(Feedback(path)) as ours:
        for account in ("A1", "A2", "A1"):
            served.add(Entry("ana", account, WEEK, "note", note="call"))
        assert len(served.acts()) == 3
        assert ours.forget(lambda account: account == "A1", str) == 2
        served.add(Entry("ana", "A2", WEEK, "note", note="call"))
        assert [act.account_id for act in served.acts()] == ["A2", "A2"]
        assert [act.account_id for act in ours.acts()] == ["A2", "A2"]
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        raw.execute("DELETE FROM acts")
