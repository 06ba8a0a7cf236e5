"""The words that the demo company's customers choose: parts that are put together, cause by cause."""

from __future__ import annotations

from dataclasses import dataclass

Parts = tuple[tuple[str, ...], ...]

PHRASES: dict[str, Parts] = {
    "value": (
        ("We hardly use it.", "Honestly,", "After a year", "Our team says", ""),
        ("features that we need are missing", "the forecasting features are missing", "it lacks the features we bought",
         "important features do not fit how we work", "we miss features that others have",
         "the reports lack features that we need"),
        ("for our planning.", "for our workflow.", "and nobody opens it any more.",
         "so the team went back to spreadsheets.", "so we use spreadsheets again."),
    ),
    "friction": (
        ("Support is slow:", "Every week the same:", "Too many errors:", "Frustrating.", ""),
        ("pages load slowly and crash", "the import crashes with an error", "bugs stay open, support tickets wait",
         "tickets take days and the bug is still there", "it is slow and crashes in the afternoon",
         "errors and crashes, and support answers after days"),
        ("since the last update.", "again and again.", "on large boards.", "and nobody repairs it.", ""),
    ),
    "people": (
        ("Since our contact left", "Since the handover", "After the reorganisation", "For months", ""),
        ("nobody calls us back", "we have no contact person who knows us",
         "nobody explains or trains our new colleagues", "our account manager changed twice and nobody calls",
         "we had no training and no contact person",
         "the new colleagues had no training"),
        ("and we feel alone.", "and that shows.", "although we asked.", "on your side.", ""),
    ),
    "money": (
        ("Our budget was cut:", "Finance asks:", "At renewal", "Compared with others", ""),
        ("the price is too high", "the price per seat rose again", "we cannot justify the price to our board",
         "the invoice is too expensive for us", "the licence costs more than our budget allows",
         "it became too expensive"),
        ("for what we get.", "this year.", "for so few seats.", "and the budget is frozen.", ""),
    ),
}  # fmt: skip
"""Cause -> begin, core, end."""

PRAISE: Parts = (
    ("Great:", "Very happy:", "Really good.", "Love it.", ""),
    ("it saves us hours every week", "everybody works with it every day", "could not work without it any more",
     "easy to learn and saves time", "it made our week easier and saves hours", "a great help every day"),
    ("Keep going.", "Recommended.", "Thank you.", "", ""),
)  # fmt: skip

REASONS = ("missing features", "slow or faulty", "no contact", "price")
"""What a departure gives as its reason, cause by cause (value, friction, people, money)."""


@dataclass(frozen=True)
class Wish:
    """A wish for the product: how often it comes, and how much more where value is low."""

    topic: str
    share: float
    by_low_value: float = 0.0


ASKED = (
    Wish("Single sign-on", 0.16), Wish("Mobile app", 0.15), Wish("Gantt view", 0.13), Wish("Dark mode", 0.08),
    Wish("Better forecasts", 0.10, 0.9), Wish("Custom fields", 0.12), Wish("Excel export", 0.10, 0.6),
    Wish("More languages", 0.08), Wish("Audit by role", 0.08),
)  # fmt: skip
