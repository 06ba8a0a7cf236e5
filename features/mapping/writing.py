"""mapping.yaml as a person would write it: comments where something must be decided."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import yaml

from rind.features.mapping.recognition import FoundInput
from rind.features.mapping.registry import System
from rind.features.mapping.spec import Column, Spec

_HEAD = """\
# Written by `rind map`. Read it, change it; the SQL files beside it make the tables of the contract from these inputs.
# docs/mapping.md explains every key, docs/sources/ what is made of each system.
"""


def mapping_yaml(
    spec: Spec,
    known: Mapping[str, System],
    inputs: Mapping[str, FoundInput],
    questions: list[str],
    money: Mapping[str, int],
) -> str:
    """The text of mapping.yaml.

    Parameters
    ----------
    money
        Currency -> accounts that have a subscription in it.
    """
    titles = {name: (s.title, i.about) for s in known.values() for name, i in s.inputs.items()}
    blocks = [_HEAD, _questions(questions), _top(spec, money), "inputs:"]
    for name, one in inputs.items():
        blocks.append(_input(name, one, *titles.get(name, ("", ""))))
    if spec.words:
        blocks.append(
            "\nwords:   # text in the exports -> what it means; * stands for any letters, the first that fits counts"
        )
        blocks += [
            f"  {name}:\n" + "\n".join(f"    {_flow(w)}: {_flow(m)}" for w, m in meanings.items())
            for name, meanings in spec.words.items()
        ]
    return "\n".join(b for b in blocks if b) + "\n"


def _questions(questions: list[str]) -> str:
    if not questions:
        return ""
    wrapped = (textwrap.fill(q, 124, initial_indent="#   - ", subsequent_indent="#     ") for q in questions)
    return "#\n# To know and to decide:\n" + "\n".join(wrapped) + "\n"


def _top(spec: Spec, money: Mapping[str, int]) -> str:
    own = f"{money[spec.currency]} accounts" if spec.currency else "no export names one"
    lines = [
        f"exports: {_flow(spec.exports)}",
        f"time_zone: {spec.time_zone}".ljust(28) + "# of times that do not say their own",
        f"currency: {_flow(spec.currency)}".ljust(28) + f"# the company's own ({own})",
    ]
    if spec.rates:
        lines.append("rates:".ljust(28) + f"# CHOOSE: how many {spec.currency} one unit is worth, such as 0.9")
        lines += [
            f"  {code}: {rate or ''}".ljust(28) + f"# {money[code]} accounts" for code, rate in spec.rates.items()
        ]
    return "\n".join(lines) + "\n"


def _input(name: str, one: FoundInput, title: str, about: str) -> str:
    place = f"file: {_flow(one.spec.file)}" if one.spec.file else f"table: {_flow(one.spec.table)}"
    lines = [f"\n  # {title}: {about}" if title else "", f"  {name}:", f"    {place}", "    columns:"]
    lines += [_column(c, detail, one.questions.get(c, "")) for c, detail in one.spec.columns.items() if detail.source]
    if one.missing:
        lines.append("      # not in this export: name them where it has them under another name")
        lines += [_column(c, one.spec.columns[c], "") for c in one.missing]
    return "\n".join(line for line in lines if line)


def _column(name: str, column: Column, question: str) -> str:
    keys = {k: v for k, v in column.model_dump(by_alias=True).items() if v and not (k == "as" and v == "text")}
    keys = {"from": column.source} | keys
    text = f"      {name}: {_flow(keys if len(keys) > 1 else column.source)}"
    return f"{text}   # QUESTION: {question}" if question else text


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")
