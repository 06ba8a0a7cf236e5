"""Texts from outside, made fit for a line of a mail or of a chat message."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

JOINERS = "\u200c\u200d"
"""Not printable by themselves, but part of emoji and of words in Persian and Hindi."""


def one_line(text: str) -> str:
    """The text in one line, without control characters and marks that turn the direction of what follows."""
    return " ".join("".join(c if c.isprintable() or c in JOINERS else " " for c in text).split())


def size(text: str) -> int:
    """The text's length in UTF-16 units: the strictest way in which a limit of characters may be counted."""
    return len(text) + sum(c > "\uffff" for c in text)


def joined(parts: Iterable[str], most: int) -> str:
    """The parts in a row, each whole or left out; with "…" at the end where they are longer than ``most``."""
    texts = list(parts)
    ends = list(accumulate(map(size, texts)))
    if not ends or ends[-1] <= most:
        return "".join(texts)
    return "".join(text for text, end in zip(texts, ends, strict=True) if end < most) + "…"
