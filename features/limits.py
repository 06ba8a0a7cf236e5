"""How much may be set aside: which broken rules end the run, and which only leave rows out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rind.features.problems import Problem, SetAsideAccounts
from rind.features.rules import STRAYS, Rule, any_broken
from rind.features.setting_aside import ACCOUNT_TABLES, Sieve, accounts_set_aside
from rind.features.sources import Source
from rind.features.validation_settings import Limits

Broken = Mapping[str, tuple[int, Sequence[Problem], Sieve]]
"""Per table: its rows, the rules broken in it, and what is left out of it."""


@dataclass(frozen=True)
class Verdict:
    """Broken rules, divided by what they do to the run.

    Parameters
    ----------
    problems
        More rows than may be set aside.
    set_aside
        Within the limits.
    """

    problems: tuple[Problem, ...]
    set_aside: tuple[Problem, ...]
    accounts: SetAsideAccounts


def judged(source: Source, broken: Broken, limits: Limits) -> Verdict:
    """Hold what is broken against the limits.

    Each rule that has a limit of its own is held against that alone. The rows that break any other rule of a table
    are held, together, against the limit of tables, and the accounts that they take along against that of accounts.
    A few stray dates are within any limit but 0.
    """
    accounts_total = broken["accounts"][0] if "accounts" in broken else 0
    accounts = SetAsideAccounts(_count(accounts_set_aside(source, _sieves(broken))), accounts_total)
    over: list[Problem] = []
    within: list[Problem] = []
    for name, (rows, problems, sieve) in broken.items():
        own = [_with_limit(p, limits) for p in problems if _has_own(p, limits)]
        others = [_with_limit(p, limits) for p in problems if not _has_own(p, limits)]
        over += [p for p in own if p.share > (p.limit or 0)]
        within += [p for p in own if p.share <= (p.limit or 0)]
        rules = [r for r, p in zip(sieve.rules, problems, strict=True) if not _has_own(p, limits)]
        too_many = _rows_broken(source, name, rules, others) > limits.table_share * rows
        if name in ACCOUNT_TABLES and others and not too_many:
            taken = _count(accounts_set_aside(source, _sieves(broken), {name: rules}))
            too_many = taken > limits.accounts_share * accounts_total
        (over if too_many else within).extend(others)
    return _together(Verdict(tuple(over), tuple(within), accounts), limits)


def _together(verdict: Verdict, limits: Limits) -> Verdict:
    """Accounts and subscriptions may each be within the limit of accounts, and beyond it together."""
    of_accounts = [p for p in verdict.set_aside if p.table in ACCOUNT_TABLES and not _has_own(p, limits)]
    if not of_accounts or verdict.accounts.count <= limits.accounts_share * verdict.accounts.of:
        return verdict
    if any(_has_own(p, limits) for p in verdict.set_aside if p.table in ACCOUNT_TABLES):
        return verdict
    rest = tuple(p for p in verdict.set_aside if p not in of_accounts)
    return Verdict((*verdict.problems, *of_accounts), rest, verdict.accounts)


def _rows_broken(source: Source, name: str, rules: Sequence[Rule], problems: Sequence[Problem]) -> int:
    """Rows that break at least one of the rules, each counted once."""
    if len(problems) < 2:
        return sum(p.count for p in problems)
    return _count(source.audited[name].filter(any_broken(rules)))


def _has_own(problem: Problem, limits: Limits) -> bool:
    strict = limits.table_share == 0
    return problem.place_and_rule in limits.rules or (problem.rule in STRAYS and not strict)


def _with_limit(problem: Problem, limits: Limits) -> Problem:
    default = 1.0 if problem.rule in STRAYS and limits.table_share > 0 else limits.table_share
    return replace(problem, limit=limits.rules.get(problem.place_and_rule, default))


def _sieves(broken: Broken) -> dict[str, Sieve]:
    return {name: sieve for name, (_, _, sieve) in broken.items()}


def _count(table: Any) -> int:
    return 0 if table is None else int(table.count().to_pyarrow().as_py())
