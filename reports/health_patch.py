"""The proposal as a file of parameters that can be used as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Curve(Protocol):
    """A feature and the values that are bad and good."""

    @property
    def feature(self) -> str: ...
    @property
    def bad(self) -> float: ...
    @property
    def good(self) -> float: ...


class Definition(Protocol):
    """What defines a health score; see `models.health_spec.HealthSpec`."""

    @property
    def weights(self) -> Mapping[str, int]: ...
    @property
    def curves(self) -> tuple[Any, ...]: ...
    @property
    def amber_from(self) -> float: ...
    @property
    def green_from(self) -> float: ...
    @property
    def segments(self) -> Mapping[str, Any]: ...


def patch(found: Mapping[str, Any], today: Definition, proposed: Definition, advised: Definition) -> str:
    """YAML for ``--params``: what is recommended stands ready, what is not stands as a comment with the reason.

    Parameters
    ----------
    found
        health_score.json.
    today, proposed, advised
        The definition now, with all that was proposed, and with only what is recommended.
    """
    lines = [
        "# Proposed by `rind tune-health`. Use: rind run --params health_params.yaml ..., or copy it into params.yaml.",
        f"# Weights: {'recommended' if found['recommend'] else 'NOT RECOMMENDED'}. {found['words']}",
        f"# Curves: {'recommended' if found['curves']['recommend'] else 'not recommended'}. {found['curves']['words']}",
    ]
    lines += [f"# {name}: {of['words']}" for name, of in found["segments"].items()]
    nothing = _same(today, advised)
    lines.append("health: {}" if nothing else "health:")
    lines += _weights(proposed, live=found["recommend"])
    if found["curves"]["proposed"]:
        live = bool(found["curves"]["recommend"])
        lines += [_said("  curves:", live), *(_said(line, live) for line in _curves(proposed))]
    lines += _segments(advised)
    return "\n".join(lines) + "\n"


def _same(one: Definition, other: Definition) -> bool:
    return (one.weights, one.curves, one.amber_from, one.green_from, one.segments) == (
        other.weights, other.curves, other.amber_from, other.green_from, other.segments,
    )  # fmt: skip


def _said(line: str, live: bool) -> str:
    return line if live else f"#{line}"


def _weights(of: Definition, live: bool) -> list[str]:
    inside = ", ".join(f"{family}: {weight}" for family, weight in of.weights.items())
    lines = [f"  weights: {{{inside}}}", f"  amber_from: {of.amber_from:g}", f"  green_from: {of.green_from:g}"]
    return [_said(line, live) for line in lines]


def _curves(of: Definition) -> Iterator[str]:
    """All of them: a file replaces the mapping as a whole."""
    for curve in of.curves:
        yield f"    {curve.feature}: [{curve.bad:g}, {curve.good:g}]"


def _segments(advised: Definition) -> list[str]:
    if not advised.segments:
        return []
    lines = ["  segments:"]
    for name, of in advised.segments.items():
        lines.append(f"    {name}:")
        if of.weights:
            inside = ", ".join(f"{family}: {weight}" for family, weight in of.weights.items())
            lines.append(f"      weights: {{{inside}}}")
        if of.curves:
            inside = ", ".join(f"{c.feature}: [{c.bad:g}, {c.good:g}]" for c in of.curves)
            lines.append(f"      curves: {{{inside}}}")
    return lines
