from __future__ import annotations

import sqlite3
import stat
import threading
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from feedback_acts import WEEK, MakeAct

from rind.serving.access.database import AccessFileError, Database
from rind.serving.feedback import file
from rind.serving.feedback.acts import Entry
from rind.serving.feedback.file import Feedback, FeedbackFileError, beside
from rind.serving.problems import ProblemError


def test_the_file_lies_beside_the_access_file_and_only_its_owner_reads_it(feedback: Feedback, tmp_path: Path) -> None:
    assert beside(tmp_path / "access.sqlite") == feedback.path
    assert stat.S_IMODE(feedback.path.stat().st_mode) == 0o600


def test_an_act_is_kept_with_who_and_when_and_read_back_by_another_process(feedback: Feedback, do: MakeAct) -> None:
    act = do("note", account_id="a/b é", note="Called; they want SSO.")
    other = Feedback(feedback.path)
    assert other.of("a/b é").acts == (act,)
    assert other.acts() == [act]
    assert (act.who, act.week) == ("amara", WEEK)
    assert act.at.endswith("+00:00")
    other.close()


def test_an_act_of_another_process_is_seen_at_once(feedback: Feedback, do: MakeAct) -> None:
    do("acknowledge")
    assert feedback.book(WEEK).worked == {"A1"}
    other = Feedback(feedback.path)
    other.add(Entry("ben", "A2", WEEK, "acknowledge"))
    other.close()
    assert feedback.book(WEEK).worked == {"A1", "A2"}


@pytest.mark.parametrize("statement", ["UPDATE acts SET who = 'x'", "DELETE FROM acts"])
def test_no_statement_changes_or_deletes_an_act(feedback: Feedback, do: MakeAct, statement: str) -> None:
    do("acknowledge")
    with sqlite3.connect(feedback.path) as connection, pytest.raises(sqlite3.IntegrityError, match="an act is never"):
        connection.execute(statement)
    connection.close()
    assert len(feedback.acts()) == 1


def test_an_act_that_was_replaced_cannot_be_replaced_again(feedback: Feedback, do: MakeAct) -> None:
    first = do("note", note="one")
    do("note", note="two", supersedes=first.number)
    with pytest.raises(ProblemError) as caught:
        do("note", note="three", supersedes=first.number)
    assert caught.value.status == 409
    assert [act.note for act in feedback.of("A1").notes] == ["two"]


@pytest.mark.parametrize(
    ("more", "why"),
    [({"account_id": "A2"}, "of another account"), ({"kind": "intervention"}, "of another kind"),
     ({"supersedes": 99}, "that does not exist")],
)  # fmt: skip
def test_an_act_cannot_replace_one(feedback: Feedback, do: MakeAct, more: dict[str, Any], why: str) -> None:
    first = do("note", note="one")
    values = {"kind": "note", "note": "two", "supersedes": first.number} | more
    with pytest.raises(ProblemError) as caught:
        do(**values)
    assert caught.value.status == 404, why
    assert len(feedback.acts()) == 1


