"""Parts that only add to the list may fail alone: which are missing this week, and why."""

from __future__ import annotations

import json

from rind.common.errors import PartsMissingError
from rind.common.files import write_json
from rind.pipelines.workspace import Workspace

TITLES = {
    "tune_health": "the proposal for the health score",
    "watermelons": "the watermelons",
    "outcomes": "contraction, expansion and the other outcomes beside churn",
    "early_behaviour": "what accounts did in their first days",
    "true_north": "the True North moments",
    "adoption": "the young accounts and their next step",
    "true_north_page": "the page of the True North moments",
    "monitor": "the monitor of the model",
    "account_weeks": "what each account did week by week",
    "effects": "what the playbooks did",
    "horizons": "the probabilities of other horizons and of the renewal",
    "advocates": "the accounts to ask for a reference or to offer more",
    "personas": "the personas",
    "voice": "the voice of the customer",
    "published": "what the list before said when it was published",
    "timeline": "the timeline of each account",
    "kpis": "the numbers of customer success",
    "forecast": "the forecast of revenue",
}
"""Stage -> what readers call what it makes."""


def note_missing(space: Workspace, stage: str, reason: str) -> None:
    """Write down that a part is missing from this week."""
    write_json(space.root / ".missing" / f"{stage}.json", reason)


def forget_missing(space: Workspace, stage: str) -> None:
    """The part was made after all."""
    (space.root / ".missing" / f"{stage}.json").unlink(missing_ok=True)


def parts_missing(space: Workspace) -> dict[str, str]:
    """Stage -> why what it makes is missing this week; empty where all went well."""
    files = sorted((space.root / ".missing").glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def refuse_missing(missing: dict[str, str]) -> None:
    """End a command whose list stands without some of its parts.

    Raises
    ------
    PartsMissingError
        A part is missing.
    """
    if missing:
        parts = "; ".join(f"{TITLES.get(stage, stage)}: {reason}" for stage, reason in missing.items())
        hint = "the list stands; run again with --verbose once the cause is mended"
        raise PartsMissingError(f"missing from this week: {parts}", hint)


def missing_sentences(missing: dict[str, str]) -> list[str]:
    """One sentence for each missing part, for pages and mails."""
    return [f"Missing this week: {TITLES.get(stage, stage)} ({reason})." for stage, reason in missing.items()]
