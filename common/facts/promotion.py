"""Whether a new model becomes the champion, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rind.common.facts.figures import Figure


class Ground(StrEnum):
    """What a decision about a new model rests on."""

    FIRST = "the first model"
    OLDER_THAN_CHAMPION = "older than the champion"
    OTHER_COMPANY = "another company's champion"
    CHAMPION_OUTDATED = "the champion is outdated"
    TOO_FEW_IN_COMMON = "too few in common"
    MEASURED = "measured"


@dataclass(frozen=True)
class Verdict:
    """Whether a new model is promoted, and the facts that the decision rests on.

    Parameters
    ----------
    champion_trained, as_of
        The training date of the champion, and the scoring date of the new model's run; None for the first model.
    churned_in_common
        Churned accounts that both models scored; for `Ground.TOO_FEW_IN_COMMON`.
    challenger, champion
        Average precision of both, for `Ground.MEASURED`.
    difference
        Of their average precision, paired by account; None where the two were not compared.
    """

    promote: bool
    ground: Ground
    champion_trained: date | None = None
    as_of: date | None = None
    churned_in_common: int = 0
    challenger: float | None = None
    champion: float | None = None
    difference: Figure | None = None
