"""Common traits of who left and of who finds the product essential: a few rules, confirmed on later sign-ups."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from rind.features.book.signing import TRAITS, essential_answers, signing_traits, year_of
from rind.features.storage import load
from rind.models.book.personas import find_personas
from rind.models.common.frames import datetimes
from rind.pipelines.data import read, read_dates, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.persona_text import GROUPS, persona_notes, rule_words

NUMBERS = ("employees", "seats", "mrr", "term_days")


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write personas.json."""
    tables, as_of, settings = load(space.tables), read_dates(space.dates)["as_of"], params.personas
    grace_days = params.labels.grace_days
    progress("traits at signing")
    known = signing_traits(tables, as_of, params.money.currency).to_pandas().set_index("account_id")
    known = known.astype(dict.fromkeys(NUMBERS, "float64"))
    year = year_of(tables, as_of, settings.days, grace_days).to_pandas().set_index("account_id")
    answers = essential_answers(tables, as_of, settings.days).to_pandas().set_index("account_id")
    accounts = known[["signed_on"]].join(year).join(answers)
    begin = pd.Timestamp(as_of - timedelta(days=settings.days + grace_days + 1))
    traits = {"signing": known[list(TRAITS)], "first_90_days": _behaviour(space, params, begin)}
    progress("rules")
    rules = find_personas(accounts, traits, tuple(GROUPS), settings, params.seed)
    personas = [persona | {"rule": rule_words(persona["conditions"])} for persona in rules["personas"]]
    confirmed = sum(persona["confirmed"] for persona in personas)
    notes = persona_notes(settings.days, grace_days, confirmed)
    write_document(space.personas, {"personas": personas, "groups": rules["groups"], "notes": notes})


def _behaviour(space: Workspace, params: Params, begin: pd.Timestamp) -> pd.DataFrame:
    """What each account did in its first days, of those whose first days were over when the year began.

    Whole counts of a kind alone (active_days, trainings_held): single product features are True North's matter.
    """
    within = max(params.true_north.within_days)
    cohorts = read(space.cohorts, ["account_id", "signed_on"])
    over = cohorts[datetimes(cohorts["signed_on"]) + pd.Timedelta(days=within) <= begin]
    early = read(space.early)
    early = early[(early["within_days"] == within) & ~early["behaviour"].astype("str").str.contains(":")]
    counts = early.pivot_table(index="account_id", columns="behaviour", values="count", aggfunc="sum", observed=True)
    counts = counts.reindex(over["account_id"]).fillna(0.0)
    counts.columns = [str(name) for name in counts.columns]
    return counts.rename_axis("account_id")
