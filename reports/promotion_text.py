"""Why a new model became the champion, or did not, in one sentence."""

from __future__ import annotations

from rind.common.facts.promotion import Ground, Verdict


def verdict_words(verdict: Verdict) -> str:
    """The decision about a new model, without a full stop."""
    trained = verdict.champion_trained
    match verdict.ground:
        case Ground.FIRST:
            return "the first model becomes the champion"
        case Ground.OLDER_THAN_CHAMPION:
            return f"the champion was trained as of {trained}, after this run's date {verdict.as_of}"
        case Ground.OTHER_COMPANY:
            return "the champion scored none of these accounts: it is another company's"
        case Ground.CHAMPION_OUTDATED:
            return f"the champion, trained as of {trained}, is older than all that was measured here"
        case Ground.TOO_FEW_IN_COMMON:
            return f"only {verdict.churned_in_common} churned accounts in common: too few to tell the two apart"
        case Ground.MEASURED:
            return _measured(verdict)


def _measured(verdict: Verdict) -> str:
    difference = verdict.difference or {"value": None, "low": None, "high": None}
    return (
        f"average precision {_number(verdict.challenger, '.3f')} against the champion's "
        f"{_number(verdict.champion, '.3f')}, difference {_number(difference['low'], '+.3f')} to "
        f"{_number(difference['high'], '+.3f')}: "
        + ("better beyond noise" if verdict.promote else "not better beyond noise")
    )


def _number(value: float | None, form: str) -> str:
    return "not measured" if value is None else format(value, form)
