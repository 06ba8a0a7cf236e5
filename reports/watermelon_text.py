"""Watermelons in two plain sentences: why the outside is green, and why the inside is red."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rind.common.facts.watermelons import WatermelonFigures
from rind.reports.formats import percent
from rind.reports.wording import uncapitalised

NAMED = 2
WHOLE = ("health_score", "health_rind")
"""The numbers among the health_ columns that are no family's."""
INSIDE = {"red": "red", "amber": "amber", "green": "riskier than it looks"}
"""Risk band -> what the inside is called: a flag may be proven at a risk that is green by itself."""
FIT = {"no": "; the CSM says that the use does not fit", "unsure": "; the CSM is unsure whether the use fits"}


def watermelon_sentences(
    rows: pd.DataFrame, totals: pd.DataFrame, facts: pd.Series, of: pd.Series, green_from: float
) -> pd.DataFrame:
    """Both sentences of each watermelon.

    Parameters
    ----------
    rows
        One row per account (index: account_id): watermelon, health_score, health_source ("own", "rind"),
        ``health_<family>``, health_fit?, churn_probability, and the columns of
        `models.watermelons.risk_context.inside`.
    totals
        How far each family sets the account apart from comparable ones, context left out; same index (log-odds).
    facts
        account_id -> the strongest fact that is not the calendar's; accounts may be absent.
    of
        account_id -> the family of this fact, which is named first: the fact stands behind it.
    green_from
        Points from which a family, like the whole score, looks good.

    Returns
    -------
    pandas.DataFrame
        ``watermelon_outside`` and ``watermelon_inside``; "" for accounts that are no watermelons.
    """
    columns = [c for c in rows.columns if c.startswith("health_") and c not in WHOLE]
    families = rows[columns].select_dtypes("number").rename(columns=lambda c: c.removeprefix("health_"))
    sentences = []
    for place, account in enumerate(rows.index):
        row = rows.iloc[place]
        if not row["watermelon"]:
            sentences.append(("", ""))
            continue
        inside = _inside(row, totals.iloc[place], str(facts.get(account, "")), str(of.get(account, "")))
        good = families.iloc[place].loc[lambda points: points >= green_from].nlargest(NAMED)
        sentences.append((_outside(row, good), inside))
    return pd.DataFrame(sentences, index=rows.index, columns=["watermelon_outside", "watermelon_inside"], dtype="str")


def _outside(row: pd.Series, good: pd.Series) -> str:
    score = "the company's own health score is" if row.get("health_source") == "own" else "the health score is"
    looks = ", ".join(f"{family} ({points:.0f})" for family, points in good.items())
    well = f", and {looks} look{'s' if len(good) == 1 else ''} good" if looks else ", though no family looks good"
    return f"Outside green: {score} {row['health_score']:.0f}{well}{FIT.get(str(row.get('health_fit')), '')}."


def _inside(row: pd.Series, totals: pd.Series, known: str, of: str) -> str:
    strongest = [str(f) for f, v in totals.sort_values(ascending=False).items() if v > 0]
    pushing = sorted(strongest, key=lambda family: family != of)[:NAMED]
    inside = INSIDE.get(str(row.get("risk_band")), "red")
    risk = f"Inside {inside}: the churn risk is {_share(row['churn_probability'])}"
    if pd.notna(row.get("times_base")):
        risk += f", {row['times_base']:.1f} times that of all accounts"
    if pd.notna(row.get("segment_risk")):
        risk += f"; in the rest of its segment it is {_share(row['segment_risk'])}"
    fact = known if known and not known.startswith("In its favour") else ""
    if pushing:
        families = f"{' and '.join(pushing).capitalize()} lift{'s' if len(pushing) == 1 else ''} it"
        families += f", and one fact of {of}" if fact and of and of not in pushing else ""
        fact = f"{families}: {uncapitalised(fact)}" if fact else families
    return f"{risk}.{f' {fact}.' if fact else ''}{_alike(row)}"


def _alike(row: pd.Series) -> str:
    """How many of the green accounts with such a risk left, and what to make of it where that is another figure."""
    if pd.isna(row.get("alike_left")):
        return ""
    left = (
        f" Of {row['alike_accounts']:.0f} green accounts with such a risk on past dates {_share(row['alike_left'])} "
        f"left ({_share(row['alike_low'])} to {_share(row['alike_high'])})"
    )
    if row["churn_probability"] > row["alike_high"]:
        return f"{left}, fewer than its own risk says: where health was green, such a risk came true less often."
    if row["churn_probability"] < row["alike_low"]:
        return f"{left}, more than its own risk says: where health was green, such a risk came true more often."
    return f"{left}."


def _share(value: Any) -> str:
    return percent(value)


def missing_words(missing: pd.Series) -> str:
    """What the list says of families without data; "" where all accounts have all."""
    accounts = missing[missing != ""].str.split(", ").explode().value_counts().sort_index()
    if accounts.empty:
        return ""
    everywhere = accounts.index[accounts == len(missing)]
    parts = [f"{', '.join(everywhere)} (all accounts)"] if len(everywhere) else []
    parts += [f"{f} ({n} account{'' if n == 1 else 's'})" for f, n in accounts.drop(everywhere).items()]
    return f"Health families without data give their weight to the others in proportion: {'; '.join(parts)}."


def with_words(figures: WatermelonFigures) -> WatermelonFigures:
    """The figures of `models.watermelons.evaluation.flag_figures` with what the flags are worth in a sentence."""
    return {**figures, "words": worth(figures)}


def worth(figures: WatermelonFigures) -> str:
    """What the flags are worth, and where nothing is claimed."""
    precision, base = figures["precision"], figures["base_rate"]
    withheld = figures["withheld_dates"] / figures["dates"] if figures["dates"] else 0.0
    silent = (
        f"On {percent(withheld)} of the past dates nobody was flagged, because flags had found no more than the "
        "renewal calendar does: there is no proven skill for watermelons here."
    )
    if precision is None or base is None:
        nothing = "No green account was flagged on a date whose outcome is known, so nothing can be claimed."
        return silent if withheld else nothing
    limits = figures["intervals"]["precision"] or {"low": precision, "high": precision}
    facts = (
        f"{percent(precision)} of the watermelons left ({percent(limits['low'])} to {percent(limits['high'])}), "
        f"against {percent(base)} of all green ones and {percent(figures['calendar_rate'])} of the green ones whose "
        "renewal is as near"
    )
    if figures["skill"]:
        return f"{facts}; the difference is beyond chance."
    return f"{facts}; the difference may be chance, so the flags have no proven skill here." + (
        f" {silent}" if withheld else ""
    )
