"""mapping.yaml, read and checked: where the exports are, what their columns are called and how they are written."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rind.common.errors import SourceError

FILE = "mapping.yaml"
As = Literal["text", "id", "email", "number", "time", "date", "yes_no", "list"]
Written = Literal[
    "iso", "day.month.year", "month/day/year", "seconds", "milliseconds", "microseconds", "1,234.50", "1.234,50"
]  # fmt: skip
TIMES = ("iso", "day.month.year", "month/day/year", "seconds", "milliseconds", "microseconds")
NUMBERS = ("1,234.50", "1.234,50")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Column(_Strict):
    """One column of an input: which one it is in the file, and how its values are written.

    Parameters
    ----------
    source
        ``from`` in the file: the column's name there; ``a.b`` reaches into a JSON object in column ``a``.
    written
        The form of a number or a time; "" is the plain one (ISO, a point).
    zone
        Zone of times that do not say their own; "" is that of the mapping.
    unit, currency
        ``cents``: an amount in the smallest unit; the column of this input with its currency, since yen have none.
    per
        ``year`` or ``quarter``: an amount for so long, of which a month's share is meant.
    """

    source: str = Field(alias="from")
    kind: As = Field(default="text", alias="as")
    written: Written | Literal[""] = ""
    zone: str = ""
    unit: Literal["", "cents"] = ""
    currency: str = ""
    per: Literal["", "month", "quarter", "year"] = ""

    @model_validator(mode="after")
    def _fits(self) -> Column:
        forms = {"number": NUMBERS, "time": TIMES, "date": TIMES}.get(self.kind, ())
        if self.written and self.written not in forms:
            raise ValueError(f"`written: {self.written}` does not fit `as: {self.kind}`; {_one_of(forms)}")
        if (self.unit or self.per) and self.kind != "number":
            raise ValueError("`unit` and `per` belong to `as: number`")
        return self


class Input(_Strict):
    """A file (or files: ``*`` is allowed) or a table of the exports, and its columns under names of the mapping."""

    file: str = ""
    table: str = ""
    sheet: str = ""
    delimiter: str = ""
    encoding: str = ""
    columns: dict[str, Column]

    @field_validator("columns", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return (
            {k: {"from": v} if isinstance(v, str) else v for k, v in value.items()}
            if isinstance(value, dict)
            else value
        )

    @model_validator(mode="after")
    def _one_place(self) -> Input:
        if bool(self.file) == bool(self.table):
            raise ValueError("an input needs either `file` or `table`")
        return self


Code = Annotated[str, Field(pattern="^[A-Z]{3}$")]
"""A currency of ISO 4217."""


class Spec(_Strict):
    """The whole of mapping.yaml.

    Parameters
    ----------
    currency
        The company's own: its amounts need no rate. "": the one that the rates do not name.
    rates
        Other currency -> how many units of the own one it is worth, at all times; None: nobody has decided yet.
    """

    exports: str = "."
    time_zone: str = "UTC"
    currency: Code | Literal[""] = ""
    rates: dict[Code, Annotated[float, Field(gt=0)] | None] = Field(default_factory=dict)
    unreadable_at_most: float = Field(default=0.02, ge=0, le=1)
    inputs: dict[str, Input] = Field(default_factory=dict)
    words: dict[str, dict[str, str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _own_currency_has_no_rate(self) -> Spec:
        if self.currency in self.rates:
            raise ValueError(f"rates names {self.currency}, which is your own currency")
        return self

    @field_validator("words", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        """`1: urgent` and `yes: ...` are words too, although YAML reads a number or a truth value."""
        if not isinstance(value, dict):
            return value
        return {k: {_plain(w): _plain(m) for w, m in (v or {}).items()} for k, v in value.items()}


@dataclass(frozen=True)
class MappingFile:
    """mapping.yaml with the places of its keys."""

    path: Path
    spec: Spec
    tree: yaml.Node | None

    def place(self, *keys: str) -> str:
        """``mapping.yaml:12:5`` of a key, or of the nearest one above it."""
        return place_of(self.path, self.tree, keys)


def find_mapping(text: str) -> Path | None:
    """The mapping.yaml that a source names: the file itself, or the one in a folder; None: it is no mapping."""
    path = Path(text).expanduser()
    if path.is_dir() and (path / FILE).is_file():
        return path / FILE
    return path if path.is_file() and path.suffix in (".yaml", ".yml") else None


def read_mapping(path: Path) -> MappingFile:
    """Read mapping.yaml; SourceError with file, line and column where it cannot be right."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SourceError(f"{where}: not YAML: {error.problem}", "Are the blanks before the keys right?") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read {path}: {error}", "The file must be UTF-8 text.") from None
    try:
        return MappingFile(path, Spec.model_validate(data), tree)
    except ValidationError as error:
        raise SourceError("\n".join(_sentence(path, tree, e) for e in error.errors()), "See docs/mapping.md.") from None


def place_of(path: Path, tree: yaml.Node | None, keys: tuple[Any, ...]) -> str:
    """File, line and column of the key at ``keys`` in a YAML tree (the nearest one that is there)."""
    node, mark = tree, tree.start_mark if tree else None
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            break
        pair = next(((k, v) for k, v in node.value if str(k.value) == str(key)), None)
        if pair is None:
            break
        mark, node = pair[0].start_mark, pair[1]
    return f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)


def _sentence(path: Path, tree: yaml.Node | None, error: Any) -> str:
    keys = tuple(k for k in error["loc"] if k != "[key]")
    where, name = place_of(path, tree, keys), str(keys[-1]) if keys else ""
    if error["type"] == "extra_forbidden":
        known = _known_keys(len(keys))
        near = difflib.get_close_matches(name, known, n=1)
        return f"{where}: there is no key {name!r} here" + (f"; is it {near[0]!r}?" if near else f"; {_one_of(known)}")
    return f"{where}: {name}: {error['msg'].removeprefix('Value error, ')}"


def _known_keys(depth: int) -> tuple[str, ...]:
    models: dict[int, type[BaseModel]] = {1: Spec, 3: Input}
    model = models.get(depth, Column)
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _one_of(words: tuple[str, ...]) -> str:
    return f"one of {', '.join(words)}" if words else "leave it out"


def _plain(value: Any) -> str:
    return (
        {True: "yes", False: "no", None: ""}.get(value, str(value))
        if value is None or isinstance(value, bool)
        else str(value)
    )


KINDS: tuple[str, ...] = get_args(As)
