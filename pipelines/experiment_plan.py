"""What somebody says of a change: its day, the accounts that got it, and what was expected of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import yaml
from pydantic import Field, ValidationError

from rind.common.errors import UsageError
from rind.common.settings import Section
from rind.pipelines.personal.persons import same_id
from rind.reports.experiment_text import OUTCOMES

STARTED_ON = "started_on"
"""Column of the file of accounts: the first day on which each had the change; empty: the day of the plan."""
KNOWN_ON_THE_DAY = ("segment", "industry", "region", "plan")
"""What the features know of an account on the day of the change, in words."""
EXPECTED = re.compile(r"\s*([a-z_]+)\s+([+-]?\d{1,6}(?:\.\d+)?)\s*(?:%|points?)?\s*", re.IGNORECASE)
SINGLE = (str, int, float, date)
SLUG = re.compile(r"[^a-z0-9]+")
Day = date
"""Within `Plan` the name of the type is that of a field."""


class Plan(Section):
    """A change at a date for some accounts.

    Parameters
    ----------
    name
        What it is called; the files are named after it.
    date
        The first day on which the accounts had it.
    accounts
        A CSV or Parquet file with the column account_id, and `STARTED_ON` where not all got the change on one day;
        None: ``where`` chooses among the customers.
    where
        Column -> value: only rows of the file, or customers, with these values. Without a file the columns are those
        of `KNOWN_ON_THE_DAY`.
    cost
        Of the whole change, in the company's own currency.
    expect
        Outcome -> the effect that was expected, in the unit of the results (shares for churn and mrr).
    """

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"\w")]
    date: date
    accounts: Path | None = None
    where: dict[str, str] = Field(default_factory=dict)
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    expect: dict[str, float] = Field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """``experiment-NAME``, NAME in small letters, digits and dashes."""
        return f"experiment-{SLUG.sub('-', self.name.lower()).strip('-') or 'change'}"

    @property
    def chosen_by(self) -> list[str]:
        """Those of `KNOWN_ON_THE_DAY` that alone decided who got the change; none where a file names the accounts."""
        return [] if self.accounts is not None else list(self.where)

    def starts(self, customers: pd.DataFrame) -> dict[str, Day]:
        """Id of each account that got the change, or is to get it -> its first day with it.

        Parameters
        ----------
        customers
            Those of the day of the change, with their features.
        """
        if self.accounts is None:
            rows = customers.rename(columns={feature_of(name): name for name in KNOWN_ON_THE_DAY})
            named = _filtered(rows, self.where, KNOWN_ON_THE_DAY, "the customers of the day")["account_id"]
            return dict.fromkeys(named, self.date)
        rows = accounts_of(self.accounts)
        rows = _filtered(rows, self.where, rows.columns, str(self.accounts))
        starts: dict[str, Day] = {}
        for name, day in zip(rows["account_id"], _first_days(rows, self.date), strict=True):
            starts[same_id(name)] = min(day, starts.get(same_id(name), day))
        return starts


def _first_days(rows: pd.DataFrame, usual: date) -> list[date]:
    """The first day with the change of each row of a file."""
    texts = rows[STARTED_ON].fillna("").str.strip() if STARTED_ON in rows else pd.Series("", rows.index)
    try:
        return [date.fromisoformat(text[: len("2026-01-12")]) if text else usual for text in texts]
    except ValueError as error:
        raise UsageError(f"{STARTED_ON} holds no day: {error}", "YYYY-MM-DD, or empty: the day of the plan") from None


def feature_of(name: str) -> str:
    """The feature that holds one of `KNOWN_ON_THE_DAY`."""
    return f"commercial__{name}__now"


def accounts_of(path: Path) -> pd.DataFrame:
    """The rows of a file of accounts, each cell the text that it is; rows without an id are absent.

    Raises
    ------
    UsageError
        There is no such file, it cannot be read, has no column account_id, or no row.
    """
    hint = "a CSV in UTF-8, separated by commas, or a Parquet file, with the column account_id"
    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint)
    try:
        rows = pd.read_parquet(path) if path.suffix == ".parquet" else _csv(path)
    except (ValueError, OSError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint) from error
    if "account_id" not in rows.columns:
        raise UsageError(f"{path} has no column account_id", hint)
    rows = rows[rows["account_id"].notna() & (rows["account_id"].astype("str").str.strip() != "")]
    if rows.empty:
        raise UsageError(f"{path} names no account", hint)
    return rows.astype("str")


def _csv(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig").rename(columns=str.strip)
    if not isinstance(rows.index, pd.RangeIndex):  # pandas takes the first cells for names of rows, and shifts the rest
        raise ValueError("its rows have more cells than its first line has names")
    if not rows.columns.is_unique:
        raise ValueError("two of its columns have the same name")
    return rows


def _filtered(rows: pd.DataFrame, where: Mapping[str, str], allowed: Collection[str], place: str) -> pd.DataFrame:
    for column, value in where.items():
        if column not in allowed or column not in rows.columns:
            raise UsageError(f"{place}: there is no column {column!r}", f"one of {', '.join(sorted(allowed))}")
        texts = rows[column].astype("str").str.strip()
        if not (texts == value).any():
            some = ", ".join(sorted(texts.dropna().unique())[:8])
            raise UsageError(f"{place}: no row has {value!r} in {column}", f"for example {some}")
        rows = rows[texts == value]
    return rows


def plan_of(path: Path | None, given: Mapping[str, Any], where: Sequence[str], expect: Sequence[str]) -> Plan:
    """The plan in a YAML file, with what the command line names in its place.

    Parameters
    ----------
    path
        Keys: name, date, accounts (from the folder of the file), where, cost, expect (outcome: a number in the unit of
        the page).
    given
        Options of the command line, those that were given.
    where, expect
        ``COLUMN=VALUE``; ``OUTCOME NUMBER``, such as "nps +5" or "churn -2 points".

    Raises
    ------
    UsageError
        A key is unknown or missing, or a value is no such thing; all of them at once.
    """
    values = {} if path is None else _file(path)
    pairs = [text.partition("=") for text in where]
    if wrong := [text for text, pair in zip(where, pairs, strict=True) if not (pair[0].strip() and pair[1])]:
        raise UsageError(f"--where takes COLUMN=VALUE, not {wrong[0]!r}", "for example --where segment=small")
    values |= dict(given)
    values |= {"where": {column.strip(): value.strip() for column, _, value in pairs}} if pairs else {}
    texts = list(expect) or [f"{name} {number}" for name, number in (values.get("expect") or {}).items()]
    if not values.get("accounts") and not values.get("where"):
        raise UsageError("no account is named", "--accounts FILE.csv, or --where segment=small")
    try:
        return Plan.model_validate(values | {"expect": expectations(texts)})
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise UsageError("; ".join(lines), "rind experiment --help shows an example") from None


def expectations(texts: Sequence[str]) -> dict[str, float]:
    """Outcome -> the expected effect in the unit of the results, from "nps +5", "churn -2 points", "mrr 3 %"."""
    expected: dict[str, float] = {}
    for text in texts:
        match = EXPECTED.fullmatch(text)
        name = match[1].lower() if match else ""
        if match is None or name not in OUTCOMES or name in expected:
            reason = "is said twice" if name in expected else "is no expectation"
            raise UsageError(
                f"{text!r} {reason}", f'OUTCOME NUMBER, for example "nps +5"; one of {", ".join(OUTCOMES)}'
            )
        expected[name] = float(match[2]) / OUTCOMES[name].scale
    return expected


def _file(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "a YAML file with name, date, accounts ..") from error
    if not isinstance(values, dict):
        raise UsageError(f"{path} holds no keys", "a YAML file with name, date, accounts ..")
    known = dict(values)
    if isinstance(known.get("accounts"), str):
        known["accounts"] = path.parent / known["accounts"]
    for key, example in (("where", "segment: small"), ("expect", "nps: 5")):
        pairs = known.get(key) or {}
        # Lists are refused before they become texts: a small file can name one list in another a billion times.
        if not isinstance(pairs, dict) or not all(isinstance(value, SINGLE) for value in pairs.values()):
            raise UsageError(f"{path}: {key} is no table of names and values", f"for example {key}: {{{example}}}")
    return known | {"where": {str(name): str(value) for name, value in (known.get("where") or {}).items()}}
