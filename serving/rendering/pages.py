"""Templates to pages: what is the same for everybody is rendered once a week and locale, the frame once a request."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from functools import lru_cache
from importlib.resources import files
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rind.reports.facts import Interval, said
from rind.reports.moment_page import said as said_of
from rind.reports.wording import capitalised
from rind.serving.access.access_file import Principal
from rind.serving.rendering.locales import Format, format_of, preferred
from rind.serving.settings import Settings

NAVIGATION = (
    ("/", "This week"), ("/watermelons", "Watermelons"), ("/true-north", "True North"),
    ("/health-score", "Health score"), ("/model", "Model"),
)  # fmt: skip
MOST_PIECES = 2_000


class Kept:
    """The pieces that were made last, by key; a new week has new keys, and the old ones drop out."""

    def __init__(self, most: int = MOST_PIECES) -> None:
        self._most = most
        self._pieces: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """A piece; None where it has to be made."""
        with self._lock:
            piece = self._pieces.get(key)
            if piece is not None:
                self._pieces.move_to_end(key)
            return piece

    def put(self, key: Hashable, piece: Any) -> None:
        """Keep a piece; the one that was used longest ago goes."""
        with self._lock:
            self._pieces[key] = piece
            while len(self._pieces) > self._most:
                self._pieces.popitem(last=False)


class Pages:
    """Jinja with the few functions that the templates use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.kept = Kept()
        self.environment = Environment(
            loader=PackageLoader("rind.serving.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals |= {"static": static_url, "query": query_of, "navigation": NAVIGATION}
        self.environment.filters |= {
            "sentence": _sentence,
            "words": _words,
            "segment": _segment_of_address,
            "interval": _interval,
            "moment": said_of,
        }

    def format(self, accept_language: str) -> Format:
        """How this reader writes numbers and dates."""
        return format_of(preferred(accept_language), self.settings.currency)

    def piece(self, template: str, key: Hashable, fmt: Format, make: Any) -> Markup:
        """The inside of a page: what is kept under its key and locale, else rendered with ``make()``'s values."""
        whole = (template, key, fmt.name)
        found: Markup | None = self.kept.get(whole)
        if found is None:
            found = Markup(self.environment.get_template(template).render(fmt=fmt, **make()))
            self.kept.put(whole, found)
        return found

    def frame(self, content: Markup, title: str, who: Principal | None, path: str, fmt: Format, **more: Any) -> str:
        """The whole page around its inside."""
        values: dict[str, Any] = {"content": content, "title": title, "who": who, "path": path, "fmt": fmt, **more}
        values["demo"] = self.settings.demo
        return self.environment.get_template("frame.html.j2").render(values)


def query_of(given: Mapping[str, Any], **changed: Any) -> str:
    """A query string: what is given with some values changed; empty ones are left out."""
    whole = {name: value for name, value in {**given, **changed}.items() if value not in (None, "", False)}
    return "?" + urlencode({k: "true" if v is True else v for k, v in whole.items()}) if whole else "?"


@lru_cache(maxsize=32)
def static_url(name: str) -> str:
    """The address of a static file, with a mark that changes when the file does."""
    mark = hashlib.sha256(files("rind.serving.pages").joinpath("static", name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?v={mark}"


def _sentence(text: str) -> str:
    return f"{capitalised(str(text).strip().rstrip('.'))}."


def _interval(given: Interval | None, fmt: Format) -> str:
    return said(given, number=fmt.number)


def _segment_of_address(text: str) -> str:
    """A text as one part of a path: its slashes too are letters."""
    return quote(text, safe="")


def _words(name: str) -> str:
    """A name of the data as words: small_business -> small business."""
    return str(name).replace("_", " ")
