"""Contacts: how many people carry the relationship, who they are, who came and who left."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features import asof
from rind.features.catalogue import Feature, Settings
from rind.features.families.activity_intervals import around, joined_spells, on_spine, reach, recorded, spells
from rind.features.families.usage_reduced import USER_REACH, reduced, user_reach

NEEDS = ("contacts",)
USES = ("interactions", "surveys", "usage")

QUARTER, HALF_YEAR = 91, 182  # whole weeks: every window holds the same mix of weekdays
SENIOR = ("decision_maker", "executive")

FEATURES: tuple[Feature, ...] = (
    Feature(
        "contacts__known__ever", "People ever known at the account, those who left among them", "count", 0,
        "people ever known at the account who are still there: {contacts__active__now} of {contacts__known__ever}",
        when_zero="nobody is known at the account",
    ),
    Feature(
        "contacts__active__now", "Contacts who have not left", "count", 0,
        "contacts at the account now: {contacts__active__now}",
        when_zero="no contact is left at the account",
    ),
    Feature(
        "contacts__users__now", "Active contacts at the level of a user", "count", 0,
        "contacts who are users: {contacts__users__now} of {contacts__active__now}",
        when_zero="none of the {contacts__active__now} contacts is a user",
    ),
    Feature(
        "contacts__admins__now", "Active contacts who are administrators", "count", 0,
        "contacts who are administrators: {contacts__admins__now} of {contacts__active__now}",
        when_zero="none of the {contacts__active__now} contacts is an administrator",
    ),
    Feature(
        "contacts__champions__now", "Active contacts who argue for the product", "count", 0,
        "champions at the account: {contacts__champions__now}",
        when_zero="nobody at the account is known to argue for the product",
    ),
    Feature(
        "contacts__decision_makers__now", "Active contacts who are decision makers", "count", 0,
        "decision makers among the contacts: {contacts__decision_makers__now}",
        when_zero="none of the {contacts__active__now} contacts is a decision maker",
    ),
    Feature(
        "contacts__executives__now", "Active contacts who are executives", "count", 0,
        "executives among the contacts: {contacts__executives__now}",
        when_zero="none of the {contacts__active__now} contacts is an executive",
    ),
    Feature(
        "contacts__single_threaded__now", "At most one of the account's contacts is left", "flag", 1,
        "at most one person carries the relationship: {contacts__active__now} of "
        "{contacts__known__ever} contacts ever known",
        when_zero="{contacts__active__now} people carry the relationship",
    ),
    Feature(
        "contacts__has_champion__now", "A champion is present", "flag", -1,
        "a champion is present", when_zero="no champion is present",
    ),
    Feature(
        "contacts__has_decision_maker__now", "A decision maker is among the active contacts", "flag", 0,
        "a decision maker is among the contacts", when_zero="no decision maker is among the contacts",
    ),
    Feature(
        "contacts__has_executive__now", "An executive is among the active contacts", "flag", 0,
        "an executive is among the contacts", when_zero="no executive is among the contacts",
    ),
    Feature(
        "contacts__champion_lost__now", "The champion left and has no successor", "flag", 1,
        "champion left {contacts__days_since_champion_left__ever} days ago, none since",
        when_zero="no champion has left without a successor",
    ),
    Feature(
        "contacts__days_since_champion_left__ever", "Days since the last champion left, while none followed",
        "days", 0,
        "champion left {contacts__days_since_champion_left__ever} days ago, none since",
        when_missing="no champion has left without a successor",
    ),
    Feature(
        "contacts__arrivals__91d", "Contacts added in the last 13 weeks", "count", 0,
        "new contacts in the last 13 weeks: {contacts__arrivals__91d}",
        when_zero="no new contact in the last 13 weeks",
    ),
    Feature(
        "contacts__arrivals__182d", "Contacts added in the last half-year", "count", 0,
        "new contacts in the last half-year: {contacts__arrivals__182d}",
        when_zero="no new contact in the last half-year",
    ),
    Feature(
        "contacts__departures__91d", "Contacts who left in the last 13 weeks", "count", 0,
        "contacts who left in the last 13 weeks: {contacts__departures__91d}",
        when_zero="no contact left in the last 13 weeks",
    ),
    Feature(
        "contacts__departures__182d", "Contacts who left in the last half-year", "count", 0,
        "contacts who left in the last half-year: {contacts__departures__182d}, "
        "new ones: {contacts__arrivals__182d}",
        when_zero="no contact left in the last half-year",
    ),
    Feature(
        "contacts__senior_departures__182d", "Decision makers and executives who left in the last half-year",
        "count", 1,
        "decision makers and executives who left in the last half-year: {contacts__senior_departures__182d}",
        when_zero="no decision maker or executive left in the last half-year",
    ),
    Feature(
        "contacts__since_arrival__ever", "Days since the last contact was added", "days", 0,
        "the last new contact was added {contacts__since_arrival__ever} days ago",
        when_missing="nobody is known at the account",
    ),
    Feature(
        "contacts__tenure__now", "Mean days for which the active contacts have been known", "days", 0,
        "the contacts have been known for {contacts__tenure__now} days on average",
        when_missing="no contact is left at the account",
    ),
    Feature(
        "contacts__departments__now", "Departments of the active contacts", "count", 0,
        "the contacts sit in {contacts__departments__now} departments",
        when_zero="no department is known of any contact",
    ),
    Feature(
        "contacts__answering__91d", "Active contacts who answered or wrote in the last 13 weeks", "count", -1,
        "contacts who answered or wrote in the last 13 weeks: "
        "{contacts__answering__91d} of {contacts__active__now}",
        when_zero="no contact answered or wrote in the last 13 weeks",
        when_one="its one contact answered or wrote in the last 13 weeks",
        when_missing="nobody is known at the account, or answers are not recorded by person",
    ),
    Feature(
        "contacts__senior_answering__91d", "Decision makers and executives who answered or wrote in 13 weeks",
        "count", 0,
        "decision makers and executives who answered or wrote in the last 13 weeks: "
        "{contacts__senior_answering__91d}",
        when_zero="no decision maker or executive answered or wrote in the last 13 weeks",
        when_missing="nobody is known at the account, or answers are not recorded by person",
    ),
    Feature(
        "contacts__engaged_share__91d", "Share of active contacts who answer or use the product, last 13 weeks",
        "share", -1,
        "{contacts__engaged_share__91d} of the {contacts__active__now} contacts answered or used the product "
        "in the last 13 weeks",
        when_zero="no contact answered or used the product in the last 13 weeks",
        when_one="{contacts__engaged_share__91d} of its contacts, one person, answered or used the product "
        "in the last 13 weeks",
        when_missing="no contact is left, or neither answers nor use are recorded by person",
    ),
)  # fmt: skip

BY_PERSON = ("contacts__answering__91d", "contacts__senior_answering__91d")
"""Counts that are empty, not 0, where the source does not say who answered."""


def build(
    snapshots: ir.Table,
    tables: Mapping[str, ir.Table],
    settings: Settings,
) -> ir.Table:
    """One row per snapshot: account_id, as_of and `FEATURES`; counts int64, days and shares float64.

    A contact is active from the day after added_on until left_on has passed. "Answered" is an answer to
    an outbound touch point or to a survey, or an inbound touch point; "used" is a row of usage whose
    user_id is the contact's id.
    """
    answers = _answer_days(tables["interactions"], tables["surveys"])
    used = _reach_of_contacts(reduced(tables, USER_REACH, user_reach), tables["contacts"])
    engaged = reach(answers, QUARTER).union(used)
    people = _people(snapshots, tables["contacts"])
    people = _present(people, spells(answers, QUARTER), "answering")
    people = _present(people, joined_spells(around(engaged, snapshots)), "engaged")
    counts = people.group_by("account_id", "as_of").aggregate(**_counts(), **_dates())
    counts = recorded(counts, answers.aggregate(answers=_.known_on.min()))
    counts = counts.cross_join(engaged.aggregate(first_engaged=_.first_day.min()))
    anybody = (counts.as_of.epoch_days() >= counts.first_engaged).fill_null(False)
    empty = {name: ibis.ifelse(counts.answers, counts[name], None) for name in BY_PERSON}
    share = ibis.ifelse(anybody, counts.contacts__engaged_share__91d, None)
    return on_spine(snapshots, [counts.mutate(contacts__engaged_share__91d=share, **empty)], FEATURES, BY_PERSON)


def _people(snapshots: ir.Table, contacts: ir.Table) -> ir.Table:
    """One row per snapshot and contact known to it, with active and left_age (days, null if not left)."""
    pairs = asof.known(snapshots, contacts, "contacts")
    return pairs.mutate(
        active=_.left_on.isnull(),
        left_age=_.as_of.delta(_.left_on, unit="day"),
        senior=_.level.isin(SENIOR).fill_null(False),
    )


def _present(people: ir.Table, active_spells: ir.Table, column: str) -> ir.Table:
    """Add whether the person is in a spell at as_of."""
    day = people.as_of.epoch_days()
    inside = [
        people.account_id == active_spells.account_id,
        people.contact_id == active_spells.person_id,
        active_spells.first_day <= day,
        active_spells.last_day >= day,
    ]
    joined = people.left_join(active_spells, inside, rname="{name}_spell")
    joined = joined.mutate(joined.person_id.notnull().name(column))
    return joined.drop("account_id_spell", "person_id", "spell", "first_day", "last_day")


def _counts() -> dict[str, ir.Value]:
    levels = {"users": "user", "admins": "admin", "champions": "champion"}
    levels |= {"decision_makers": "decision_maker", "executives": "executive"}
    active = {
        f"contacts__{name}__now": (_.active & (_.level == level).fill_null(False)).sum()
        for name, level in levels.items()
    }
    active |= {
        f"contacts__has_{level}__now": (_.active & (_.level == level).fill_null(False)).cast("int32").max()
        for level in ("champion", "decision_maker", "executive")
    }
    windows: dict[str, ir.Value] = {}
    for days in (QUARTER, HALF_YEAR):
        windows[f"contacts__arrivals__{days}d"] = (_.age_days <= days).sum()
        windows[f"contacts__departures__{days}d"] = _left_within(days).sum()
    return active | windows | {
        "contacts__known__ever": _.count(),
        "contacts__active__now": _.active.sum(),
        "contacts__single_threaded__now": (_.active.sum() <= 1).cast("int32"),
        "contacts__senior_departures__182d": (_.senior & _left_within(HALF_YEAR)).sum(),
        "contacts__departments__now": _.department.nunique(where=_.active),
        "contacts__answering__91d": (_.active & _.answering).sum(),
        "contacts__senior_answering__91d": (_.active & _.senior & _.answering).sum(),
        "contacts__engaged_share__91d": ibis.ifelse(_.engaged, 1, 0).cast("float64").mean(where=_.active),
    }  # fmt: skip


def _dates() -> dict[str, ir.Value]:
    champion = (_.level == "champion").fill_null(False)
    gone = ~(_.active & champion).any()
    left_age = ibis.ifelse(gone, _.left_age.min(where=champion), None)
    return {
        "contacts__days_since_champion_left__ever": left_age.cast("float64"),
        "contacts__champion_lost__now": left_age.notnull().cast("int32"),
        "contacts__since_arrival__ever": _.age_days.min().cast("float64"),
        "contacts__tenure__now": _.age_days.cast("float64").mean(where=_.active),
    }


def _left_within(days: int) -> ir.BooleanValue:
    return (_.left_age <= days).fill_null(False)


def _answer_days(interactions: ir.Table, surveys: ir.Table) -> ir.Table:
    """Days on which a contact was heard: an answer to us, an inbound touch point, an answered survey."""
    inbound = (interactions.direction == "inbound").fill_null(False)
    heard_at = ibis.ifelse(inbound, interactions.occurred_at, interactions.answered_at)
    spoken = _heard_days(interactions, "interactions", heard_at)
    return spoken.union(_heard_days(surveys, "surveys", surveys.responded_at))


def _heard_days(events: ir.Table, name: str, heard_at: ir.TimestampValue) -> ir.Table:
    events = events.mutate(heard_at=heard_at, known_at=asof.effective_at(events, name))
    return events.filter(_.heard_at.notnull() & _.contact_id.notnull()).select(
        "account_id",
        person_id=_.contact_id,
        known_on=ibis.greatest(_.known_at, _.heard_at).date(),
        happened_on=_.heard_at.date(),
    )


def _reach_of_contacts(used: ir.Table, contacts: ir.Table) -> ir.Table:
    """When contacts count as active for their use, where user_id is the contact's id.

    Use by somebody who becomes a contact later is known as a contact's use from then on, not before.

    Parameters
    ----------
    used
        See `features.families.usage_reduced.user_reach`.
    """
    listed_day = asof.effective_at(contacts, "contacts").date().epoch_days().cast("int64")
    listed = contacts.select("account_id", person_id=contacts.contact_id, listed_day=listed_day)
    people = listed.group_by("account_id", "person_id").aggregate(listed_day=_.listed_day.min())
    rows = used.inner_join(people, ["account_id", "person_id"])
    first_day = ibis.greatest(rows.first_day, rows.listed_day + 1)
    return rows.select("account_id", "person_id", first_day=first_day, last_day=rows.last_day)
