"""What a reader must know of the comparison with the list before: whose model scored it, and how long ago it was."""

from __future__ import annotations

from datetime import date

TODAYS_MODEL = (
    "Both dates are scored by today's model, so that only the accounts moved; what was published then may have said "
    "another risk."
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def look_back_sentences(as_of: date, since: date | None) -> list[str]:
    """The sentences below "What changed"; none where there is no list before.

    Parameters
    ----------
    since
        The date of the list before.
    """
    if since is None:
        return []
    days = (as_of - since).days
    if days % 7 == 0:
        return [TODAYS_MODEL]
    between = "1 day lies" if days == 1 else f"{days} days lie"
    weekdays = WEEKDAYS[as_of.weekday()], WEEKDAYS[since.weekday()]
    return [
        f"This list is of a {weekdays[0]} and the one before of a {weekdays[1]}: {between} between them.",
        TODAYS_MODEL,
    ]
