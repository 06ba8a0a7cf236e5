"""What customers say, in words: topics, what they are worth, and what holds for all of them."""

from __future__ import annotations

SOURCES = {"survey": "Survey comments", "departure": "Why accounts left", "request": "Wishes for the product"}
"""Source of a text -> its title."""


def topic_words(words: tuple[str, ...]) -> str:
    """The words of a topic, as one text: slow, report, loading."""
    return ", ".join(words)


def voice_notes(days: int, texts: int, without_topic: int, fewest_texts: int, fewest_accounts: int) -> list[str]:
    """What a reader of the topics must know."""
    notes = [
        f"{texts} texts of the last {days} days were read. A topic is a group of words that are said together; its "
        f"words are those that at least {fewest_accounts} accounts have said and that other texts lack.",
        "The risk of a topic is the churn probability of the customers who say it, less that of comparable ones: the "
        "same date, about the same time to the end of the term, the same segment. It is a marker, and no proof that "
        "the topic is the cause.",
    ]
    if texts < fewest_texts:
        notes.append(f"Fewer than {fewest_texts} texts: no topic is looked for.")
    elif without_topic:
        notes.append(f"{without_topic} texts belong to no topic that enough accounts share.")
    return notes