def test_an_account_takes_a_bounded_number_of_acts(do: MakeAct, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MOST_ACTS", 3)
    for _ in range(3):
        do("acknowledge")
    with pytest.raises(ProblemError) as caught:
        do("acknowledge")
    assert caught.value.status == 422
    do("acknowledge", account_id="A2")


def test_a_text_that_is_too_long_for_the_file_is_refused_by_it(do: MakeAct) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        do("note", note="x" * 2001)


def test_a_note_of_full_length_is_blanked_too_and_nothing_of_the_rest_is_kept_back(
    feedback: Feedback, do: MakeAct
) -> None:
    """What stands for an id is longer than the id."""
    do("note", account_id="A2", note="A1 " + "x" * 1_997)
    do("note", account_id="A1", note="mine")
    assert feedback.forget(lambda account: account == "A1", lambda text: text.replace("A1", "(forgotten)")) == 2
    assert [(act.account_id, act.note[:14], len(act.note)) for act in feedback.acts()] == [
        ("A2", "(forgotten) xx", 2_000)
    ]


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    Feedback(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(FeedbackFileError, match="version 99"):
        Feedback(path)


def test_pages_go_on_with_what_was_read_while_the_file_cannot_be_read(
    feedback: Feedback, do: MakeAct, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise AccessFileError("locked")

    do("acknowledge")
    assert feedback.book(WEEK).worked == {"A1"}
    monkeypatch.setattr(Database, "rows", locked)
    assert feedback.book(WEEK).worked == {"A1"}
    assert feedback.of("A1").worked(WEEK)


def test_an_act_that_cannot_be_written_now_is_refused_as_such(
    feedback: Feedback, do: MakeAct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rind.serving.access.database.WRITE_SECONDS", 0.1)
    with sqlite3.connect(feedback.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AccessFileError, match="feedback cannot be read or written now"):
            do("acknowledge")
        other.execute("ROLLBACK")
    other.close()
    assert do("acknowledge").number == 1


def test_threads_that_write_at_once_lose_nothing(feedback: Feedback) -> None:
    def write(name: str) -> None:
        for _ in range(20):
            feedback.add(Entry(name, name, WEEK, "acknowledge"))
            feedback.book(WEEK)

    threads = [threading.Thread(target=write, args=(f"A{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [act.number for act in feedback.acts()] == list(range(1, 81))
    assert len(feedback.of("A3").acts) == 20


def test_acts_are_listed_whole_while_another_thread_reads_on(
    feedback: Feedback, do: MakeAct, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_on() -> None:
        do("acknowledge", account_id="A2")
        feedback.book(WEEK)

    other = threading.Thread(target=read_on)

    class Slow(dict[str, Any]):
        def values(self) -> Any:
            for value in super().values():
                if other.ident is None:
                    other.start()
                    other.join(0.5)  # as far as it comes while we list
                yield value

    do("acknowledge")
    feedback.book(WEEK)
    monkeypatch.setattr(feedback, "_acts", Slow(feedback._acts))
    assert [act.account_id for act in feedback.acts()] == ["A1"]
    other.join()
    assert [act.account_id for act in feedback.acts()] == ["A1", "A2"]


def test_a_file_of_the_first_version_keeps_its_acts_and_takes_commitments(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    first = files("rind.serving.feedback") / "sql/0001_acts.sql"
    with sqlite3.connect(path) as connection:
        connection.executescript(first.read_text() + "PRAGMA user_version = 1;")
        kept = (
            "INSERT INTO acts (at, who, account_id, week, kind, supersedes, note) VALUES (?, 'ana', 'A1', ?, ?, ?, ?)"
        )
        for kind, supersedes, note in (("note", None, "one"), ("note", 1, "two"), ("withdraw", 2, None)):
            connection.execute(kept, ["2026-06-30T10:00:00+00:00", str(WEEK), kind, supersedes, note])
        connection.execute("UPDATE sqlite_sequence SET seq = 7")  # the acts 4 to 7 were forgotten
    connection.close()
    opened = Feedback(path)
    try:
        assert [(act.number, act.supersedes, act.note) for act in opened.acts()] == [
            (1, None, "one"), (2, 1, "two"), (3, 2, None)
        ]  # fmt: skip
        act = opened.add(Entry("ana", "A1", WEEK, "commitment", category="commit", quarter=date(2026, 7, 1)))
        assert (act.number, opened.of("A1").commitments) == (8, {date(2026, 7, 1): act})
        with pytest.raises(sqlite3.IntegrityError):
            opened.add(Entry("ana", "A1", WEEK, "commitment", category="commit"))
    finally:
        opened.close()
    for statement in ("UPDATE acts SET who = 'x'", "DELETE FROM acts"):
        with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="an act is never"):
            connection.execute(statement)
        connection.close()


def test_a_file_that_is_locked_just_when_all_of_it_is_read_anew_leaves_what_was_read_before(
    feedback: Feedback, do: MakeAct, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, real = do("acknowledge"), Database.rows
    do("acknowledge", account_id="A2")
    assert feedback.book(WEEK).worked == {"A1", "A2"}
    other = Feedback(feedback.path)
    assert other.forget(lambda account: account == "A2", str) == 1
    other.close()

    def locked(database: Database, query: str, *values: Any) -> list[dict[str, Any]]:
        if query.startswith("SELECT * FROM acts WHERE number <="):
            raise AccessFileError("locked")
        return real(database, query, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "rows", locked)
        assert feedback.of("A1").acts == (act,)
    assert feedback.book(WEEK).worked == {"A1"}
