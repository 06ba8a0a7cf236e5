"""What the API answers, for its OpenAPI document and the clients made from it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field, FiniteFloat

from rind.common.facts.commitments import Category

Probability = Annotated[float, Field(ge=0, le=1)]
Band = Literal["red", "amber", "green"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="allow")


class Problem(_Model):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None


class Account(_Model):
    """A row of the risk list."""

    rank: int = Field(description="1 is the account most likely to leave")
    account_id: str
    name: str | None
    segment: str | None
    csm: str | None
    mrr: float | None = Field(description="What it pays a month now")
    term_ends_on: date | None
    churn_probability: Probability = Field(description="That it leaves within the horizon after the as_of date")
    risk_band: Band
    mrr_at_risk: float | None
    health_score: float | None = Field(description="0 to 100, higher is healthier")
    health_band: str | None
    watermelon: bool = Field(description="Green by its health score, at risk by the model")
    reasons: list[str] = Field(
        description="The facts that set the account most apart from comparable ones, the first one first"
    )
    playbook: str | None = Field(description="What to do next")
    under_intervention: bool | None = Field(
        None, description="Something that was begun with it is under way; null in weeks that do not say so"
    )
    rank_change: int | None = Field(description="Places moved up the list since the last week; null when new")
    contraction_probability: Probability | None = Field(
        None, description="That its mrr falls within the horizon and it stays; null where that cannot be foreseen"
    )
    expansion_probability: Probability | None = Field(
        None, description="That its mrr rises within the horizon; null where that cannot be foreseen"
    )
    mrr_expected_loss: float | None = Field(None, description="The mrr to expect to lose, by leaving and by shrinking")


class Paging(_Model):
    """Where in the list this page is."""

    page: int
    page_size: int
    pages: int
    total: int = Field(description="Accounts that fit the filters")
    next: str | None = Field(description="Address of the next page; null on the last")


class RiskList(_Model):
    """A page of the risk list."""

    as_of: date
    version: str = Field(description="Changes when a new week is published")
    horizon_days: int | None
    paging: Paging
    accounts: list[Account]


class Reason(_Model):
    """A feature's part in an account's score."""

    feature: str
    family: str
    shap_value: float = Field(description="Log-odds; with base_value they add up to the margin")
    value: float | str | None
    sentence: str
    usual: str = Field(description="What is usual beside it; empty where the sentence tells, or nobody knows")


class PastScore(_Model):
    """An out-of-sample score of a past week."""

    as_of: date
    churn_probability: Probability
    health_score: float | None = None
    health_band: str | None = None
    watermelon: bool | None = None
    churned: bool | None = Field(None, description="Whether it left within the horizon; null where not yet known")


class FormerAccount(_Model):
    """An account that is not on the list any more: it has left, or has given notice."""

    account_id: str
    name: str | None = Field(description="As on the list of the week before; null where it was not on that one either")
    segment: str | None
    csm: str | None


class AccountDetail(_Model):
    """An account: its row, all reasons, its past scores. Of a former one its past scores only."""

    as_of: date
    version: str
    account: Account | None = Field(description="Its row of this week's list; null for a former account")
    former: FormerAccount | None = Field(description="Who it was, where it is not on the list any more; else null")
    base_value: float | None = Field(description="Log-odds before anything is known of the account")
    margin: float | None = Field(description="Log-odds of churn")
    families: dict[str, float] = Field(description="Sum of the SHAP values of each family")
    reasons: list[Reason]
    history: list[PastScore]


class Signed(_Model):
    """Who did something and when; ``number`` is what ``supersedes`` names to replace it or take it back."""

    number: int
    who: str
    at: str = Field(description="ISO 8601, UTC")


class JudgedReason(_Model):
    """A reason of this week's list, and the latest verdict on it."""

    reason: str
    verdict: Literal["useful", "known", "wrong"] | None


class KeptNote(Signed):
    """A note on an account."""

    note: str


class KeptIntervention(Signed):
    """An intervention that was started here; the next run reads it as a row of the table `interventions`."""

    intervention_id: str
    playbook: str
    started_on: date
    ended_on: date | None
    cost: float | None


class KeptCommitment(Signed):
    """What was committed to for a quarter, the latest."""

    quarter: date = Field(description="Its first day")
    category: Category


class AccountFeedback(_Model):
    """What readers said of an account and did about it, until now."""

    as_of: date
    version: str
    account_id: str
    worked: bool = Field(description="Acknowledged, noted on or begun on this week's list, snoozed, or under way")
    acknowledged: Signed | None = Field(description="Who has seen it on this week's list, the latest")
    snoozed_until: date | None = Field(description="It is no news on lists dated before this day")
    assigned_to: str | None = Field(description="The CSM who took it on")
    reasons: list[JudgedReason]
    notes: list[KeptNote] = Field(description="The newest first")
    interventions: list[KeptIntervention]
    commitments: list[KeptCommitment] = Field(description="By quarter")
    acts: list[dict[str, Any]] = Field(description="Everything, in the order in which it came")


class Watermelons(_Model):
    """Accounts that are green by their health score and at risk by the model, and what such flags were worth."""

    as_of: date
    version: str
    paging: Paging
    record: dict[str, Any] | None = Field(description="Measured on past weeks, out of sample; null if not measured")
    accounts: list[Account]


class Young(_Model):
    """An account in launch."""

    account_id: str
    name: str | None = None
    csm: str | None = None
    adoption_probability: Probability | None
    next_step: str | None


class TrueNorth(_Model):
    """The moments after which accounts stay, and how far the young ones are."""

    as_of: date
    version: str
    moments: list[dict[str, Any]]
    words: str | None
    paging: Paging
    accounts: list[Young]


class HealthScore(_Model):
    """The weights of the health score today and those proposed, with the evidence."""

    as_of: date
    version: str
    current: dict[str, float]
    proposed: dict[str, float]
    evidence: dict[str, Any]
    recommend: bool
    words: str | None


Value = bool | FiniteFloat | Annotated[str, Field(max_length=1000)] | None


class ToScore(BaseModel):
    """An account to score."""

    model_config = ConfigDict(extra="forbid")

    account_id: str = Field("", max_length=200, description="Comes back with the score")
    features: dict[Annotated[str, Field(max_length=200)], Value] = Field(
        description="Feature -> value, as in features.parquet; what is missing counts as unknown", max_length=2000
    )


class ScoreRequest(BaseModel):
    """One or many accounts to score."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"accounts": [{"account_id": "A1", "features": {"usage__events__28d": 12, "tickets__open__now": 3}}]}
            ]
        },
    )

    accounts: Annotated[list[ToScore], Field(min_length=1), FailFast()]
    reasons: bool = Field(True, description="False leaves the reasons out, which is quicker")


class Score(_Model):
    """A scored account."""

    account_id: str
    churn_probability: Probability
    margin: float
    reasons: list[str] = Field(description="The facts with a direction that push the risk most; none of the calendar")


class Scores(_Model):
    """Scores, in the order of the request."""

    model: str = Field(description="Name and version of the model")
    horizon_days: int | None
    scores: list[Score]


class Health(_Model):
    """Whether the process runs."""

    status: Literal["ok"]


class Ready(_Model):
    """Which week is served."""

    status: Literal["ready"]
    as_of: date
    version: str
    problem: str | None = Field(description="Why newer results cannot be read and this week is served; null if none")
