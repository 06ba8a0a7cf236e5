"""Passwords: their length, how easily they are guessed, and their Argon2 hashes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rind.common.errors import UsageError

SHORTEST, LONGEST = 12, 200
"""Characters of a password."""
SAFE_SCORE = 3
"""Of 0 to 4 in zxcvbn: more than 10^8 guesses."""
JUDGED = 72
"""Characters that zxcvbn looks at."""


class Passwords:
    """Hashes passwords and checks them; the hasher sets the cost (None: the library's own)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._hash_of_nobody = self._hasher.hash(secrets.token_hex())

    def hashed(self, password: str, own: Iterable[str] = ()) -> str:
        """The hash to keep.

        Parameters
        ----------
        own
            What everybody knows of the user: the names.

        Raises
        ------
        UsageError
            The password is too short or too long, or easily guessed: the message says why.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsageError(
                f"a password of {len(password)} characters",
                f"give {SHORTEST} to {LONGEST} characters; four random words do",
            )
        refuse_guessable(password, own)
        return self._hasher.hash(password)

    def matches(self, password: str, kept_hash: str | None) -> bool:
        """Whether the password belongs to the hash.

        Without a hash (an unknown user) the check takes as long and fails, so that nobody can tell which users exist.
        """
        try:
            self._hasher.verify(kept_hash or self._hash_of_nobody, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return kept_hash is not None

    def renewed(self, password: str, kept_hash: str) -> str | None:
        """A new hash where the kept one was made at another cost than today's; else None."""
        return self._hasher.hash(password) if self._hasher.check_needs_rehash(kept_hash) else None


def refuse_guessable(password: str, own: Iterable[str]) -> None:
    """Refuse the commonest passwords, names, repeats and runs of keys (NIST SP 800-63B, 5.1.1.2).

    The lists are those of zxcvbn: leaked passwords, words and names by how common they are.

    Raises
    ------
    UsageError
        With the reason.
    """
    from zxcvbn import zxcvbn

    names = {
        text.lower() for name in own for text in (name, re.sub(r"\W", "", name), *re.split(r"\W+|_", name)) if text
    }
    judged = zxcvbn(password[:JUDGED], user_inputs=[*sorted(names), "rind"])
    if int(judged["score"]) >= SAFE_SCORE:
        return
    ours = [part["token"] for part in judged["sequence"] if part.get("dictionary_name") == "user_inputs"]
    warning = judged["feedback"]["warning"].rstrip(".") or "it takes few guesses"
    reason = "it is made of the user's own name" if ours else f"{warning[0].lower()}{warning[1:]}"
    raise UsageError(f"a password that is easily guessed: {reason}", "four random words do")
