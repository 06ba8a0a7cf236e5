"""`rind forget`: a contact or an account out of all that Rind keeps, with a report of what was removed where.

Every step may be repeated: a command that was killed is run again. The list of the forgotten is written first, so that
no run brings anybody back meanwhile.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pandas as pd
import pyarrow.parquet as pq

from rind.common.errors import RindError
from rind.common.files import write_json
from rind.pipelines.data import read_json
from rind.pipelines.params import Params
from rind.pipelines.personal.cutting import cut, cut_csv, cut_document
from rind.pipelines.personal.forgotten import ForgottenList, read_forgotten, write_forgotten
from rind.pipelines.personal.persons import COLUMNS, FORGOTTEN, Persons, same_id
from rind.pipelines.personal.search import traces
from rind.pipelines.personal.week_files import cut_week, names_of, result_files
from rind.pipelines.places import Places
from rind.pipelines.scratch import is_scratch
from rind.pipelines.weeks import HIDDEN, alone
from rind.serving.access.access_file import Access
from rind.serving.addresses import account_of, account_segment
from rind.serving.deliver.outbox import Outbox
from rind.serving.feedback.file import Feedback

STAYS = (
    "What names nobody stays: models and their figures, sums by segment, CSM, plan and month, pictures, counts in "
    "texts (docs/personal-data.md). The source is yours: while it keeps the person, each run leaves out whoever is on "
    "the list in forgotten.json."
)


NAMES = "forgetting.json"
STANDING = ("current", "weeks", "lock", "last_run.json", NAMES)
"""What lies in the hidden folder of results besides the leavings of commands that did not end."""


@dataclass
class Report:
    """What was removed where (place -> how much of what), and what could not be reached."""

    removed: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def add(self, place: str, count: int, what: str) -> None:
        """Write down what was removed from a place; nothing where it was nothing."""
        if count:
            self.removed[place] = f"{count:,} {what}"


def forget(places: Places, params: Params, accounts: frozenset[str], contacts: frozenset[str]) -> Report:
    """Forget accounts and contacts by id; none given: those on the list, as after a restore from an older backup.

    Raises
    ------
    UsageError
        A run is at work in the folder: it would bring them back.
    """
    report = Report()
    with alone(places.out):
        listed = read_forgotten(places.out)
        if accounts or contacts:
            listed = listed.with_ids("account", accounts).with_ids("contact", contacts)
            write_forgotten(places.out, listed)
        else:
            accounts, contacts = _listed_ids(places, listed)
        persons = Persons(accounts, contacts)
        kept = places.out / HIDDEN / NAMES  # the week is cut first: a second try finds the names here alone
        names = names_of(places.out, accounts) | frozenset(read_json(kept) if kept.exists() else ())
        write_json(kept, sorted(names))
        persons = replace(persons, names=names)
        at_work = tuple(f"{HIDDEN}/{place.name}" for place in (places.out / HIDDEN).iterdir() if is_scratch(place))
        for left in (p for p in (places.out / HIDDEN).iterdir() if p.name not in STANDING and not is_scratch(p)):
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
            what = "store of features" if left.name == "store" else "folder of a run that did not end"
            report.add(f"{HIDDEN}/{left.name}", 1, what)
        for name, count in cut_week(places.out, persons).items():
            report.add(name, count, "rows or texts")
        _forget_beside(places, params, persons, report)
        report.left += [f"{place} is of a backup at work, whose archive may name them" for place in at_work]
        report.left += [trace for trace in _traces(places, persons) if not trace.startswith(at_work)]
        if not report.left:
            kept.unlink()
    return report


def _listed_ids(places: Places, listed: ForgottenList) -> tuple[frozenset[str], frozenset[str]]:
    """The ids on the list that something in the folder still holds."""
    held: dict[str, set[str]] = {column: set() for column in COLUMNS}
    for path in (*result_files(places.out), *places.tracking.glob("artifacts/*/artifacts/*.parquet")):
        if path.suffix == ".json":
            _gather(json.loads(path.read_text(encoding="utf-8")), held)
        if path.suffix == ".parquet":
            for column in held.keys() & set(pq.read_schema(path).names):
                held[column] |= {same_id(v) for v in pd.read_parquet(path, columns=[column])[column].dropna().unique()}
    if places.feedback.is_file():
        with closing(Feedback(places.feedback)) as feedback:
            held["account_id"] |= {act.account_id for act in feedback.acts()}
    accounts, contacts = held["account_id"] | held["parent_id"], held["contact_id"] | held["user_id"]
    return listed.among("account", accounts), listed.among("contact", contacts)


def _gather(value: Any, held: dict[str, set[str]]) -> None:
    """Add the ids that a JSON document holds under keys of ids: sentences name contacts nowhere else."""
    if isinstance(value, dict):
        for name in held.keys() & value.keys():
            held[name].add(same_id(value[name]))
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        _gather(each, held)


def _forget_beside(places: Places, params: Params, persons: Persons, report: Report) -> None:
    """What lies outside of the week; a place that cannot be written to now is told, and the others go on."""
    steps: dict[str, Callable[[], None]] = {
        "mlruns": lambda: _of_tracking(places.tracking, persons, report),
        "feedback": lambda: _of_feedback(places, persons, report),
        "deliveries": lambda: _of_deliveries(places, persons, report),
        "the audit log": lambda: _of_audit(places.access, persons, report),
        "the results store": lambda: _of_store(places.store, params, persons, report),
    }
    for place, step in steps.items():
        try:
            step()
        except (RindError, sqlite3.Error, OSError) as error:
            reason = error.message if isinstance(error, RindError) else str(error)
            report.left.append(f"{place} could not be changed: {reason}")


def _of_tracking(tracking: Path, persons: Persons, report: Report) -> None:
    """Artefacts of MLflow's runs beside the results; models hold sums and trees, nobody."""
    for path in sorted(tracking.glob("artifacts/*/artifacts/*")):
        if path.is_file():
            report.add(f"mlruns: {path.parent.parent.name}/{path.name}", cut(path, persons), "rows or texts")


