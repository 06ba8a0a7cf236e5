"""Surveys: what the contacts say when they are asked, who says it, and who no longer answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
from ibis import _

from rind.features import asof
from rind.features.catalogue import Feature, Settings

NEEDS = ("surveys",)
USES = ("contacts",)

YEAR = 364  # whole weeks; surveys are rare, and many come once a quarter or once a year
DETRACTOR_AT_MOST = 6  # of 10: Reichheld, "The One Number You Need to Grow", HBR 12/2003
NO_LONGER_NEEDED = 1  # of the three answers on how essential the product is
DECIDERS = ("decision_maker", "executive")
USERS = ("user", "admin", "champion")
KINDS = {  # kind: (what a person calls it, its scale, direction of a higher score)
    "nps": ("NPS", "of 10", -1),
    "csat": ("satisfaction", "of 5", -1),
    "ces": ("effort", "of 7, where 1 is no effort", 1),
    "essential": ("how essential the product is", "of 3, where 3 is essential", -1),
}


def _score_features(kind: str, title: str, scale: str, direction: int) -> tuple[Feature, ...]:
    """The three columns that every kind of survey has."""
    last, mean, change = (f"surveys__{kind}_{what}" for what in ("last__ever", "mean__364d", "change__364d"))
    return (
        Feature(
            last, f"Last score for {title}, {scale}", "score", direction,
            f"the last answer on {title} was {{{last}}} {scale}",
            when_missing=f"nobody has answered on {title}",
        ),
        Feature(
            mean, f"Mean score for {title} in the last year, {scale}", "score", direction,
            f"the last year's answers on {title} averaged {{{mean}}} {scale}",
            when_missing=f"nobody answered on {title} in the last year",
        ),
        Feature(
            change, f"Change of the score for {title} since the same contact's previous one, mean, last year",
            "score", 0,
            f"the score for {title} from contacts who had answered before went {{moved:{change}}} points on average",
            when_zero=f"contacts who had answered on {title} before gave the same score again on average",
            when_missing=f"nobody who answered on {title} in the last year had answered before",
        ),
    )  # fmt: skip


FEATURES: tuple[Feature, ...] = (
    *(feature for kind, meaning in KINDS.items() for feature in _score_features(kind, *meaning)),
    Feature(
        "surveys__nps_spread__364d", "Highest less lowest of the contacts' last NPS, last year", "score", 0,
        "the contacts disagree: their last NPS differ by up to {surveys__nps_spread__364d} points",
        when_zero="all contacts who answered gave the same NPS",
        when_missing="fewer than two contacts gave an NPS in the last year",
    ),
    Feature(
        "surveys__detractor_present__364d", "Whether a contact's last NPS is 6 or less, year", "flag", 1,
        "at least one contact's last NPS is 6 or less",
        when_zero="no contact gave an NPS of 6 or less last",
    ),
    Feature(
        "surveys__not_needed__364d", "Whether a contact last called it no longer needed, last year",
        "flag", 1,
        "a contact said in the last year that the product is no longer needed",
        when_zero="no contact called the product no longer needed",
    ),
    Feature(
        "surveys__decision_maker_nps__364d", "Mean NPS of decision makers and executives, year", "score", -1,
        "decision makers gave an NPS of {surveys__decision_maker_nps__364d} on average in the last year",
        when_missing="no decision maker gave an NPS in the last year",
    ),
    Feature(
        "surveys__user_nps__364d", "Mean NPS of users, admins and champions, year", "score", -1,
        "users gave an NPS of {surveys__user_nps__364d} on average in the last year",
        when_missing="no user gave an NPS in the last year",
    ),
    Feature(
        "surveys__decision_maker_gap__364d", "Mean NPS of decision makers less users', year", "score", 0,
        "decision makers gave an NPS of {surveys__decision_maker_nps__364d}, users {surveys__user_nps__364d}",
        when_missing="no NPS of both decision makers and users in the last year",
    ),
    Feature(
        "surveys__asked__364d", "Survey questions sent in the last year", "count", 0,
        "survey questions sent in the last year: {surveys__asked__364d}, answers received: {surveys__answered__364d}",
        when_zero="nobody was asked in a survey in the last year",
    ),
    Feature(
        "surveys__answered__364d", "Survey answers received in the last year", "count", -1,
        "survey answers received in the last year: {surveys__answered__364d}",
        when_zero="no survey answer was received in the last year",
    ),
    Feature(
        "surveys__response_rate__364d", "Share of the year's survey questions answered", "share", -1,
        "{surveys__response_rate__364d} of the year's {surveys__asked__364d} survey questions were answered",
        when_zero="none of the year's {surveys__asked__364d} survey questions was answered",
        when_missing="nobody was asked in a survey in the last year",
    ),
    Feature(
        "surveys__silence__now", "Days since the last answer although asked since, else 0", "days", 1,
        "asked, but silent for {surveys__silence__now} days",
        when_zero="no survey question has gone unanswered since the last answer",
        when_missing="nobody has ever been asked in a survey",
    ),
    Feature(
        "surveys__since_answer__ever", "Days since the last survey answer", "days", 0,
        "the last survey answer came {surveys__since_answer__ever} days ago",
        when_missing="nobody has ever answered a survey",
    ),
)  # fmt: skip

COUNTS = (
    "surveys__asked__364d",
    "surveys__answered__364d",
    "surveys__detractor_present__364d",
    "surveys__not_needed__364d",
)


def build(snapshots: ibis.Table, tables: Mapping[str, ibis.Table], settings: Settings) -> ibis.Table:
    """One row per snapshot (account_id, as_of), then the features of `FEATURES`.

    The last year is the 364 days before as_of: of questions by ``sent_at``, of answers by
    ``responded_at``. Change and spread compare contacts with themselves and each other: answers without
    a contact count as one person's. The last answer is the one
    that we learned of last. Counts and flags of nothing are 0; all else of nothing is null.
    """
    spine = snapshots.select("account_id", "as_of")
    pairs = _surveys_at(asof.known(spine, _with_neighbours(tables["surveys"]), "surveys"))
    features = pairs.group_by("account_id", "as_of").aggregate(**_scores(), **_answering(), **_moments())
    by_level = _nps_by_level(spine, tables["surveys"], tables["contacts"])
    joined = (
        spine.left_join(features, ["account_id", "as_of"])
        .drop("account_id_right", "as_of_right")
        .left_join(by_level, ["account_id", "as_of"])
        .drop("account_id_right", "as_of_right")
    )
    complete = joined.mutate(
        **{name: joined[name].fill_null(0) for name in COUNTS},
        surveys__silence__now=_silence(joined),
        surveys__since_answer__ever=_days_before(joined, "last_answer"),
    )
    return complete.select("account_id", "as_of", *(feature.name for feature in FEATURES))


def _with_neighbours(surveys: ibis.Table) -> ibis.Table:
    """Surveys in the order in which we learned of the answers, each with its neighbours of the same kind.

    Adds learned_at; outdated_at and replaced_at: when the account's and the contact's next answer was
    learned; previous_score: what the contact had answered before. In this order the future only ever
    appends: a late row can neither slip in between nor change what was the previous answer. It is done
    here, once an answer, since windows over all (snapshot, answer) pairs cost far more.
    """
    learned = ibis.greatest(surveys.responded_at, asof.effective_at(surveys, "surveys"))
    answered = surveys.responded_at.notnull() & surveys.score.notnull()
    surveys = surveys.mutate(learned_at=ibis.ifelse(answered, learned, None))
    account = (surveys.account_id, surveys.kind, surveys.learned_at.isnull())
    contact = (*account, surveys.contact_id)
    order = (surveys.learned_at, surveys.responded_at, surveys.response_id)
    return surveys.mutate(
        outdated_at=surveys.learned_at.lead(1).over(group_by=account, order_by=order),
        replaced_at=surveys.learned_at.lead(1).over(group_by=contact, order_by=order),
        previous_score=surveys.score.lag(1).over(group_by=contact, order_by=order),
    )


def _surveys_at(pairs: ibis.Table) -> ibis.Table:
    """Every known (snapshot, question) pair with the place of its answer at as_of."""
    is_answer = pairs.responded_at.notnull() & pairs.score.notnull()
    return pairs.mutate(
        answer_age=_days_before(pairs, "responded_at"),
        is_answer=is_answer,
        is_last=is_answer & ~asof.has_passed(pairs, "outdated_at"),
        is_contacts_last=is_answer & ~asof.has_passed(pairs, "replaced_at"),
    )


def _scores() -> dict[str, Any]:
    """Last, mean and change of every kind; spread, detractors and those who need it no longer."""
    this_year = _.is_answer & (_.answer_age <= YEAR)
    newest = this_year & _.is_contacts_last  # one answer per contact and kind
    columns: dict[str, Any] = {}
    for kind in KINDS:
        is_kind = _.kind == kind
        columns[f"surveys__{kind}_last__ever"] = _.score.mean(where=is_kind & _.is_last)
        columns[f"surveys__{kind}_mean__364d"] = _.score.mean(where=is_kind & this_year)
        columns[f"surveys__{kind}_change__364d"] = (_.score - _.previous_score).mean(where=is_kind & newest)
    nps, need = newest & (_.kind == "nps"), newest & (_.kind == "essential")
    spread = _.score.max(where=nps) - _.score.min(where=nps)
    return columns | {
        "surveys__nps_spread__364d": ibis.ifelse(nps.sum() >= 2, spread, None),
        "surveys__detractor_present__364d": (_.score <= DETRACTOR_AT_MOST).cast("int32").max(where=nps),
        "surveys__not_needed__364d": (_.score <= NO_LONGER_NEEDED).cast("int32").max(where=need),
    }


def _answering() -> dict[str, Any]:
    sent = _.sent_at.notnull() & (_.age_days <= YEAR)
    return {
        "surveys__asked__364d": sent.sum(),
        "surveys__answered__364d": (_.answer_age <= YEAR).sum(),
        "surveys__response_rate__364d": _.responded_at.notnull().cast("int32").cast("float64").mean(where=sent),
    }


def _moments() -> dict[str, Any]:
    """The times from which `_silence` counts."""
    return {
        "last_answer": _.responded_at.max(),
        "last_unanswered": _.sent_at.max(where=_.responded_at.isnull()),
        "first_asked": _.sent_at.min(),
    }


def _silence(joined: ibis.Table) -> Any:
    """Days since the last answer (or the first question) while a later question is open."""
    ever_answered = joined.last_answer.notnull()
    asked_again = (joined.last_unanswered > joined.last_answer).fill_null(False)
    return ibis.cases(
        (ever_answered & asked_again, _days_before(joined, "last_answer")),
        (ever_answered, 0),
        else_=_days_before(joined, "first_asked"),
    )


def _nps_by_level(spine: ibis.Table, surveys: ibis.Table, contacts: ibis.Table) -> ibis.Table:
    """Mean NPS of deciders and of users: one row per snapshot that knows an answer of the last year.

    Whose answer it was is known once both the answer and the contact are, so the pair is dated by the
    answer and recorded with the later of the two.
    """
    answers = surveys.mutate(learned_at=asof.effective_at(surveys, "surveys"), who=_.contact_id.cast("string"))
    answers = answers.filter(_.kind == "nps", _.responded_at.notnull(), _.score.notnull())
    people = contacts.select(
        "account_id",
        "level",
        known_from=asof.effective_at(contacts, "contacts"),
        who=_.contact_id.cast("string"),
    )
    both = answers.inner_join(people, ["account_id", "who"]).mutate(
        sent_at=_.responded_at, recorded_at=ibis.greatest(_.learned_at, _.known_from)
    )
    pairs = asof.known(spine, both, "surveys", within_days=YEAR)
    means = pairs.group_by("account_id", "as_of").aggregate(
        surveys__decision_maker_nps__364d=_.score.mean(where=_.level.isin(DECIDERS)),
        surveys__user_nps__364d=_.score.mean(where=_.level.isin(USERS)),
    )
    gap = _.surveys__decision_maker_nps__364d - _.surveys__user_nps__364d
    return means.mutate(surveys__decision_maker_gap__364d=gap)


def _days_before(table: ibis.Table, time: str) -> Any:
    """Whole days from a time that has passed to as_of, 1 for the day before; null while it has not come."""
    return table.as_of.delta(table[time].date(), unit="day")
