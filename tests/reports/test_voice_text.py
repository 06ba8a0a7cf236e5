"""What holds for all topics, in words."""

from __future__ import annotations

from rind.reports.voice_text import topic_words, voice_notes


def test_the_words_of_a_topic_are_one_text() -> None:
    assert topic_words(("slow", "pages")) == "slow, pages"
    assert topic_words(()) == ""


def test_the_notes_say_how_many_texts_there_were_and_when_they_were_too_few() -> None:
    enough = voice_notes(365, 400, 12, 50, 5)
    assert "400 texts of the last 365 days were read." in enough[0]
    assert enough[-1] == "12 texts belong to no topic that enough accounts share."
    assert voice_notes(365, 49, 49, 50, 5)[-1] == "Fewer than 50 texts: no topic is looked for."
    assert len(voice_notes(365, 400, 0, 50, 5)) == 2
