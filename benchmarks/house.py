"""The size and order of the code: `python -m benchmarks.house` prints a table a room, and four figures of the flow.

A room is a folder of the product. A line counts where it holds code: no blank line, comment or docstring. The longest
function is measured in such lines, without its signature.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from rind.common.results import RESULTS
from rind.pipelines.flow import dvc_yaml

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("common", "demo", "features", "models", "pipelines", "reports", "rind/door", "serving")


@dataclass(frozen=True)
class Module:
    """One file of a room.

    Parameters
    ----------
    path
        From the project's root.
    lines
        Lines of code.
    functions
        Name -> lines of its body.
    """

    path: str
    lines: int
    functions: dict[str, int]


def modules(room: str) -> list[Module]:
    """Every module of a room that holds code."""
    measured = [_module(path) for path in sorted((ROOT / room).rglob("*.py"))]
    return [module for module in measured if module.lines]


def _module(path: Path) -> Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    code = _code_lines(tree)
    defined = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    functions = {node.name: len(code & set(range(node.body[0].lineno, _end(node) + 1))) for node in defined}
    return Module(str(path.relative_to(ROOT)), len(code), functions)


def _code_lines(tree: ast.Module) -> set[int]:
    """The lines that statements occupy, docstrings excepted."""
    docs = {line for node in ast.walk(tree) if _is_text(node) for line in range(_line(node), _end(node) + 1)}
    return {line for node in ast.walk(tree) if isinstance(node, ast.stmt) for line in _own_lines(node)} - docs


def _own_lines(node: ast.stmt) -> range:
    """All lines of a simple statement, or those of the head of one that holds others."""
    body = getattr(node, "body", None)
    return range(node.lineno, (body[0].lineno if body else _end(node) + 1))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def _end(node: ast.AST) -> int:
    return int(getattr(node, "end_lineno", 0) or 0)


def with_own_test(room: str) -> tuple[int, int]:
    """How many modules of a room have a test file of their own, and how many there are."""
    paths = [path.relative_to(ROOT / room) for path in (ROOT / room).rglob("*.py") if path.name != "__init__.py"]
    tests = ROOT / "tests" / Path(room).name
    return sum((tests / path.with_name(f"test_{path.name}")).exists() for path in paths), len(paths)


def places_of(path: str) -> list[str]:
    """The files of the product that name a result by its path; the demo's truth has names of its own."""
    files = [file for room in ROOMS if room != "demo" for file in sorted((ROOT / room).rglob("*.py"))]
    return [str(f.relative_to(ROOT)) for f in files if f'"{path}"' in f.read_text(encoding="utf-8")]


def hand_written_lines() -> int:
    """Lines of dvc.yaml that the description of the flow does not generate."""
    generated = set(dvc_yaml().splitlines())
    return sum(line not in generated for line in (ROOT / "dvc.yaml").read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Print the table and the figures."""
    print(f"{'room':<10}  {'files':>5}  {'lines':>6}  {'own test':>9}  longest function (lines of its body)")
    for room in ROOMS:
        of_room = modules(room)
        longest, name, path = max((n, name, m.path) for m in of_room for name, n in m.functions.items())
        tested, count = with_own_test(room)
        lines = sum(module.lines for module in of_room)
        print(f"{room:<10}  {len(of_room):>5}  {lines:>6}  {tested:>3} of {count:>3}  {longest} {name} in {path}")
    every = [module for room in ROOMS for module in modules(room)]
    largest = max(every, key=lambda module: module.lines)
    total = sum(module.lines for module in every)
    print(f"all: {len(every)} files, {total} lines; the largest is {largest.path} ({largest.lines})")
    places = {result.path: places_of(result.path) for result in RESULTS.values() if "." in result.path}
    print(f"places that name one of {len(places)} result files by its path: {max(map(len, places.values()))} at most")
    for path, files in places.items():
        if len(files) > 1:
            print(f"  {path}: {', '.join(files)}")
    print(f"lines of dvc.yaml written by hand: {hand_written_lines()} of {len(dvc_yaml().splitlines())}")


if __name__ == "__main__":
    main()
