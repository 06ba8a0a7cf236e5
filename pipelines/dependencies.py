"""Which files of the project a module depends on: what it imports, and the templates, styles and SQL that it names.

A stage is run again when one of them changes. Passed over are modules that only carry things: how stages are run, where
results lie and which features are kept from the run before changes no result.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "rind"
CARRIERS = frozenset(
    {
        "common/columns.py", "common/results/__init__.py", "features/families/__init__.py", "pipelines/data.py",
        "pipelines/feature_store.py", "pipelines/flow.py", "pipelines/flow_stage.py", "pipelines/kept_features.py",
        "pipelines/params.py", "pipelines/runner.py", "pipelines/workspace.py",
    }
)  # fmt: skip
RESOURCE_FOLDERS = ("templates", "static", "sql")
"""Folders beside a module whose files its code, or another such file, names."""


def files_of(*modules: str) -> list[str]:
    """Paths, from the project's root, of all files that these modules run, sorted."""
    reached: set[str] = set()
    waiting = [path_of(module) for module in modules]
    while waiting:
        path = waiting.pop()
        if path is None or path in reached or path in CARRIERS:
            continue
        reached.add(path)
        waiting += _used_by(path)
    return sorted(reached)


def path_of(module: str) -> str | None:
    """The file of one of the project's modules; of a package, its ``__init__`` where it imports; None for others."""
    first, _, rest = module.partition(".")
    if first != PACKAGE:
        return None
    path, door = f"{rest.replace('.', '/')}.py", f"{rest.replace('.', '/')}/__init__.py"
    if (ROOT / path).is_file():
        return path
    return door if (ROOT / door).is_file() and any(_imports(door)) else None


@cache
def summary_of(module: str) -> str:
    """The first line of a module's docstring, without its full stop."""
    path = path_of(module)
    assert path is not None, f"{module} is not a module of the project"
    text = ast.get_docstring(_tree(path)) or ""
    return text.partition("\n")[0].rstrip(".")


@cache
def _used_by(path: str) -> tuple[str, ...]:
    if path.endswith(".py"):
        return (*_imports(path), *_resources(path, _texts(path)))
    return tuple(_resources(path, re.findall(r"""["']([\w./-]+)["']""", (ROOT / path).read_text(encoding="utf-8"))))


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _imports(path: str) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (module for name in names if (module := path_of(name)) is not None)


def _texts(path: str) -> list[str]:
    return [n.value for n in ast.walk(_tree(path)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _resources(path: str, names: list[str]) -> Iterator[str]:
    """Files of the resource folders beside ``path`` (or around it) that one of the texts names."""
    here = (ROOT / path).parent
    places = [here, *(here / folder for folder in RESOURCE_FOLDERS)]
    for name in names:
        if "." not in name or len(name) > 80:
            continue
        for place in places:
            file = place / name
            if (place.name in RESOURCE_FOLDERS or file.suffix == ".sql") and file.is_file():
                yield str(file.relative_to(ROOT))
