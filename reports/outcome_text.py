"""The outcomes beside churn in words: what each is, and how far it can be foreseen."""

from __future__ import annotations

from collections.abc import Sequence

from rind.common.facts.outcomes import OutcomeSummary
from rind.reports.formats import percent
from rind.reports.wording import capitalised, words_of

STATES = ("shown", "no_skill", "too_few", "no_table")


def definition(when: str, share: float | None) -> str:
    """What must happen: "ARR falls by 10 % or more and the account stays"."""
    if when == "leaves_unpaid":
        return "the account leaves with an invoice overdue"
    moves = "falls" if when == "mrr_falls" else "rises"
    return f"ARR {moves} by {percent(share)} or more and the account stays"


def title(name: str) -> str:
    """The outcome's name for people: "Contraction"."""
    return capitalised(words_of(name))


def outcome_words(summary: OutcomeSummary, horizon_days: int, fewest: int) -> str:
    """How far an outcome can be foreseen, in one sentence, with a full stop."""
    name = title(summary["name"])
    match summary["state"]:
        case "no_table":
            return f"{name} is left out: the source has no table invoices."
        case "too_few":
            accounts = summary["happened_accounts"]
            return f"{name} happened to {accounts} accounts so far; Rind learns it from {fewest} on."
    auc = summary["auc"]
    if auc is None or auc["value"] is None or auc["low"] is None:
        return f"No skill shown for {name.lower()}: too few past dates have their outcome."
    figures = (
        f"on past dates its AUC is {auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f}); it "
        f"happens to {percent(summary['base_rate'], 1)} of the accounts within {horizon_days} days"
    )
    if summary["state"] == "no_skill":
        return f"No skill shown for {name.lower()}: {figures}."
    return f"{name}: {figures}."


def outcome_notes(summaries: Sequence[OutcomeSummary]) -> list[str]:
    """The sentences that a reader of the list needs: of outcomes that it says nothing of."""
    return [summary["words"] for summary in summaries if summary["state"] in ("no_skill", "no_table")]
