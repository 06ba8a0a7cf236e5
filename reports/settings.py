"""What params.yaml sets of the reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rind.common.settings import Count, Days, Section


class ReasonSettings(Section):
    """Which facts are worth telling as reasons."""

    fewest_comparable: Count
    least_log_odds: Annotated[float, Field(ge=0)]
    beyond_usual: Annotated[float, Field(ge=0, lt=0.5)]
    under_way_days: Days


Need = Literal["team", "contacts", "decision maker", "term"]
"""What a step may presume of an account. team: two or more seats, users or contacts. contacts: two or more contacts who
have not left. decision maker: one of them decides, or is an executive. term: an end of the term is known and ahead."""


class PlaybookRule(Section):
    """``do`` this where all conditions hold; ``*`` fits everything, a missing value included.

    theme, matter and family are those of the first reason. The days to the end of the term are at least and at most
    those given, where they are; an account without a known end fits only where neither is given. ``starts`` names the
    playbook as the table ``interventions`` does: the line fits no account where that one is under way. ``needs`` names
    what the step presumes: the line fits no account of which it is not known to have all of it.
    """

    do: str
    theme: str = "*"
    matter: str = "*"
    family: str = "*"
    segment: str = "*"
    band: str = "*"
    days_left_at_least: int | None = None
    days_left_at_most: int | None = None
    starts: str = ""
    needs: tuple[Need, ...] = ()
