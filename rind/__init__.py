"""Rind looks under the green: churn prediction for B2B subscription companies.

The door for notebooks and other programs (docs/python.md):

- `open_source`: a company's tables, checked; features and labels of any dates; a backtest, with a classifier of yours
- `results`: what `rind run` left in a folder; the model that made the list, to score and to explain
- `check_family`: the time-travel law, run on a feature family of yours

The packages of the top-level folders live under this name, so that nothing else of a user's environment is in the way:
`rind.features`, `rind.models`, `rind.pipelines`, ... (docs/adr/0012). They may change from one version to the next;
what is listed in ``__all__`` changes only with a word in the changelog.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rind.door.backtests import Backtest
    from rind.door.families import check_family
    from rind.door.results import Results, results
    from rind.door.sources import Source, open_source

__all__ = ["Backtest", "Results", "Source", "check_family", "open_source", "results"]

_HOME = {
    "Backtest": "backtests",
    "Results": "results",
    "Source": "sources",
    "check_family": "families",
    "open_source": "sources",
    "results": "results",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only now: `import rind` costs nothing."""
    if name in _HOME:
        return getattr(import_module(f"rind.door.{_HOME[name]}"), name)
    raise AttributeError(f"module 'rind' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
