"""The second factor of local users: codes of an app (TOTP, RFC 6238), each good once, and recovery codes."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass

import pyotp

from rind.common.errors import UsageError
from rind.serving.access.database import Database, digest

STEP_SECONDS = 30
AROUND = (-1, 0, 1)
"""Half-minutes around now whose codes count: clocks differ a little, and people type slowly."""
RECOVERY_CODES = 10
ISSUER = "Rind"
NOT_A_CODE = re.compile(r"[\s-]")


@dataclass(frozen=True)
class SecondFactor:
    """What a user has: ``confirmed_at`` is "" while the first code is waited for, ``recovery_codes`` are left."""

    user: str
    confirmed_at: str
    recovery_codes: int


class SecondFactors:
    """The second factors of one access file. Secrets lie in it as they are: only its owner may read the file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user: str) -> SecondFactor | None:
        """The user's second factor; None where there is none."""
        row = self._database.row(
            "SELECT user, confirmed_at, (SELECT count(*) FROM recovery_codes AS codes WHERE codes.user = f.user) AS "
            "recovery_codes FROM second_factors AS f WHERE user = ?",
            user,
        )
        return SecondFactor(**row) if row else None

    def is_on(self, user: str) -> bool:
        """Whether the user must give a code after the password."""
        factor = self.of(user)
        return factor is not None and bool(factor.confirmed_at)

    def begin(self, user: str) -> None:
        """Make a secret that waits for its first code, in the place of one that waits.

        Raises
        ------
        UsageError
            The user has a second factor.
        """
        statement = (
            "INSERT INTO second_factors VALUES (?, ?, '', 0) ON CONFLICT (user) DO UPDATE SET secret = excluded.secret "
            "WHERE confirmed_at = ''"
        )
        if not self._database.execute(statement, user, pyotp.random_base32()):
            raise UsageError(f"{user} has a second factor", "switch it off before you set up another one")

    def uri(self, user: str) -> str:
        """What the app reads from the picture, while the first code is waited for; "" before and after."""
        row = self._database.row("SELECT secret FROM second_factors WHERE user = ? AND confirmed_at = ''", user)
        return pyotp.TOTP(row["secret"]).provisioning_uri(name=user, issuer_name=ISSUER) if row else ""

    def confirm(self, user: str, code: str) -> list[str]:
        """Switch the second factor on by its first code; return new recovery codes, none where the code is wrong."""
        with self._database.transaction() as connection:
            waiting = bool(self.uri(user))
            if not waiting or not self._use_code(user, code):
                return []
            now = self._database.now()
            connection.execute("UPDATE second_factors SET confirmed_at = ? WHERE user = ?", (now, user))
            return self.renew_recovery_codes(user)

    def accept(self, user: str, code: str) -> bool:
        """Whether this is a code of now, or a recovery code, that was not used before; it is used from now on."""
        if not self.is_on(user):
            return False
        return self._use_code(user, code) or self._use_recovery_code(user, code)

    def renew_recovery_codes(self, user: str) -> list[str]:
        """New recovery codes in the place of all that are left."""
        codes = [secrets.token_hex(10) for _ in range(RECOVERY_CODES)]
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM recovery_codes WHERE user = ?", (user,))
            connection.executemany("INSERT INTO recovery_codes VALUES (?, ?)", [(user, digest(c)) for c in codes])
        return ["-".join(re.findall(".{5}", code)) for code in codes]

    def reset(self, user: str) -> None:
        """Remove the second factor: the password alone lets the user in.

        Raises
        ------
        UsageError
            The user has none.
        """
        if not self._database.execute("DELETE FROM second_factors WHERE user = ?", user):
            raise UsageError(f"{user!r} has no second factor", "`rind users list` shows who has one")

    def _use_code(self, user: str, code: str) -> bool:
        row = self._database.row("SELECT secret FROM second_factors WHERE user = ?", user)
        step = _step_of(row["secret"], NOT_A_CODE.sub("", code)) if row else None
        if step is None:
            return False
        statement = "UPDATE second_factors SET last_step = ? WHERE user = ? AND last_step < ?"
        return self._database.execute(statement, step, user, step) == 1

    def _use_recovery_code(self, user: str, code: str) -> bool:
        kept = digest(NOT_A_CODE.sub("", code).lower())
        return self._database.execute("DELETE FROM recovery_codes WHERE user = ? AND code = ?", user, kept) == 1


def _step_of(secret: str, code: str) -> int | None:
    """The half-minute around now whose code this is; None where it is none."""
    totp, now = pyotp.TOTP(secret), int(time.time())
    for step in (now // STEP_SECONDS + away for away in AROUND):
        if code.isascii() and pyotp.utils.strings_equal(code, totp.generate_otp(step)):
            return step
    return None
