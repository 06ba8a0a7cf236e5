"""Templates to pages: the inside of a page is rendered once a week and locale, the frame around it once a request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rind.reports.facts import Interval
from rind.reports.facts import interval_words as interval_text
from rind.reports.formats import HOUSE
from rind.reports.look_back import said_then
from rind.reports.moment_page import behaviour_words as moment_text
from rind.reports.wording import capitalised, words_of
from rind.serving.access.principals import Principal
from rind.serving.addresses import account_segment
from rind.serving.rendering.locales import Format, format_of, preferred
from rind.serving.rendering.piece_cache import PieceCache
from rind.serving.settings import Settings

SLOT = re.compile(r"<!--slot (\w+) (\S*) -->")


class MenuEntry(NamedTuple):
    """A page's entry in the navigation; only principals with ``scope`` see it, "" shows it to all."""

    address: str
    title: str
    scope: str = ""


class PageRenderer:
    """Jinja with the few functions that the templates use.

    Parameters
    ----------
    menu
        The navigation of every page, in order.
    """

    def __init__(self, settings: Settings, menu: Sequence[MenuEntry] = ()) -> None:
        self.settings = settings
        self.cache = PieceCache()
        self.environment = Environment(
            loader=PackageLoader("rind.serving.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals |= {"static": static_url, "query": query_of, "slot": slot, "said_then": said_then}
        self.environment.globals["navigation"] = tuple(menu)
        self.environment.filters |= {
            "sentence": _sentence,
            "words": _words,
            "segment": account_segment,
            "interval": _interval,
            "moment": moment_text,
        }

    def format(self, accept_language: str, currency: str = "") -> Format:
        """How this reader writes numbers and dates; ``currency`` is the week's own, which the settings may replace."""
        return format_of(preferred(accept_language), self.settings.currency or currency)

    def render(self, template: str, **values: Any) -> Markup:
        """A template with values; never cached."""
        return Markup(self.environment.get_template(template).render(**values))

    def piece(self, template: str, key: Hashable, fmt: Format, make: Callable[[], Mapping[str, Any]]) -> Markup:
        """The inside of a page: cached under its key and locale, else rendered with ``make()``'s values."""
        whole_key = (template, key, fmt.name)
        piece: Markup | None = self.cache.get(whole_key)
        if piece is None:
            piece = self.render(template, fmt=fmt, **make())
            self.cache.put(whole_key, piece)
        return piece

    def frame(
        self, content: Markup, title: str, principal: Principal | None, path: str, fmt: Format, **values: Any
    ) -> str:
        """The whole page around its inside."""
        return self.environment.get_template("frame.html.j2").render(
            content=content, title=title, who=principal, path=path, fmt=fmt, demo=self.settings.demo, **values
        )


def query_of(parameters: Mapping[str, Any], **changed: Any) -> str:
    """A query string of ``parameters`` with some values changed; empty ones are left out."""
    merged = {name: value for name, value in {**parameters, **changed}.items() if value not in (None, "", False)}
    return "?" + urlencode({k: "true" if v is True else v for k, v in merged.items()}) if merged else "?"


def slot(name: str, value: str = "") -> Markup:
    """A place in a cached piece for what changes within the week, or is another for each reader."""
    return Markup(f"<!--slot {name} {quote(value, safe='')} -->")


def filled(piece: Markup, fill: Callable[[str, str], str]) -> Markup:
    """The piece with ``fill(name, value)`` in the place of each slot."""
    return Markup(SLOT.sub(lambda match: fill(match[1], unquote(match[2])), piece))


@lru_cache(maxsize=32)
def static_url(name: str) -> str:
    """The address of a static file; its ``v`` changes when the file does."""
    content = files("rind.serving.pages").joinpath("static", name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:8]}"


def _sentence(text: str) -> str:
    return f"{HOUSE.sentence(capitalised(str(text).strip().rstrip('.')))}."


def _interval(interval: Interval | None, fmt: Format) -> str:
    return interval_text(interval, number=fmt.number)


def _words(name: str) -> str:
    """A name of the data as words: small_business -> small business."""
    return words_of(str(name))
