"""The validation of a source as a run with the shipped parameters does it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rind.features import validation
from rind.features.history import HistoryNeed
from rind.features.problems import Report
from rind.features.sources import Source
from rind.features.validation import Checked
from rind.features.validation_settings import ValidationSettings
from rind.pipelines.params import load
from rind.pipelines.stages.validate import need

PARAMS = load()


def shipped(**sections: dict[str, Any]) -> ValidationSettings:
    """The settings of params.yaml, but for what is named: ``shipped(limits={"table_share": 0.1})``."""
    values = PARAMS.validation.model_dump()
    return ValidationSettings.model_validate(values | {name: values[name] | keys for name, keys in sections.items()})


def history_need(**days: int) -> HistoryNeed:
    """What the shipped parameters ask of the history, but for what is named."""
    return replace(need(PARAMS), **days)


def check(source: Source, *args: Any, **named: Any) -> Checked:
    """`features.validation.check` with what params.yaml asks for, where nothing else is given."""
    return validation.check(source, *args, **{"settings": shipped(), "need": history_need(), **named})


def validate(source: Source, *args: Any, **named: Any) -> Report:
    """The report of `check`."""
    return check(source, *args, **named).report
