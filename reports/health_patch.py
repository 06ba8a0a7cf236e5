"""The proposal as a file of parameters that can be used as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import yaml

from rind.common.facts.health import HealthRecord


class Definition(Protocol):
    """What defines a health score; see `models.health.spec.HealthSpec`."""

    @property
    def weights(self) -> Mapping[str, int]: ...
    @property
    def curves(self) -> Mapping[str, tuple[float, float]]: ...
    @property
    def amber_from(self) -> float: ...
    @property
    def green_from(self) -> float: ...
    @property
    def segments(self) -> Mapping[str, Any]: ...


def patch(record: HealthRecord, today: Definition, proposed: Definition, advised: Definition) -> str:
    """YAML for ``--params``: what is recommended stands ready, what is not stands as a comment with the reason.

    Parameters
    ----------
    record
        health_score.json.
    today, proposed, advised
        The definition now, with all that was proposed, and with only what is recommended.
    """
    curves = record["curves"]
    words = [
        "Proposed by `rind tune-health`. Use: rind run --params health_params.yaml ..., or copy it into params.yaml.",
        f"Weights: {'recommended' if record['recommend'] else 'NOT RECOMMENDED'}. {record['words']}",
        f"Curves: {'recommended' if curves['recommend'] else 'not recommended'}. {curves['words']}",
        *(f"{name}: {of['words']}" for name, of in record["segments"].items()),
    ]
    live, not_live = ({}, _weights(proposed)) if not record["recommend"] else (_weights(advised), {})
    if curves["proposed"]:
        kept = live if curves["recommend"] else not_live
        kept["curves"] = _curves((advised if curves["recommend"] else proposed).curves)
    if not _same(today, advised) and advised.segments:
        live["segments"] = {name: _segment(of) for name, of in advised.segments.items()}
    comments = "\n".join(" ".join(line.split()) for line in words)
    if not_live:
        comments += "\n" + _yaml({"health": not_live})
    return "".join(f"# {line}\n" for line in comments.splitlines()) + _yaml({"health": live})


def _same(one: Definition, other: Definition) -> bool:
    return (one.weights, one.curves, one.amber_from, one.green_from, one.segments) == (
        other.weights, other.curves, other.amber_from, other.green_from, other.segments,
    )  # fmt: skip


def _weights(of: Definition) -> dict[str, Any]:
    limits = {"amber_from": _number(of.amber_from), "green_from": _number(of.green_from)}
    return {"weights": dict(of.weights), **limits}


def _curves(curves: Mapping[str, tuple[float, float]]) -> dict[str, list[float]]:
    """All of them: a file replaces the mapping as a whole."""
    return {feature: [_number(bad), _number(good)] for feature, (bad, good) in curves.items()}


def _segment(of: Any) -> dict[str, Any]:
    return ({"weights": dict(of.weights)} if of.weights else {}) | ({"curves": _curves(of.curves)} if of.curves else {})


def _number(value: float) -> float:
    """As a person would write it: six digits, no point where none is needed."""
    short = float(f"{value:g}")
    return int(short) if short.is_integer() else short


def _yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, default_flow_style=None, width=200)
