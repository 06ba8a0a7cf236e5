"""Slack's markup: names as plain text, and lines packed into blocks within Slack's limits.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rind.serving.deliver.texts import joined, one_line, size

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
MOST_BLOCKS = 50

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
LOOK_ALIKES = str.maketrans("*~`|", "\N{ASTERISK OPERATOR}\N{TILDE OPERATOR}\N{MODIFIER LETTER APOSTROPHE}/")
"""For the marks of bold, struck, code and links: Slack knows no escape for them."""

MARKS = (
    (re.compile(r"(?<!\w)_|_(?!\w)"), "\N{MODIFIER LETTER LOW MACRON}"),  # italic
    (re.compile(r":(?=[\w+-]+:)"), "\N{MODIFIER LETTER COLON}"),  # an emoji by its name
    (re.compile(r"@(?=\w)"), "\N{FULLWIDTH COMMERCIAL AT}"),  # a mention, in Mattermost
)
"""Marks that work only in their place, and what stands for them there."""

Block = dict[str, Any]


def escaped(text: str, most: int = LONGEST_SECTION) -> str:
    """The text as one line that Slack shows and never reads: no markup, no mention, no emoji by name.

    It is cut after it was escaped, and never inside an entity.

    Parameters
    ----------
    most
        Longest result.
    """
    plain = one_line(text).translate(LOOK_ALIKES)
    for mark, look_alike in MARKS:
        plain = mark.sub(look_alike, plain)
    return joined((ENTITIES.get(c, c) for c in plain), most)


def header(text: str) -> Block:
    """A block with a title, which Slack shows as it is."""
    title = joined(one_line(text), LONGEST_HEADER)
    return {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}


def section(lines: Sequence[str]) -> Block:
    """A block of lines that fit into it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines), "verbatim": True}}


def sections(lines: Sequence[str], most: int) -> list[Block]:
    """The lines in as few blocks as hold them, at most ``most`` (2 or more); the last one says how many were left out.

    No line is longer than a block.
    """
    packed: list[list[str]] = []
    room = 0
    for line in lines:
        room -= size(line) + 1
        if room < 0:
            packed.append([])
            room = LONGEST_SECTION - size(line)
        packed[-1].append(line)
    if len(packed) > most:
        left_out = sum(map(len, packed[most - 1 :]))
        packed = [*packed[: most - 1], [f"and {left_out} more"]]
    return [section(part) for part in packed]
