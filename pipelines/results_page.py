"""docs/results.md: every file of a run and its columns, printed from `common.results`."""

from __future__ import annotations

from rind.common.results import RESULTS, Result

HEAD = """# What comes out

<!-- Generated from common/results/: edit that, then run `python -m rind.pipelines.flow`. -->

These files lie in the folder of `rind run`, and in `data/` after `dvc repro`. Further columns may follow those named
here; `run.json` is written last and holds the size and hash of every other file.
"""


def results_page() -> str:
    """The page, as Markdown."""
    public = [result for result in RESULTS.values() if result.public]
    rows = [f"| `{result.path}` | {result.meaning} | `{result.made_by}` |" for result in public]
    table = "\n".join(["| file | one row is, or what it tells | stage |", "|---|---|---|", *rows])
    return "\n".join([HEAD, table, "", *(_section(result) for result in public if result.columns)])


def _section(result: Result) -> str:
    kind, lines = ("column", []) if result.path.endswith(".parquet") else ("key", list[str]())
    for column in result.columns:
        holds = f"{column.kind}{', may be empty' if column.may_be_empty else ''}" if column.kind else "object or list"
        lines.append(f"| `{column.name}` | {holds} | {column.meaning} |")
    return "\n".join([f"## {result.path}\n", f"| {kind} | holds | meaning |", "|---|---|---|", *lines, ""])
