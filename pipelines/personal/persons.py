"""Who is to be forgotten, and how an id or a name of theirs is recognised in a value or a text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import escape

COLUMNS = {"account_id": "accounts", "parent_id": "accounts", "contact_id": "contacts", "user_id": "contacts"}
"""Column or key -> whose ids it holds. A user of the product may be a contact."""
FORGOTTEN = "(forgotten)"
"""Stands in texts where an id or a name stood."""


def same_id(value: Any) -> str:
    """An id in the spelling that the results have: no outer blanks, 17.0 as 17, addresses in lower case."""
    text = str(value).strip()
    text = text.lower() if "@" in text else text
    return re.sub(r"^([+-]?\d+)\.0*$", r"\1", text)


@dataclass(frozen=True)
class Persons:
    """Accounts and contacts by id, and the names that only these accounts have.

    An id of digits alone is looked for in columns and keys of ids, never in texts: nobody can tell there whether 17 is
    an account or a number.
    """

    accounts: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    names: frozenset[str] = field(default_factory=frozenset)

    def is_one(self, column: str, value: Any) -> bool:
        """Whether the value of a column or key of ids is one of them."""
        return value is not None and same_id(value) in self.ids(column)

    def ids(self, column: str) -> frozenset[str]:
        """The ids that a column or key may hold; none where it holds no ids of theirs."""
        kind = COLUMNS.get(column)
        return frozenset() if kind is None else self.accounts if kind == "accounts" else self.contacts

    @property
    def terms(self) -> frozenset[str]:
        """What to look for in texts."""
        return frozenset(text for text in (*self.accounts, *self.contacts) if not text.isdecimal()) | self.names

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """Finds a term as a word of its own, as it stands or as a page escapes it; None: there is nothing to find."""
        return words({*self.terms, *(str(escape(term)) for term in self.terms)})

    def mentioned(self, text: str) -> bool:
        """Whether a text names one of them."""
        return self.pattern is not None and self.pattern.search(text) is not None

    def without_mentions(self, text: str) -> str:
        """The text with `FORGOTTEN` in the place of each id and name."""
        return text if self.pattern is None else self.pattern.sub(FORGOTTEN, text)


def words(terms: Collection[str]) -> re.Pattern[str] | None:
    """Finds one of the terms as a word of its own."""
    wanted = sorted((term for term in terms if term), key=lambda term: (-len(term), term))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)") if wanted else None
