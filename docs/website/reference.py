"""The pages of the reference that are printed from the code each time that the site is built, so that none is ever old.

What a run writes (docs/results.md) and what it reads (docs/data-contract.md) are printed from the code too, but kept in
git: people agree on them, so a change must be seen in a review.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from rind.pipelines.params import DEFAULTS, Params


@dataclass(frozen=True)
class Parameter:
    """A leaf of params.yaml.

    Parameters
    ----------
    key
        With dots for nesting, as `--set` takes it.
    value
        As it stands in the file, on one line.
    comment
        The comment lines above it, or the one beside it; where there is none, that of its group.
    """

    key: str
    value: str
    comment: str


def parameters(text: str) -> Iterator[Parameter]:
    """Every parameter of the file, in its order; a list or an empty mapping is one parameter."""
    document = yaml.compose(text)
    assert isinstance(document, yaml.MappingNode)
    yield from _leaves(document, yaml.safe_load(text), text.splitlines(), (), "")


def _leaves(
    node: yaml.MappingNode, given: dict[str, Any], lines: list[str], above: tuple[str, ...], group: str
) -> Iterator[Parameter]:
    for name, below in node.value:
        path, value = (*above, name.value), given[name.value]
        comment = _comment(lines, name.start_mark.line)
        if isinstance(value, dict) and value and not below.flow_style:
            yield from _leaves(below, value, lines, path, comment)
        else:
            flow = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
            yield Parameter(".".join(path), flow.strip().removesuffix("\n..."), comment or group)


def _comment(lines: list[str], line: int) -> str:
    """The comment directly above a line, else the one behind its value."""
    first = line
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    above = " ".join(text.strip().lstrip("# ") for text in lines[first:line])
    beside = re.search(r"\s#\s(.+)$", lines[line])
    return above or (beside[1] if beside else "")


def parameters_page() -> str:
    """Every parameter with its default, what is allowed, and what it does."""
    text, schema = DEFAULTS.read_text(encoding="utf-8"), Params.model_json_schema()
    head = """# Parameters

All that a person may tune stands in `params.yaml`, which comes with the package. `--set KEY=VALUE` changes one
parameter of one command; `--params FILE` reads a YAML file with those that differ in your company.
"""
    blocks, section = [head], ""
    for parameter in parameters(text):
        name, _, rest = parameter.key.partition(".")
        if rest and name != section:
            blocks.append(f"## {name}\n")
        section = name if rest else section
        allowed = allowed_values(schema, parameter.key.split("."))
        blocks.append(f"`{parameter.key}`: `{shortened(parameter.value)}`{f' ({allowed})' if allowed else ''}")
        blocks.append(f": {parameter.comment}\n")
    return "\n".join(blocks)


def shortened(value: str, most: int = 120) -> str:
    """A value on one line of a page; a long list is cut."""
    return value if len(value) <= most else f"{value[:most]} ..."


def allowed_values(schema: dict[str, Any], path: list[str]) -> str:
    """What the settings' models allow at a path: type, limits or choices; "" where the schema does not say."""
    node: dict[str, Any] = schema
    for name in path:
        node = _resolved(node, schema)
        node = node.get("properties", {}).get(name) or node.get("additionalProperties") or {}
        if not isinstance(node, dict):
            return ""
    return _words(_resolved(node, schema))


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node


TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false", "array": "list",
         "object": "mapping", "null": "null"}  # fmt: skip
LIMITS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}


def _words(node: dict[str, Any]) -> str:
    if "anyOf" in node:
        return " or ".join(filter(None, map(_words, node["anyOf"])))
    if "enum" in node:
        return " or ".join(str(choice) for choice in node["enum"])
    limits = [f"{words} {node[key]:g}" for key, words in LIMITS.items() if key in node]
    kind = TYPES.get(node.get("type", ""), "")
    return ", ".join(filter(None, [kind, *limits]))


LONGEST_SENTENCE = 500