def _of_feedback(places: Places, persons: Persons, report: Report) -> None:
    if places.feedback.is_file():
        with closing(Feedback(places.feedback)) as feedback:
            count = feedback.forget(lambda account: persons.is_one("account_id", account), persons.without_mentions)
            report.add(places.feedback.name, count, "acts")
            if not feedback.compact():
                report.left.append(f"{places.feedback.name}: deleted, and its bytes stay until nobody holds the file")
    for path in sorted((places.out / "feedback").glob("*.csv")):
        report.add(f"feedback/{path.name}", cut_csv(path, persons), "rows")


def _of_deliveries(places: Places, persons: Persons, report: Report) -> None:
    if not persons.accounts or not places.deliveries.is_dir():
        return
    if places.ledger.is_file():
        with closing(Outbox(places.deliveries, places.company)) as outbox, outbox.turn(wait_seconds=30):
            what = "unsent messages (`rind deliver` queues those of this week anew)"
            report.add("deliveries.sqlite", outbox.empty(), what)
    for path in sorted(places.crm_files.rglob("*.csv")):
        report.add(f"deliveries/{path.name}", cut_csv(path, persons), "rows")


def _of_audit(path: Path, persons: Persons, report: Report) -> None:
    if not path.is_file():
        return
    with closing(Access(path)) as access:
        count = access.audit.blank(lambda text: blanked_address(text, persons))
        report.add(path.name, count, "lines of the audit log, where (forgotten) stands for whom they were about")
        if not access.database.compact():
            report.left.append(f"{path.name}: blanked, and its bytes stay until nobody holds the file")


def blanked_address(text: str, persons: Persons) -> str:
    """A path or a detail of the audit log without them, also where a query escapes them, once or twice."""
    made = plain = _blanked(text, persons)
    for _ in range(3):  # an address within an address, whose query writes blanks as +
        plain = unquote_plus(plain)
        if (without := _blanked(plain, persons)) != plain:
            made = plain = without
    return made


def _blanked(text: str, persons: Persons) -> str:
    """Parts of paths that are their ids, words in all texts."""
    segments = {account_segment(account) for account in persons.accounts}
    parts = (
        FORGOTTEN if part in segments or account_of(part) in persons.accounts else part
        for part in re.split(r"([/?])", text)
    )
    return persons.without_mentions("".join(parts) if text.startswith("/") or "/accounts/" in text else text)


def _of_store(url: str, params: Params, persons: Persons, report: Report) -> None:
    if not url:
        return
    from rind.serving.store.forgetting import forget as forget_in_store

    def without(document: Any) -> tuple[Any, int]:
        return cut_document(document, persons)

    settings = params.results_store
    seconds = (settings.connect_seconds, settings.publish_seconds)
    for name, count in forget_in_store(url, persons.accounts, without, *seconds).items():
        report.add(f"results store: {name}", count, "rows")


def _traces(places: Places, persons: Persons) -> list[str]:
    """What a search over all files still finds; the names that a second try needs are ours."""
    still = traces(places.out, persons.terms, leave_out=("demo",))
    return [f"{name} still names one of them" for name in still if name != f"{HIDDEN}/{NAMES}"]
