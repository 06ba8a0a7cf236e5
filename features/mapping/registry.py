"""The systems whose exports are known: one YAML file each in `systems/`; a new file is a new system."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files as package_files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from rind.common.errors import UsageError
from rind.features.mapping.spec import As

Home = Literal["crm", "billing", "support", "product", "survey"]
HOMES: tuple[Home, ...] = ("crm", "billing", "support", "product", "survey")
"""Whose accounts are the accounts of the mapping: the first kind that is there."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class KnownColumn(_Strict):
    """A column under the mapping's name, and the names that exports give it; ``money`` may turn out to be cents."""

    kind: As | Literal["money"] = Field("text", alias="as")
    names: tuple[str, ...]


class KnownInput(_Strict):
    """A file of a system: patterns of its name (no suffix, small letters), and the columns that it must have."""

    about: str
    files: tuple[str, ...]
    required: tuple[str, ...]
    columns: dict[str, KnownColumn]


class _Needs(_Strict):
    needs: tuple[str, ...] = ()


class Link(_Needs):
    """Rows of (id, what it means): ids under which the system knows an account; ``merge``: it lives on as another."""

    about: str
    sql: str
    merge: bool = False


class Piece(_Needs):
    """What a system gives to a table; ``any``: one of these inputs is enough; ``fallback``: where no other gives it."""

    sql: str
    any: tuple[str, ...] = ()
    fallback: bool = False


class Reference(_Needs):
    """Ids that should lead to an account."""

    what: str
    sql: str


class Unlisted(_Needs):
    """Texts that should stand in a list of words."""

    words: str
    sql: str


class Check(_Needs):
    """Rows that a person should know of: ``{n}`` of them, such as ``{example}``."""

    ask: str
    sql: str


class Fact(_Needs):
    """A yes or no that the exports themselves tell, and the SQL depends on."""

    about: str
    sql: str


class System(_Strict):
    """One system: how its exports are recognised, and what they give to the tables of the contract."""

    title: str
    kind: Home
    export: str
    inputs: dict[str, KnownInput]
    words: dict[str, dict[str, str]] = Field(default_factory=dict)
    accounts: str = ""
    accounts_need: tuple[str, ...] = ()
    account_links: tuple[Link, ...] = ()
    contact_emails: str = ""
    helpers: dict[str, Piece] = Field(default_factory=dict)
    tables: dict[str, Piece]
    references: tuple[Reference, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    facts: dict[str, Fact] = Field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()


def system_names() -> tuple[str, ...]:
    """Names of all known systems."""
    folder = package_files("rind.features.mapping").joinpath("systems")
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


@lru_cache
def system(name: str) -> System:
    """A known system; UsageError where there is none of that name."""
    if name not in system_names():
        raise UsageError(f"there is no system {name!r}", f"One of {', '.join(system_names())}, or columns.")
    text = package_files("rind.features.mapping").joinpath("systems", f"{name}.yaml").read_text(encoding="utf-8")
    return System.model_validate(yaml.safe_load(text))
