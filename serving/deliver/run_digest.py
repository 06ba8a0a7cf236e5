"""The content of the mail to those who run the weekly job: what was set aside, what guards say, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rind.common.guards import Finding, of_records
from rind.reports.facts import RunFacts
from rind.serving.rendering.locales import Format
from rind.serving.store.protocols import Week
from rind.serving.views.run_facts import facts_of

LEAST_SHARE = 0.001
"""A smaller share would be printed as 0.0 %."""


@dataclass(frozen=True)
class BrokenRule:
    """Rows of a table that were set aside for one rule, and their share of its rows (0 to 1).

    Parameters
    ----------
    place
        The rule with table and column, as ``validation.limits.rules`` names it.
    """

    place: str
    rows: int
    share: float
    hint: str

    def counts(self, fmt: Format) -> str:
        """ "12 rows (0.4 %)"."""
        share = fmt.percent(self.share) if self.share >= LEAST_SHARE else f"below {fmt.percent(LEAST_SHARE)}"
        return f"{fmt.number(self.rows)} {'row' if self.rows == 1 else 'rows'} ({share})"


@dataclass(frozen=True)
class RunDigest:
    """One week's run.

    Parameters
    ----------
    guards
        Those that fired, the strongest answer first.
    rules
        Most rows first.
    accounts, of_accounts
        Accounts that were set aside with all their rows, of how many.
    missing
        Parts that only add to the list and failed, each with the reason.
    """

    facts: RunFacts
    guards: tuple[Finding, ...]
    rules: tuple[BrokenRule, ...]
    accounts: int
    of_accounts: int
    missing: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Broken rules of rows, summed: a row counts once for each rule that it breaks."""
        return sum(rule.rows for rule in self.rules)

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to look at."""
        return not (self.guards or self.rules or self.accounts or self.missing)


def run_digest(week: Week) -> RunDigest:
    """The content of the mail; what an older run did not write down is left out."""
    run, validation = week.document("run") or {}, week.document("validation") or {}
    accounts = validation.get("accounts_set_aside") or {}
    fired = (week.document("guards") or {}).get("fired") or ()
    return RunDigest(
        facts=facts_of(week),
        guards=of_records(fired),
        rules=tuple(sorted(map(_rule, _set_aside(validation)), key=lambda rule: (-rule.rows, rule.place))),
        accounts=int(accounts.get("count") or 0),
        of_accounts=int(accounts.get("of") or 0),
        missing=tuple(f"{part}: {reason}" for part, reason in (run.get("parts_missing") or {}).items()),
        notes=tuple(validation.get("notes") or ()),
    )


def _set_aside(validation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [rule for rule in validation.get("rules") or () if rule.get("set_aside") and rule.get("count")]


def _rule(record: Mapping[str, Any]) -> BrokenRule:
    column = f".{record['column']}" if record.get("column") else ""
    place = f"{record['table']}{column}: {record['rule']}"
    return BrokenRule(place, int(record["count"]), float(record.get("share") or 0.0), str(record.get("hint") or ""))
