"""What deletes personal data that are older than the section ``retention`` of params.yaml allows."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rind.common.results import MANIFEST, RESULTS
from rind.common.run_record import run_record
from rind.pipelines.personal.week_files import writable
from rind.pipelines.places import Places
from rind.pipelines.retention_settings import RetentionSettings
from rind.pipelines.weeks import alone
from rind.pipelines.workspace import vouch_anew
from rind.serving.access.access_file import Access


def prune(places: Places, settings: RetentionSettings, now: datetime | None = None) -> dict[str, int]:
    """Delete what is older than it may be; place -> how much. The week that stands, and the newest of the store, stay.

    Raises
    ------
    UsageError
        A run is at work in the folder.
    """
    now = now or datetime.now(UTC)
    pruned = {"set_aside/": _prune_set_aside(places.out, settings.set_aside_days, now)}
    if settings.weeks_days is not None:
        last = (now - timedelta(days=settings.weeks_days)).date()
        pruned["files for CRMs"] = _prune_crm_files(places, last)
        pruned["the ledger of deliveries"] = _prune_ledger(places, last)
        pruned["weeks of the results store"] = _prune_store(places.store, last)
    if settings.audit_days is not None and places.access.is_file():
        with closing(Access(places.access)) as access:
            pruned["lines of the audit log"] = access.audit.prune(settings.audit_days)
    return {place: count for place, count in pruned.items() if count}


def _prune_set_aside(out: Path, days: float | None, now: datetime) -> int:
    """Files of rows that were set aside, once the week is so old; validation.json keeps the counts."""
    folder = out / RESULTS["set_aside"].path
    if days is None or not folder.is_dir() or not (out / MANIFEST).exists():
        return 0
    made = datetime.fromtimestamp((out / MANIFEST).stat().st_mtime, UTC)
    files = sum(path.is_file() for path in folder.rglob("*"))
    if not files or now - made < timedelta(days=days):
        return 0
    with alone(out), writable(out) as week:
        shutil.rmtree(week / RESULTS["set_aside"].path)
        vouch_anew(week)
    shutil.rmtree(folder, ignore_errors=True)  # the empty folder
    return files


def _prune_crm_files(places: Places, last: date) -> int:
    """Files of weeks before ``last``, by the date in their names; those of other names stay."""
    if not places.crm_files.is_dir():
        return 0
    old = [path for path in places.crm_files.rglob("*.csv") if (day := _day_of(path)) is not None and day < last]
    for path in old:
        path.unlink()
    return len(old)


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem.rpartition("_")[2])
    except ValueError:
        return None


def _prune_ledger(places: Places, last: date) -> int:
    """Rows of what is done with, of weeks before ``last`` and before the week that stands: nothing is sent twice."""
    if not places.ledger.is_file() or not (places.out / MANIFEST).exists():
        return 0
    record = run_record((places.out / MANIFEST).read_bytes(), places.out / MANIFEST)
    before = min(last, date.fromisoformat(record["as_of"]))
    with closing(sqlite3.connect(places.ledger, timeout=30)) as ledger, ledger:
        ledger.execute("pragma secure_delete = on")
        done = "company = ? and as_of < ? and state in ('sent', 'withdrawn', 'refused')"
        return ledger.execute(f"delete from deliveries where {done}", [places.company, before.isoformat()]).rowcount


def _prune_store(url: str, last: date) -> int:
    if not url:
        return 0
    from rind.serving.store.forgetting import drop_weeks

    return drop_weeks(url, last)
