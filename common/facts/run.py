"""What a run writes down of itself: run.json, metrics.json, the models it registered, the feature catalogue.

Days are texts, YYYY-MM-DD, as JSON holds them.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from rind.common.facts.calibration import Calibration
from rind.common.facts.figures import Figure
from rind.common.facts.watermelons import WatermelonFigures

Measured = dict[str, Figure]
"""Metric -> its figure."""


class FileRecord(TypedDict):
    """A result in the manifest of run.json: its size and SHA-256."""

    bytes: int
    sha256: str


class Extent(TypedDict):
    """How much was measured.

    ``rows`` are (account, as_of) with a known outcome, ``accounts`` and ``churned_accounts`` the accounts among them,
    ``dates`` their dates; ``base_rate`` is the share of the rows that churned, None where there are none.
    """

    rows: int
    accounts: int
    churned_accounts: int
    dates: int
    base_rate: float | None


class Part(TypedDict, total=False):
    """The figures of a part of the rows: a segment, or the accounts whose term ends inside the horizon.

    Empty where the part has no rows.
    """

    model: Measured
    baseline: Measured
    model_minus_baseline: Measured
    rows: Extent


class UnderIntervention(TypedDict):
    """What interventions mean for the measured past.

    Parameters
    ----------
    weight
        ``model.intervention_weight``: how much such a row taught.
    rows, accounts, share
        Measured rows that an intervention may have turned, their accounts, and their share of all rows.
    base_rate, base_rate_of_others
        Share of them that churned, and of all other rows; None where there are none.
    these, others
        AUC and average precision on them, and on all other rows; beside the model's on all.
    """

    weight: float
    rows: int
    accounts: int
    share: float | None
    base_rate: float | None
    base_rate_of_others: float | None
    these: Measured
    others: Measured


class TrainingSample(TypedDict):
    """The rows that the model learned from, and of how many they were drawn (`models.churn.training_sample`)."""

    rows: int
    sampled_from: int


class Metrics(TypedDict):
    """The content of metrics.json; ``orders``: order of the list -> money that it would have kept a week.

    ``training_sample`` is absent where the model learned from all rows.
    """

    model: Measured
    boosting: Measured
    baseline: Measured
    model_minus_baseline: Measured
    segments: dict[str, Part]
    renewals: Part
    rows: Extent
    watermelons: WatermelonFigures
    orders: dict[str, Figure]
    under_intervention: UnderIntervention
    calibration: Calibration
    training_sample: NotRequired[TrainingSample]


class FittedNotes(TypedDict):
    """What the fitted model says of itself: which estimator stands, and the accounts and rows that it learned from.

    ``sampled_from`` is absent where it learned from all rows.
    """

    model: str
    churned_accounts: int
    rows: int
    sampled_from: NotRequired[int]


class SearchRecord(TypedDict):
    """The content of hyperparameters.json: what was chosen, on the folds of which dates, and every trial."""

    chosen: dict[str, float]
    searched_at: list[str]
    trials: list[dict[str, float]]


class Registered(TypedDict):
    """A model version as it was registered, and the alias that it earned.

    Parameters
    ----------
    verdict
        Why it earned the alias, in a sentence.
    judged_against
        The version of the champion then; None: there was none.
    versions
        The latest versions of the model, newest first; the churn model's only.
    difference
        Of average precision to the champion; None where the two were not compared.
    store
        The address of MLflow's store, from the folder of the results where it lies with them; the churn model's only.
    """

    name: str
    run_id: str
    version: str
    alias: str
    verdict: str
    judged_against: str | None
    versions: NotRequired[list[dict[str, Any]]]
    difference: NotRequired[Figure | None]
    store: NotRequired[str]


class RegisteredOutcome(Registered):
    """The model version of an outcome, by the outcome's name."""

    outcome: str


class Promoted(TypedDict):
    """What became of an alias: whether it moved to the version; ``adoption`` and ``outcomes`` are the same of the
    other models.
    """

    name: str
    version: str
    alias: str
    moved: bool
    adoption: NotRequired[Promoted]
    outcomes: NotRequired[list[Promoted]]


class ScoredBy(TypedDict):
    """The model that made the list."""

    name: str
    version: str


class FactsRecord(TypedDict):
    """The content of facts.json; `reports.facts.RunFacts` says what each means."""

    company: str
    as_of: str
    data_end: str
    horizon_days: int
    red_from: float
    amber_from: float
    model: str
    left_out: dict[str, str]
    notes: list[str]
    further_notes: list[str]
    withheld: str
    too_good: str
    currency: str


class RunRecord(TypedDict):
    """The content of run.json.

    Parameters
    ----------
    schema
        The form of the results: `common.run_record.SCHEMA`.
    facts
        Those of facts.json that pages print again (`reports.facts.RECORDED`).
    parameters
        params.yaml, section by section, without what is done with the results afterwards.
    seconds
        Stage -> seconds.
    parts_missing
        Stage -> why what it makes is missing this week.
    manifest
        Path -> every other result.
    """

    schema: int
    source: str
    data_end: str
    as_of: str
    previous_as_of: str
    facts: dict[str, Any]
    tables: dict[str, int]
    absent_tables: list[str]
    families_left_out: dict[str, str]
    parameters: dict[str, Any]
    versions: dict[str, str]
    seconds: dict[str, float]
    parts_missing: dict[str, str]
    manifest: dict[str, FileRecord]
    mlflow: Registered
    scored_by: ScoredBy


class FeatureEntry(TypedDict):
    """A feature in catalogue.json; `features.catalogue.Feature` says what each means."""

    name: str
    family: str
    description: str
    unit: str
    direction: int
    sentence: str
    when_zero: str
    when_missing: str
    when_one: str
