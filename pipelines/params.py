"""params.yaml, typed and frozen: the one door through which a tunable number comes in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, Field, ValidationError

from rind.common.errors import ParamsError
from rind.common.results import MANIFEST
from rind.common.settings import Count, Days, Positive, Section
from rind.features.engine_settings import EngineSettings
from rind.features.guards.settings import SourceGuards
from rind.features.locations import masked, masked_text, place_name
from rind.features.outcome_settings import OutcomeName, OutcomeSpec
from rind.features.validation_settings import ValidationSettings
from rind.models.adoption.settings import AdoptionSettings
from rind.models.book.settings import BookSettings
from rind.models.book.voice_settings import AdvocateSettings, PersonaSettings, VoiceSettings
from rind.models.churn.settings import FitSettings, HorizonSettings
from rind.models.common.settings import LabelWindow
from rind.models.effects.settings import EffectSettings
from rind.models.evaluation.settings import CapacitySettings, Order, WorthSettings
from rind.models.guards.settings import ModelGuards
from rind.models.health.settings import TuningSettings
from rind.models.health.spec import HealthSpec
from rind.models.moments.settings import SearchSettings
from rind.models.monitor.settings import MonitorSettings
from rind.models.outcomes.settings import OutcomeModelSettings
from rind.models.watermelons.settings import WatermelonSettings
from rind.pipelines.feature_store_settings import FeatureStoreSettings
from rind.pipelines.private_files import FileSettings
from rind.pipelines.retention_settings import RetentionSettings
from rind.pipelines.tracking_settings import TrackingSettings
from rind.reports.settings import PlaybookRule, ReasonSettings
from rind.serving.access.company_login.settings import OidcSettings
from rind.serving.deliver.settings import DeliverySettings
from rind.serving.logs import LogFormat
from rind.serving.settings import plain_address, proxy_network

DEFAULTS = Path(__file__).parent.parent / "params.yaml"

AFTER_A_RUN = ("serving", "results_store", "deliveries", "tracking", "files", "feature_store", "retention")
"""Sections that no result depends on: what is done with the results afterwards, and how models and finished features
are kept.
"""


class SourceParams(Section):
    url: str
    name: str = ""
    watch: str = ""
    data_end: date | None = None
    as_of: date | None = None
    strict: bool = False
    without: tuple[str, ...] = ()
    feedback: str = ""

    @property
    def title(self) -> str:
        """Whose accounts these are, for the head of a page: the name that was given, else that of the folder, file or
        database; never where it lies.
        """
        return self.name or place_name(self.url)


class DemoParams(Section):
    accounts: Annotated[int, Field(ge=20)]
    years: Annotated[float, Field(ge=1)]
    seed: int
    scenario: str


class AccountParams(Section):
    unit: Literal["account", "parent"]


class MoneyParams(Section):
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")]


class RenewalParams(Section):
    main_share: Annotated[float, Field(gt=0, le=1)]


class PluginParams(Section):
    families: tuple[str, ...]


class SnapshotParams(Section):
    every_days: Days
    history_days: Days


class LabelParams(LabelWindow):
    horizon_days: Days


class BacktestParams(Section):
    days: Days
    refit_every_days: Days
    min_train_dates: Count


class ModelParams(FitSettings):
    """How models are fitted, searched, named and logged."""

    name: str
    experiment: str
    train_every_days: Days
    search_trials: Annotated[int, Field(ge=0)]
    estimator: str | None
    search_folds: Count


class MetricParams(Section):
    bootstrap_draws: Annotated[int, Field(ge=20)]
    fewest_expected: Positive


class PromotionParams(Section):
    fewest_churned: Annotated[int, Field(ge=2)]


class RiskParams(Section):
    order: Order
    red_times_base: Positive
    amber_times_base: Positive
    red_at_most: Annotated[float, Field(gt=0, lt=1)]
    unknown_base_rate: Annotated[float, Field(gt=0, lt=1)]
    watch_top: Count


class HealthParams(HealthSpec):
    """The health score, how long answers about it count, and how it is tuned."""

    own_score_max_age_days: Days
    fit_max_age_days: Days
    bounds: dict[str, tuple[int, int]]
    tuning: TuningSettings


class TrueNorthParams(SearchSettings):
    """The search for moments, and the first days that it looks at."""

    within_days: tuple[Days, ...]
    launch_days: Days
    integration_modules: tuple[str, ...]
    value_features: tuple[str, ...]


class PageParams(Section):
    top: Count
    timeline_days: Days


class ResultsStoreParams(Section):
    url: str | None
    grace_minutes: Annotated[float, Field(ge=0)]
    keep_detail_weeks: Count | None
    connect_seconds: Count
    publish_seconds: Annotated[float, Field(gt=0)]


class GuardParams(Section):
    source: SourceGuards
    model: ModelGuards


class ServingParams(Section):
    port: Annotated[int, Field(ge=1, le=65535)]
    access: str
    https: bool
    hosts: tuple[str, ...]
    addresses: Annotated[tuple[Annotated[str, AfterValidator(plain_address)], ...], Field(min_length=1)]
    proxies: tuple[Annotated[str, AfterValidator(proxy_network)], ...]
    csm_sees: Literal["own_first", "own_only"]
    local_users: bool
    oidc: OidcSettings
    page_size: Annotated[int, Field(ge=1, le=500)]
    session_hours: Positive
    login_attempts_per_minute: Count
    refresh_seconds: Positive
    max_body_mb: Count
    max_score_accounts: Count
    max_connections: Annotated[int, Field(ge=10)]
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")]
    mlflow_url: Annotated[str, Field(pattern="^(https?://.*)?$")]
    log_format: LogFormat
    shutdown_seconds: Count


class Params(Section):
    """All parameters of a run; unknown keys are refused."""

    source: SourceParams
    seed: int
    threads: Count
    engine: EngineSettings
    accounts: AccountParams
    money: MoneyParams
    renewals: RenewalParams
    demo: DemoParams
    validation: ValidationSettings
    plugins: PluginParams
    snapshots: SnapshotParams
    labels: LabelParams
    backtest: BacktestParams
    model: ModelParams
    horizons: HorizonSettings
    metrics: MetricParams
    monitor: MonitorSettings
    effects: EffectSettings
    promotion: PromotionParams
    risk: RiskParams
    worth: WorthSettings
    capacity: CapacitySettings
    reasons: ReasonSettings
    health: HealthParams
    watermelons: WatermelonSettings
    outcomes: dict[OutcomeName, OutcomeSpec]
    outcome_models: OutcomeModelSettings
    true_north: TrueNorthParams
    adoption: AdoptionSettings
    book: BookSettings
    advocates: AdvocateSettings
    voice: VoiceSettings
    personas: PersonaSettings
    page: PageParams
    serving: ServingParams
    guards: GuardParams
    playbooks: tuple[PlaybookRule, ...]
    results_store: ResultsStoreParams
    deliveries: DeliverySettings
    tracking: TrackingSettings
    feature_store: FeatureStoreSettings
    files: FileSettings
    retention: RetentionSettings

    def only(self, sections: Iterable[str]) -> Params:
        """The same parameters with no section in sight but these: a stage cannot use what it does not declare."""
        return Params.model_construct(**{name: getattr(self, name) for name in sections})

    @classmethod
    def recorded_sections(cls) -> list[str]:
        """The sections that results depend on."""
        return [name for name in cls.model_fields if name not in AFTER_A_RUN]

    def record(self) -> dict[str, Any]:
        """The parameters as plain values to write down: without passwords, and without where results are sent."""
        values = self.model_dump(mode="json", exclude=set(AFTER_A_RUN))
        return values | {"source": values["source"] | {"url": masked(self.source.url)}}


def load(
    path: Path | None = None,
    overrides: Sequence[str] = (),
    base: Path = DEFAULTS,
    recorded: dict[str, Any] | None = None,
) -> Params:
    """Read parameters: the defaults, then a file that may name only some keys, then KEY=VALUE overrides.

    Parameters
    ----------
    path
        A params file; None takes the product's own params.yaml alone.
    overrides
        ``labels.horizon_days=30``: dots for nesting, values as YAML.
    recorded
        What a finished run wrote down, laid over the defaults; keys that no longer exist are passed over.

    Raises
    ------
    ParamsError
        A key does not exist, a value has the wrong type or is out of range; all of them at once.
    """
    values, unknown = _read(base), []
    _merge(values, recorded or {}, MANIFEST, whole=OPEN)
    if path is not None and path.resolve() != base.resolve():
        unknown += _merge(values, _read(path), str(path), whole=OPEN)
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals or not key.strip():
            shown = masked_text(repr(override))
            raise ParamsError(f"--set takes KEY=VALUE, not {shown}", "for example --set labels.horizon_days=30")
        where = masked_text(f"--set {key.strip()}")
        unknown += _merge(values, _nested(key.strip().split("."), _yaml(value, where)), where)
    try:
        params = Params.model_validate(values)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']} (given: {e['input']!r})" for e in error.errors()]
        raise _unusable([*unknown, *lines]) from None
    if unknown:
        raise _unusable(unknown)
    return params


def _unusable(lines: list[str]) -> ParamsError:
    text = masked_text("\n  ".join(lines))  # a wrong value, or the key that was taken for one, may hold a password
    return ParamsError(f"parameters that cannot be used:\n  {text}", "see params.yaml")


def _read(path: Path) -> dict[str, Any]:
    try:
        values = _yaml(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ParamsError(f"cannot read the parameters {path}: {error.strerror}", "give a YAML file") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{path} holds no parameters", "it should look like params.yaml: section, then key: value")
    return values


def _yaml(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ParamsError(f"{where} is not YAML: {masked_text(str(error))}") from None


def _nested(keys: list[str], value: Any) -> dict[str, Any]:
    return {keys[0]: _nested(keys[1:], value) if len(keys) > 1 else value}


OPEN = frozenset(
    {
        "validation.limits.rules", "health.weights", "health.bounds", "health.curves", "health.segments",
        "deliveries.csms", "deliveries.crm", "deliveries.slack.csms", "outcomes",
        "serving.oidc.roles",
    }
)  # fmt: skip
"""Mappings whose keys are names, not settings: a user's file replaces them as a whole, an override one of them."""


def _merge(
    values: dict[str, Any], more: dict[str, Any], where: str, inside: str = "", whole: frozenset[str] = frozenset()
) -> list[str]:
    """Lay ``more`` over ``values``, in place; return a sentence for each key that does not exist."""
    unknown: list[str] = []
    for key, value in more.items():
        path = f"{inside}.{key}" if inside else str(key)
        if key not in values and inside not in OPEN:
            unknown.append(f"{where}: there is no parameter {path} (known here: {', '.join(map(str, values))})")
        elif isinstance(values.get(key), dict) and isinstance(value, dict) and path not in whole:
            unknown += _merge(values[key], value, where, path, whole)
        else:
            values[key] = value
    return unknown
