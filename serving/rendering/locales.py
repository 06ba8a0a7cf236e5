"""Which locale a reader's browser asks for; `reports.formats` writes in it."""

from __future__ import annotations

from functools import lru_cache

from rind.reports.formats import MINUS, NOTHING, Format, format_of

__all__ = ["DEFAULT", "KNOWN", "MINUS", "NOTHING", "Format", "format_of", "preferred"]

KNOWN = (
    "en", "en_US", "en_GB", "en_AU", "en_CA", "en_IE", "en_IN", "en_NZ", "en_ZA", "de", "de_AT", "de_CH", "fr", "fr_BE",
    "fr_CA", "fr_CH", "es", "es_MX", "it", "it_CH", "pt", "pt_BR", "nl", "nl_BE", "da", "sv", "nb", "fi", "is", "pl",
    "cs", "sk", "hu", "ro", "bg", "el", "tr", "uk", "hr", "sl", "et", "lv", "lt", "ja", "ko", "zh", "he", "hi",
)  # fmt: skip
"""The locales that differ; pages are kept per locale, so the list is finite. All write with Latin digits here."""
DEFAULT = "en"
MOST_HEADER = 200


@lru_cache(maxsize=512)
def preferred(accept_language: str) -> str:
    """The known locale that an Accept-Language header likes best; English where it names none."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:MOST_HEADER].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag.strip().replace("-", "_")))
        except ValueError:
            continue
    for _, _, tag in sorted(wanted):
        language, _, territory = tag.partition("_")
        full = f"{language.lower()}_{territory.upper()}" if territory else language.lower()
        for name in ({"no": "nb"}.get(full, full), language.lower()):
            if name in KNOWN:
                return name
    return DEFAULT
