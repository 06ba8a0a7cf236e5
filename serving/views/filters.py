"""The filters, order and pages of the risk list, as a query string carries them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from rind.serving.problems import ProblemError, invalid_fields

Sort = Literal[
    "rank", "name", "segment", "csm", "mrr", "mrr_at_risk", "term_ends_on", "churn_probability", "health_score",
    "rank_change",
]  # fmt: skip
DESCENDING = {"mrr", "mrr_at_risk", "churn_probability", "rank_change"}
"""Columns that are sorted with the largest first unless the reader asks otherwise."""
WHOLE_ORDERS: dict[str, Sort] = {"risk": "churn_probability", "money": "mrr_at_risk"}
"""Values of ``order`` that choose the column too -> the column."""
ALL = "all"
"""A CSM who is shown the own accounts first filters by this name to see everybody's."""


def blank_is_none(value: Any) -> Any:
    """None for an empty text: a form sends its empty fields too."""
    return None if isinstance(value, str) and not value.strip() else value


def _all_is_none(value: Any) -> Any:
    return None if value == ALL else blank_is_none(value)


Line = Annotated[str, Field(max_length=200)]
Days = Annotated[int, Field(ge=0, le=3650)]
Text = Annotated[Line | None, BeforeValidator(blank_is_none)]


class ListFilter(BaseModel):
    """Which accounts of the list; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: Text = Field(default=None, description="Only accounts of this segment")
    csm: Annotated[Line | None, BeforeValidator(_all_is_none)] = Field(
        default=None, description="Only accounts of this customer success manager"
    )
    band: Annotated[Literal["red", "amber", "green"] | None, BeforeValidator(blank_is_none)] = Field(
        default=None, description="Only accounts of this risk band"
    )
    renewal_within_days: Annotated[Days | None, BeforeValidator(blank_is_none)] = Field(
        default=None, description="Only accounts whose term ends within so many days of the scoring date"
    )
    watermelons: bool = Field(default=False, description="Only accounts that are green outside and red inside")
    not_worked: bool = Field(
        default=False, description="Only accounts that nobody has taken care of on this list; see the feedback"
    )
    within_capacity: bool = Field(
        default=False, description="Only the first accounts of each CSM, as many as one is expected to manage in a week"
    )
    q: Text = Field(
        default=None, description="Only accounts whose name or id contains this text, upper and lower case alike"
    )


class ListOrder(ListFilter):
    """Which accounts, in which order."""

    sort: Sort = Field(default="rank", description="The column to sort by; accounts without a value come last")
    order: Annotated[Literal["asc", "desc"] | None, BeforeValidator(blank_is_none)] = Field(
        default=None,
        description="asc or desc; without it money, risk and moves come largest first, all else smallest first. "
        "risk and money choose the column too: most likely to leave, or most money at risk, first",
        json_schema_extra={"enum": ["asc", "desc", *WHOLE_ORDERS, None]},
    )

    @model_validator(mode="before")
    @classmethod
    def _whole_order(cls, given: Any) -> Any:
        """``order=money`` is the column mrr_at_risk, the largest first; ``order=risk`` the churn probability."""
        order = given.get("order") if isinstance(given, Mapping) else None
        if not isinstance(order, str) or order not in WHOLE_ORDERS:
            return given
        return {name: value for name, value in given.items() if name != "order"} | {"sort": WHOLE_ORDERS[order]}

    @property
    def descending(self) -> bool:
        return self.order == "desc" if self.order else self.sort in DESCENDING


class ListPage(ListOrder):
    """A page of the list."""

    page: int = Field(default=1, ge=1, le=100_000, description="Counted from 1; a page beyond the last is empty")


Filter = TypeVar("Filter", bound=BaseModel)


def parsed(kind: type[Filter], query: Mapping[str, str]) -> Filter:
    """A filter from a query string; quicker than FastAPI's own parser, which the API needs for its OpenAPI document.

    Raises
    ------
    ProblemError
        422, with each wrong field.
    """
    try:
        return kind.model_validate(dict(query))
    except ValidationError as error:
        raise ProblemError(422, errors=invalid_fields(error.errors())) from None
