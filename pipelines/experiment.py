"""A change at a date for some accounts, measured on the results of a run: what `rind experiment` writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.errors import UsageError
from rind.common.facts.experiment import ExperimentDocument, OutcomeEffect
from rind.common.results import RESULTS
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.effects.changes import MRR, OUTCOMES, Outcome, WeekPanel, monday_from, monday_until, weeks_of
from rind.models.effects.experiment import CHURN, MRR_BEFORE, Groups, Unknown, groups_of, outcome_effects
from rind.pipelines.data import read, read_json
from rind.pipelines.experiment_plan import Plan, feature_of
from rind.pipelines.labels_as_known import first_unknown, labels_at
from rind.pipelines.params import Params
from rind.pipelines.workspace import Workspace
from rind.reports.experiment_text import experiment_sentences

Bools = npt.NDArray[np.bool_]

WEEK = timedelta(weeks=1)
QUIET_WEEKS = 4
"""So many weeks without anything, at the beginning or the end of what is compared, are no dead feed yet."""
MRR_START = "mrr_start"
THREADS = 1
"""A thousand rows are learned from faster by one."""


@dataclass(frozen=True)
class Calendar:
    """The days of an experiment.

    Parameters
    ----------
    started_on, as_of, until
        Of the change; of the run; the first day of which the run knows nothing.
    known_on, before_on
        The last snapshot until the change, and the last one until so many whole weeks before it (None: there is none).
    weeks
        Whole weeks compared before and after.
    """

    started_on: date
    as_of: date
    until: date
    known_on: date
    before_on: date | None
    weeks: int

    @property
    def after(self) -> date:
        """The Monday of the first whole week after the change."""
        return monday_from(self.started_on)

    @property
    def before(self) -> date:
        """The Monday at which the last whole week before the change is over."""
        return monday_until(self.started_on)

    def got_it(self, day: date) -> bool:
        """Whether who begins on the day has the change through all the weeks that are compared."""
        return self.started_on <= day <= self.after

    def muddles(self, day: date) -> bool:
        """Whether who begins on the day has it before, or in a part of the weeks: neither with it nor without."""
        return not self.got_it(day) and day < self.after + self.weeks * WEEK


class Counts(NamedTuple):
    """Accounts that were named; of these: in no result of the run, no customers on the day, with it on another day."""

    named: int
    unknown: int
    not_customers: int
    another_day: int


def experiment(space: Workspace, plan: Plan, params: Params) -> tuple[ExperimentDocument, list[str]]:
    """What the change did, and the named ids that no result of the run knows.

    Raises
    ------
    UsageError
        The change lies before the first snapshot or after the run, no named account was a customer, or the columns of
        the filter do not exist.
    """
    snapshots = read(space.labels, KEYS)
    calendar = calendar_of(space, snapshots["as_of"], plan, params)
    features = read(space.features, days=[day for day in (calendar.known_on, calendar.before_on) if day])
    customers = _customers(space, features, calendar)
    starts = plan.starts(customers)
    unknown = sorted(set(starts) - set(snapshots["account_id"]))
    not_customers = len(starts) - len(unknown) - int(customers["account_id"].isin(starts).sum())
    muddled = customers["account_id"].isin([name for name, day in starts.items() if calendar.muddles(day)])
    customers = customers[~muddled].reset_index(drop=True)
    own = [name for name, day in starts.items() if calendar.got_it(day)]
    changed = customers["account_id"].isin(own).to_numpy(dtype=bool)
    if not changed.any():
        raise UsageError(
            f"none of the {len(starts):,} accounts was a customer on {calendar.started_on} and got the change then",
            "check the ids, the filter and the date",
        )
    # What alone decided who got the change makes nobody comparable: everybody with it got it, nobody else did.
    deciding = [feature_of(name) for name in plan.chosen_by]
    customers, features = customers.drop(columns=deciding), features.drop(columns=deciding)
    panel = _panel(space, calendar)
    unknowns = _unknowns(customers, panel, calendar, params)
    rows = _with_changes(customers, panel, calendar, unknowns)
    now = groups_of(rows, changed, params.effects, THREADS, params.seed)
    before = _groups_before(space, features, rows, changed, panel, calendar, params)
    records = outcome_effects(now, before, unknowns, plan.expect, params.effects)
    counts = Counts(len(starts), len(unknown), not_customers, int(muddled.sum()))
    document = _document(plan, calendar, params, records, now, counts)
    return document, unknown


def calendar_of(space: Workspace, snapshots: pd.Series, plan: Plan, params: Params) -> Calendar:
    """The days of the experiment; UsageError where no snapshot was made before it, or the run knows nothing of it."""
    record = read_json(space.run)
    as_of, data_end = (date.fromisoformat(record[name]) for name in ("as_of", "data_end"))
    days = [day.date() for day in sorted(snapshots.unique())]
    weeks = weeks_of(params.labels.horizon_days)
    earlier = [day for day in days if day <= plan.date]
    if not earlier:
        raise UsageError(
            f"the change of {plan.date} lies before the first snapshot, {days[0]}",
            "measure a later change, or run with a longer snapshots.history_days",
        )
    until = first_unknown(as_of, data_end)
    if plan.date > until:
        raise UsageError(
            f"the change of {plan.date} comes after the scoring date of the run, {as_of}",
            "who was a customer on that day is not known yet: measure by a run of a later date",
        )
    placebo_from = monday_until(plan.date) - weeks * WEEK  # nobody is made comparable by what the placebo measures
    long_before = [day for day in days if day <= placebo_from]
    return Calendar(plan.date, as_of, until, earlier[-1], long_before[-1] if long_before else None, weeks)


def _customers(space: Workspace, features: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """The customers of the day of the change: features, churn_probability, churn (NaN: unknown)."""
    labels = labels_at(space, calendar.until)
    day = labels[labels["as_of"] == pd.Timestamp(calendar.known_on)]
    lag = (calendar.started_on - calendar.known_on).days
    day = day[~(day["days_to_churn"] <= lag)].rename(columns={"churned": CHURN})
    rows = day.assign(**{CHURN: day[CHURN].where(complete_dates(labels).reindex(day.index))})
    return _with_features(space, features, rows.drop(columns="days_to_churn"))


def _with_features(space: Workspace, features: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their features and the churn probability of their day; NaN where no past model told one."""
    day = rows["as_of"].iloc[0].date() if len(rows) else date.min
    scores = read(space.backtest, [*KEYS, "churn_probability"], days=[day])
    known = rows.merge(features, on=KEYS, validate="one_to_one")
    scores["as_of"] = scores["as_of"].astype(known["as_of"].dtype)
    return known.merge(scores, on=KEYS, how="left", validate="one_to_one")


