from __future__ import annotations

from datetime import timedelta

from feedback_acts import WEEK, MakeAct

from rind.serving.feedback.file import Feedback


def test_the_book_tells_who_snoozed_what_and_who_took_what_on(feedback: Feedback, do: MakeAct) -> None:
    act = do("snooze", until=WEEK + timedelta(days=8))
    do("assign", account_id="A2", csm="Ben Carter")
    book = feedback.book(WEEK)
    assert book.snoozed == {"A1": act}
    assert book.assigned == {"A2": "Ben Carter"}
    assert book.revision == 2


def test_the_book_is_kept_until_the_next_act(feedback: Feedback, do: MakeAct) -> None:
    do("acknowledge")
    assert feedback.book(WEEK) is feedback.book(WEEK)
    before = feedback.book(WEEK)
    do("acknowledge", account_id="A2")
    assert feedback.book(WEEK) is not before
    assert feedback.book(WEEK + timedelta(days=7)).worked == set()
