"""What a change at a date did, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rind.common.facts.experiment import AgainstExpected, ExperimentDocument, OutcomeEffect, WhyNot
from rind.reports.formats import HOUSE, NOTHING


@dataclass(frozen=True)
class OutcomeText:
    """How an outcome is told.

    Parameters
    ----------
    title
        For a table; ``{days}`` stands for the horizon.
    unit
        Behind a number.
    scale
        What the result is multiplied by.
    decimals
        Of the number.
    """

    title: str
    unit: str
    scale: float
    decimals: int

    def number(self, value: float | None, signed: bool = True) -> str:
        """In its unit: -0.021 is "-2.1 points"; a dash where it is missing."""
        if value is None:
            return NOTHING
        text = f"{self.scale * value:+.{self.decimals}f}"
        text = text[1:] if float(text) == 0 else text
        return f"{text if signed else text.removeprefix('+')} {self.unit}"

    def interval(self, record: OutcomeEffect) -> str:
        """ "-2.1 points (-4 to -0.2)"."""
        low, high = record["low"], record["high"]
        if record["effect"] is None or low is None or high is None:
            return NOTHING
        ends = [f"{self.scale * end:+.{self.decimals}f}" for end in (low, high)]
        return f"{self.number(record['effect'])} ({ends[0]} to {ends[1]})"


OUTCOMES: Mapping[str, OutcomeText] = {
    "churn": OutcomeText("Left within {days} days", "points", 100.0, 1),
    "active_days": OutcomeText("Use", "days a week", 1.0, 2),
    "tickets": OutcomeText("Support contacts", "a month", 1.0, 2),
    "nps": OutcomeText("NPS of those that answered", "points", 1.0, 1),
    "ces": OutcomeText("Customer effort (CES, 1: none)", "points", 1.0, 2),
    "mrr": OutcomeText("Revenue (mrr), departures counted", "%", 100.0, 1),
}
"""Outcome -> how it is told."""

WHY_NOT: Mapping[WhyNot, str] = {
    "too_few": "its outcome is known of too few accounts, or too few left",
    "no_overlap": "no account without the change is like those that got it, so nothing compares with them",
    "no_placebo": "the weeks before are not known well enough for the placebo test",
    "placebo_fails": "the placebo test fails: those compared moved apart before the change already",
    "no_data": "the results hold nothing of it for these weeks",
    "too_early": "its weeks are not over",
}
VERDICTS = {"up": "it rose", "down": "it fell", "none_shown": "no effect shown", "cannot_tell": "cannot be told"}
AGAINST: Mapping[AgainstExpected, str] = {
    "as_expected": "the interval holds what was expected",
    "less": "less than was expected",
    "more": "more than was expected",
}


def title_of(record: OutcomeEffect, horizon_days: int) -> str:
    """What a table calls the outcome."""
    text = OUTCOMES.get(record["outcome"])
    return record["outcome"] if text is None else text.title.format(days=horizon_days)


def verdict_of(record: OutcomeEffect) -> str:
    """One or two short clauses: what is shown, or why nothing is said."""
    if record["direction"] == "not_yet":
        return f"not before {record['not_before']}"
    words = VERDICTS[record["direction"]]
    if record["direction"] == "cannot_tell":
        return f"{words}: {WHY_NOT.get(record['why_not'], 'it is not measured')}"
    against = AGAINST.get(record["against_expected"], "")
    if record["direction"] == "none_shown" and record["against_expected"] == "as_expected" and record["expected"]:
        against = "the interval holds none and what was expected: more accounts would tell them apart"
    return f"{words}; {against}" if against else words


def experiment_sentences(document: ExperimentDocument) -> list[str]:
    """Who is compared, one sentence an outcome, and what it is worth."""
    return [
        *_who(document),
        *(_sentence(record, document["horizon_days"]) for record in document["outcomes"]),
        *_worth(document),
    ]


def _who(document: ExperimentDocument) -> list[str]:
    sentences = [
        f"{document['changed']:,} accounts got the change on {document['started_on']}; "
        f"{document['others']:,} other customers of that day did not."
    ]
    left_out = (
        (document["unknown"], "in no result of this run"),
        (document["not_customers"], "no customers that day"),
        (document["another_day"], "left out, as the change came to them on another day"),
    )
    parts = [f"{count:,} {'is' if count == 1 else 'are'} {words}" for count, words in left_out if count]
    if document["chosen_by"]:
        sentences.append(
            f"They were chosen by {' and '.join(document['chosen_by'])}, so the others differ in that from them all; "
            "only the placebo test says whether both moved alike before."
        )
    return sentences + ([f"Of {document['named']:,} named accounts {', '.join(parts)}."] if parts else [])


def _sentence(record: OutcomeEffect, horizon_days: int) -> str:
    title, text = title_of(record, horizon_days), OUTCOMES[record["outcome"]]
    if record["effect"] is None or record["direction"] == "cannot_tell":
        return f"{title}: {verdict_of(record)}."
    return (
        f"{title}: {text.interval(record)} against {record['comparable']:,} comparable accounts; {verdict_of(record)}."
    )


def _worth(document: ExperimentDocument) -> Sequence[str]:
    gained, low, high = (document[name] for name in ("mrr_gained", "mrr_gained_low", "mrr_gained_high"))
    shown = any(r["outcome"] == "mrr" and r["direction"] in ("up", "down") for r in document["outcomes"])
    if not shown or gained is None or low is None or high is None:
        return []
    spent = "" if document["cost"] is None else f"; it cost {HOUSE.money(document['cost'])}"
    verb = "kept or gained" if gained >= 0 else "lost"
    ends = sorted((12 * low, 12 * high))
    return [
        f"It {verb} {HOUSE.money(abs(12 * gained))} of revenue a year on the accounts that are compared "
        f"({HOUSE.change(ends[0], money=True)} to {HOUSE.change(ends[1], money=True)}){spent}."
    ]