def _panel(space: Workspace, calendar: Calendar) -> WeekPanel:
    names = [column.name for column in RESULTS["account_weeks"].columns]
    empty = pd.DataFrame({name: pd.Series(dtype="float64") for name in names})
    empty = empty.assign(account_id=pd.Series(dtype="str"), week=pd.Series(dtype="datetime64[s]"))
    path = space.account_weeks
    return WeekPanel(read(path) if path.exists() else empty, calendar.until)


def _unknowns(
    customers: pd.DataFrame, panel: WeekPanel, calendar: Calendar, params: Params
) -> dict[str, Unknown | None]:
    """Outcome -> why it cannot be told of anybody; None where it can."""
    settled = timedelta(days=params.labels.grace_days)
    known_from = calendar.known_on + timedelta(days=params.labels.horizon_days) + settled + timedelta(days=1)
    churn = None if customers[CHURN].notna().all() else _not_before(known_from, calendar.until)
    return {CHURN: churn} | {
        outcome.name: _unknown(outcome, panel, calendar, settled if outcome.settles else timedelta(0))
        for outcome in OUTCOMES
    }


def _unknown(outcome: Outcome, panel: WeekPanel, calendar: Calendar, settled: timedelta) -> Unknown | None:
    over = calendar.after + calendar.weeks * WEEK + settled
    if over > calendar.until:
        return _not_before(over, calendar.until)
    after, before = (
        int(panel.places_of(pd.Series([pd.Timestamp(day)]))[0]) for day in (calendar.after, calendar.before)
    )
    first = before - 1 if outcome.weeks_before else before - calendar.weeks + QUIET_WEEKS
    last = after if outcome.weeks_before else after + calendar.weeks - QUIET_WEEKS
    return None if panel.covers(outcome.column, first, last) else Unknown("no_data")