def commands_page() -> str:
    """Every command with its options and examples, as `--help` has them."""
    import typer
    from typer.cli import get_docs_for_click

    from rind.pipelines.cli.app import app

    group = typer.main.get_command(app)
    context = typer.Context(group, info_name="rind")
    text = get_docs_for_click(obj=group, ctx=context, name="rind", title="Commands")
    text = re.sub(r"^ {2}(rind .+)$", r"    \1", text, flags=re.MULTILINE)  # an example becomes a block of code
    return with_whole_sentences(text, group, "rind")


def with_whole_sentences(text: str, group: Any, name: str) -> str:
    """The lists of commands with whole sentences, where typer cuts them, and with links to what each command takes."""
    for command_name, command in getattr(group, "commands", {}).items():
        cut = f"* `{command_name}`: {command.get_short_help_str()}"
        link = f"[`{command_name}`](#{name}-{command_name})"
        text = text.replace(cut, f"* {link}: {command.get_short_help_str(limit=LONGEST_SENTENCE)}", 1)
        text = with_whole_sentences(text, command, f"{name}-{command_name}")
    return text


def api_document() -> dict[str, Any]:
    """The OpenAPI document that `rind serve` answers at /v1/openapi.json."""
    from rind.serving.access.access_file import Access
    from rind.serving.app import create_app
    from rind.serving.store.protocols import Store

    with tempfile.TemporaryDirectory() as folder:
        no_store = cast(Store, None)  # describing the API reads no week
        document: dict[str, Any] = create_app(no_store, Access(Path(folder) / "access.sqlite")).openapi()
    return document


def api_page() -> str:
    """Every address of the API: what it answers, what it takes."""
    document = api_document()
    blocks = ["# API\n", document["info"]["description"], ""]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            blocks += _operation(f"{method.upper()} {path}", operation)
    blocks.append("## What they answer\n")
    for name, schema in sorted(document["components"]["schemas"].items()):
        blocks += _schema(name, schema)
    return "\n".join(blocks)


def _operation(title: str, operation: dict[str, Any]) -> list[str]:
    rows = [
        f"| `{p['name']}` | {p['in']} | {_type(p.get('schema', {}))} | {one_line(p.get('description', ''))} |"
        for p in operation.get("parameters", [])
    ]
    table = ["| parameter | in | type | meaning |", "|---|---|---|---|", *rows, ""] if rows else []
    answer = operation.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
    answers = [f"Answers {_type(answer['schema'])}.\n"] if answer.get("schema") else []
    return [f"## `{title}`\n", operation.get("description") or operation.get("summary", ""), "", *table, *answers]


def _schema(name: str, schema: dict[str, Any]) -> list[str]:
    rows = [
        f"| `{field}` | {_type(details)} | {one_line(details.get('description', ''))} |"
        for field, details in schema.get("properties", {}).items()
    ]
    table = ["| field | type | meaning |", "|---|---|---|", *rows, ""] if rows else []
    return [f"### {name}\n", schema.get("description", ""), "", *table]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return _words(schema) or "anything"


def one_line(text: str) -> str:
    """A text as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def python_page() -> str:
    """What `import rind` offers, by Sphinx's autodoc from the docstrings."""
    import rind

    blocks = ["# The Python door\n", "[Rind from Python](../python.md) has examples that are executed.\n"]
    for name in rind.__all__:
        kind = "autoclass" if name[0].isupper() else "autofunction"
        blocks += [f"## {name}\n", "```{eval-rst}", f".. {kind}:: rind.{name}"]
        blocks += ["   :members:"] if kind == "autoclass" else []
        blocks += ["```", ""]
    return "\n".join(blocks)


PAGES: dict[str, Callable[[], str]] = {
    "parameters": parameters_page, "commands": commands_page, "api": api_page, "python": python_page,
}  # fmt: skip
PRINTED = [f"reference/{name}" for name in PAGES]


def write_reference(folder: Path) -> None:
    """Print all pages into ``folder/reference``, which git ignores."""
    (folder / "reference").mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (folder / f"reference/{name}.md").write_text(page(), encoding="utf-8")
