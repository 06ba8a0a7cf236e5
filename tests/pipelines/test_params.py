from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from rind.common.errors import ParamsError
from rind.pipelines.params import AFTER_A_RUN, DEFAULTS, load


def file(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def test_the_shipped_parameters_load_and_those_of_the_contract_have_its_defaults() -> None:
    params = load()
    assert (params.labels.horizon_days, params.labels.grace_days, params.snapshots.every_days) == (90, 30, 7)
    assert isinstance(params.seed, int)
    assert sum(params.health.weights.values()) == 100
    assert params.playbooks[-1].family == "*"


def test_every_number_that_is_a_time_has_its_unit_in_the_key() -> None:
    units = ("_days", "_dates", "years", "_minutes", "_seconds")
    timely = ("horizon", "grace", "every", "within", "launch", "retention", "history", "age", "ago")
    loose = [key for key in _keys(yaml.safe_load(DEFAULTS.read_text())) if any(t in key.split("_") for t in timely)]
    assert loose
    assert [key for key in loose if not key.endswith(units)] == ["retention"]  # a section


def test_a_file_may_name_only_some_keys(tmp_path: Path) -> None:
    params = load(file(tmp_path, "labels: {horizon_days: 30}\nseed: 1\nsource: {as_of: 2024-05-06}\n"))
    assert (params.labels.horizon_days, params.labels.grace_days, params.seed) == (30, 30, 1)
    assert params.source.as_of == date(2024, 5, 6)


def test_an_override_wins_over_the_file_and_reaches_inside_with_dots(tmp_path: Path) -> None:
    given = file(tmp_path, "labels: {horizon_days: 30, grace_days: 5}")
    params = load(given, ["labels.horizon_days=60", "seed=3", "true_north.within_days=[7, 14]", "model.monotone=false"])
    assert (params.labels.horizon_days, params.labels.grace_days, params.seed) == (60, 5, 3)
    assert params.true_north.within_days == (7, 14)
    assert params.model.monotone is False


def test_a_file_replaces_a_mapping_of_names_and_an_override_changes_one_of_it(tmp_path: Path) -> None:
    alone = "health: {weights: {usage: 100}, curves: {usage__x__28d: [1, 2]}}"
    assert load(file(tmp_path, alone)).health.weights == {"usage": 100}
    weights = load(overrides=["health.weights.usage=30", "health.weights.tickets=25"]).health.weights
    assert weights == load().health.weights | {"usage": 30, "tickets": 25}
    assert load(overrides=["health.curves.usage__x__28d=[1, 2]"]).health.curves["usage__x__28d"] == (1, 2)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("labels.horizon=30", "there is no parameter labels.horizon (known here: horizon_days, grace_days)"),
        ("sead=1", "there is no parameter sead"),
        ("labels.horizon_days=soon", "labels.horizon_days: Input should be a valid integer"),
        ("labels.horizon_days=0", "labels.horizon_days: Input should be greater than or equal to 1"),
        ("labels.horizon_days=1.5", "labels.horizon_days"),
        ("model.boosting_weight=2", "model.boosting_weight: Input should be less than or equal to 1"),
        ("seed.x=3", "seed: Input should be a valid integer"),
        ("labels=3", "labels"),
        ("seed=[1", "is not YAML"),
        ("seed", "--set takes KEY=VALUE, not 'seed'"),
        ("=3", "--set takes KEY=VALUE"),
        ("playbooks=[{family: usage}]", "playbooks.0.do: Field required"),
    ],
)
def test_an_override_that_cannot_be_used_is_refused_in_words(override: str, said: str) -> None:
    with pytest.raises(ParamsError) as refused:
        load(overrides=[override])
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_all_errors_are_told_at_once_unknown_keys_too(tmp_path: Path) -> None:
    given = file(tmp_path, "labels: {horizont: 3, grace_days: -1}\nmodell: {}\n")
    with pytest.raises(ParamsError) as refused:
        load(given, ["model.bags=none", "seed_=1"])
    for part in ("labels.horizont", "modell", "seed_", "labels.grace_days", "model.bags"):
        assert part in str(refused.value), part


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words"])
def test_a_file_without_parameters_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ParamsError, match="holds no parameters"):
        load(file(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"cannot read the parameters .*absent\.yaml"):
        load(tmp_path / "absent.yaml")


def test_parameters_are_frozen() -> None:
    labels: Any = load().labels  # the types forbid it too
    with pytest.raises(ValueError, match="frozen"):
        labels.horizon_days = 3


def test_what_is_written_down_of_the_parameters_holds_no_password() -> None:
    url = "postgres://me:hunter2@host/crm?sslpassword=hunter3"
    params = load(overrides=[f"source.url={url}", f"results_store.url={url}"])
    assert params.source.url == url
    assert "hunter" not in str(params.record())
    kept = params.model_dump(mode="json", exclude=set(AFTER_A_RUN))
    assert params.record() | {"source": None} == kept | {"source": None}


@pytest.mark.parametrize("url", ["postgres://me:hunter2@host/db", "postgres://me@host/db?password=hunter2"])
@pytest.mark.parametrize(
    "override", ["source.uri={}", "source={}", "{}", "sead={}", "seed={}", "seed=[{}", "threads={{url: '{}'}}"]
)
def test_what_is_said_of_an_override_that_cannot_be_used_holds_no_password(override: str, url: str) -> None:
    with pytest.raises(ParamsError) as refused:
        load(overrides=[override.format(url)])
    assert "hunter2" not in str(refused.value)
    assert "://me" in str(refused.value) or "there is no parameter" in str(refused.value)


def test_what_is_said_of_a_file_that_cannot_be_used_holds_no_password(tmp_path: Path) -> None:
    url = "postgres://me:hunter2@host/db"
    for text in (f"source: {url}", f"source: {{uri: '{url}'}}", f"{url}: 3", f"source: [{url}", f"seed: {url}"):
        with pytest.raises(ParamsError) as refused:
            load(file(tmp_path, text))
        assert "hunter2" not in str(refused.value), text


def _keys(values: dict[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        yield key
        if isinstance(value, dict):
            yield from _keys(value)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("health.weights.usage=50", "add up to 110"),
        ("health.green_from=10", "health bands"),
        ("health.curves.usage__x__28d=[1, 1]", "two different finite numbers"),
        ("watermelons.precision=0.5", "exactly one of them"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_before_any_work(override: str, reason: str) -> None:
    with pytest.raises(ParamsError) as refused:
        load(overrides=[override])
    assert reason in str(refused.value)


FREE = {"weights", "curves", "bounds", "fit_usage_factor", "crm", "salesforce", "hubspot", "segments", "playbooks"}
"""Parameters whose keys are a person's own words (families, features, fields): the comment stands with the whole."""


def uncommented(text: str) -> list[str]:
    """The parameters of params.yaml that no comment explains: none on their line, none on the line above."""
    lines, lacking, free = text.splitlines(), list[str](), -1
    for above, line in pairwise(["", *lines]):
        key = re.match(r"( *)([a-z_0-9]+):(.*)$", line)
        if key is None or (free >= 0 and len(key[1]) > free):
            continue
        free = len(key[1]) if key[2] in FREE else -1
        opens = key[3].partition("#")[0].strip() == ""
        if not opens and "#" not in line and not above.lstrip().startswith("#") and key[2] != "answer":
            lacking.append(key[2])
    return lacking


def test_every_parameter_has_a_comment() -> None:
    assert uncommented(DEFAULTS.read_text(encoding="utf-8")) == []
    assert uncommented("a: 1\n# said\nb: 2\nc: 3  # said\nweights:\n  usage: 40\nd:\n  e: 5\n") == ["a", "e"]