def _not_before(day: date, until: date) -> Unknown:
    return Unknown("too_early", str(day)) if day > until else Unknown("no_data")


def _with_changes(
    rows: pd.DataFrame, panel: WeekPanel, calendar: Calendar, unknowns: Mapping[str, Unknown | None]
) -> pd.DataFrame:
    """The rows with what became of each account, its mrr before the change, and how that had moved until then."""
    row = panel.rows_of(rows["account_id"])
    after, before = (_places(panel, day, len(rows)) for day in (calendar.after, calendar.before))
    earlier = before - calendar.weeks
    changes = {
        outcome.name: outcome.change(panel, row, after, before, calendar.weeks)
        for outcome in OUTCOMES
        if unknowns[outcome.name] is None
    }
    past = MRR.change(panel, row, earlier, earlier, calendar.weeks)
    return rows.assign(**changes, **{MRR_BEFORE: past, MRR_START: panel.value("mrr", row, before - 1)})


def _places(panel: WeekPanel, day: date, count: int) -> npt.NDArray[np.intp]:
    return np.repeat(panel.places_of(pd.Series([pd.Timestamp(day)])), count)


def _groups_before(
    space: Workspace, features: pd.DataFrame, now: pd.DataFrame, changed: Bools, panel: WeekPanel, calendar: Calendar,
    params: Params,
) -> Groups | None:  # fmt: skip
    """The same accounts as if the change had come so many weeks earlier; None where no snapshot is so old."""
    if calendar.before_on is None:
        return None
    earlier = features.loc[features["as_of"] == pd.Timestamp(calendar.before_on), KEYS]
    rows = earlier.merge(now[["account_id"]].assign(changed=changed), on="account_id", validate="one_to_one")
    if rows.empty:
        return None
    row = panel.rows_of(rows["account_id"])
    place = _places(panel, calendar.before, len(rows)) - calendar.weeks
    changes = {outcome.name: outcome.change(panel, row, place, place, calendar.weeks) for outcome in OUTCOMES}
    known = _with_features(space, features, rows.assign(**changes))
    treated = known["changed"].to_numpy(dtype=bool)
    return groups_of(known.drop(columns="changed"), treated, params.effects, THREADS, params.seed)


def _document(
    plan: Plan, calendar: Calendar, params: Params, records: list[OutcomeEffect], now: Groups, counts: Counts
) -> ExperimentDocument:
    changed = int(now.changed.sum())
    document = ExperimentDocument(
        name=plan.name, started_on=str(calendar.started_on), as_of=str(calendar.as_of),
        horizon_days=params.labels.horizon_days, weeks=calendar.weeks, named=counts.named, unknown=counts.unknown,
        not_customers=counts.not_customers, another_day=counts.another_day, changed=changed,
        others=len(now.rows) - changed,
        chosen_by=plan.chosen_by, dropped=now.dropped, overlap=now.overlap, cost=plan.cost, mrr_gained=None,
        mrr_gained_low=None, mrr_gained_high=None, roi=None, outcomes=records, words=[],
    )  # fmt: skip
    document |= _money(records, now, plan.cost)
    return document | {"words": experiment_sentences(document)}


def _money(records: list[OutcomeEffect], now: Groups, cost: float | None) -> Any:
    """What the effect on mrr is worth on the accounts that are compared."""
    record = next(record for record in records if record["outcome"] == MRR.name)
    if record["effect"] is None or record["low"] is None or record["high"] is None or record["why_not"]:
        return {}
    own = now.rows[now.kept & now.changed]
    mrr = float(own.loc[own[MRR.name].notna(), MRR_START].sum())
    gained, low, high = (mrr * part for part in (record["effect"], record["low"], record["high"]))
    roi = (12 * gained - cost) / cost if cost else None
    return {"mrr_gained": gained, "mrr_gained_low": low, "mrr_gained_high": high, "roi": roi}
