"""Check the source against the contract, and keep its tables with canonical types."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rind.common.errors import UsageError
from rind.common.guards import records, refuse_if_asked
from rind.features.commitments import commitments_beside
from rind.features.currency import currency_notes, unconverted
from rind.features.customers import prepared
from rind.features.forgotten import held_ids, without_persons
from rind.features.further_interventions import NAME as INTERVENTIONS
from rind.features.further_interventions import with_further_interventions
from rind.features.guards.source import source_guards
from rind.features.history import HistoryNeed
from rind.features.setting_aside import rows_set_aside
from rind.features.sources import Source, open_source
from rind.features.storage import load, present
from rind.features.storing import store, store_anew, store_rows
from rind.features.validation import Checked, check
from rind.pipelines.data import write_document, write_lazily
from rind.pipelines.params import Params
from rind.pipelines.personal.forgotten import ForgottenList, read_forgotten
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def need(params: Params) -> HistoryNeed:
    """How much history the parameters ask for."""
    return HistoryNeed(
        horizon_days=params.labels.horizon_days,
        grace_days=params.labels.grace_days,
        every_days=params.snapshots.every_days,
        history_days=params.snapshots.history_days,
        refit_every_days=params.backtest.refit_every_days,
        min_train_dates=params.backtest.min_train_dates,
    )


def checked(source: Source, params: Params, progress: Progress) -> Checked:
    """The source after validation, as the parameters ask for it.

    Raises
    ------
    UsageError
        The scoring date lies after what the source covers.
    """
    given = params.source
    days = (given.data_end, given.as_of)
    result = check(source, *days, progress, settings=params.validation, need=need(params), strict=given.strict)
    end = result.report.data_end
    if given.as_of and end and given.as_of > end + timedelta(days=1):
        raise UsageError(
            f"the scoring date {given.as_of} lies more than a day after the data end {end}",
            "score at the day after the data end or earlier, or give --data-end if the source covers more days",
        )
    return result if result.report.problems else _with_currencies(result, params.money.currency)


def _with_currencies(result: Checked, currency: str) -> Checked:
    report = result.report
    notes = (*report.notes, *currency_notes(result.sound.tables, currency))
    return replace(result, report=replace(report, notes=notes))


def without_forgotten(source: Source, listed: ForgottenList) -> tuple[Source, list[str]]:
    """The source without whoever is on the list of the forgotten, and a note that says how many these are."""
    accounts = listed.among("account", held_ids(source, "account_id") if listed.has("account") else ())
    contacts = listed.among("contact", held_ids(source, "contact_id", "user_id") if listed.has("contact") else ())
    if not (accounts or contacts):
        return source, []
    note = f"left out, as forgotten by `rind forget`: {len(accounts)} accounts, {len(contacts)} contacts"
    return without_persons(source, accounts, contacts), [note]


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Raise an error that holds every broken rule, or write the sound tables, what is set aside, and the report."""
    with open_source(params.source.url, params.source.without) as opened:
        source, forgotten_note = without_forgotten(opened, read_forgotten(space.home))
        result = checked(source, params, progress)
        report = result.report
        report.raise_if_broken()
        if report.data_end is None:
            raise UsageError("the source has no date at all", "give --data-end YYYY-MM-DD")
        store(result.sound, space.tables, progress)
        counts = store_rows(source, rows_set_aside(source, result.sieves), space.set_aside)
    tables, further, notes = with_further_interventions(load(space.tables), params.source.feedback, report.data_end)
    record = report.as_record() | {"absent": source.absent, "source": source.url, "set_aside": counts}
    record["currency"] = unconverted(tables, params.money.currency).sign
    committed = commitments_beside(tables["accounts"], params.source.feedback)
    write_lazily(committed.table, space.commitments)
    record["notes"] = [*report.notes, *forgotten_note, *notes, *committed.notes]
    write_document(space.validation, record | {"as_of": params.source.as_of or report.data_end})
    progress("guards")
    days = (report.data_end, params.source.as_of or report.data_end, params.labels.grace_days)
    findings = source_guards(
        tables, present(space.tables), *days, params.guards.source, params.money.currency, report.set_aside
    )
    refuse_if_asked(findings)
    write_document(space.source_guards, records(findings))
    added = (INTERVENTIONS,) if further else ()
    store_anew(space.tables, prepared(tables, params.accounts.unit), added)
