"""Odd sources through the whole weekly job: `python -m benchmarks.fuzz [--slice 1/4] [--week second]`.

Each change of `benchmarks.fuzz_sources` is run twice: as the first week of a company, and as the second week over a
good first one, whose registered models still want what is gone. A case ends well in one of two ways: the list is made;
or Rind refuses, with an error that says what to do and an exit code of its own, and the week before stands. Anything
else is unexpected: an error that nobody foresaw, also where it takes only a part of the week with it, or a page with
the word of a missing value (nan). Printed: cases, results, refusals, unexpected.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

from rich.console import Console

from benchmarks.fuzz_sources import Change, changes, company, write
from benchmarks.remembered import Remembered
from rind.common.errors import ColumnError, LeakError, RindError
from rind.pipelines.flow import WEEKLY
from rind.pipelines.params import Params, load
from rind.pipelines.weekly import run_weekly

SETTINGS = (
    "threads=1", "labels.horizon_days=30", "labels.grace_days=14", "snapshots.every_days=28",
    "snapshots.history_days=364", "backtest.days=112", "backtest.refit_every_days=84", "backtest.min_train_dates=2",
    "model.train_every_days=28", "model.bags=1", "model.search_trials=0", "model.min_churned_for_boosting=8",
    "metrics.bootstrap_draws=20", "true_north.permutations=20", "true_north.bootstrap_draws=20",
    "true_north.retention_days=90", "true_north.launch_days=60", "adoption.fewest_dates=3",
    "money.currency=EUR", "source.name=Fuzz",
)  # fmt: skip
"""Few dates and small models, so that every part is at work on a hundred accounts."""

DEFECTS = (ColumnError, LeakError)
"""Errors that Rind raises on purpose where it is wrong itself: no source should bring them about."""

ODD_WORDS = re.compile(
    r"(?<![\w./])-?(nan|NaN|NaT|None(?! (?:of|this|was|were|is|are|has|have)\b)|&lt;NA&gt;|inf)(?![\w./-])"
)
"""What a formatter writes that was not made for a missing value; "None of them" is English."""

FIRST, SECOND = "first", "second"


@dataclass(frozen=True)
class Outcome:
    """How a case ended: ``result``, ``refusal`` or ``unexpected``, and the words or trace that go with it."""

    change: str
    week: str
    kind: str
    words: str = ""


class Fuzz:
    """A good first week, made once, and what becomes of a change of its source.

    Parameters
    ----------
    folder
        A folder for everything; deleted by the caller.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.tables, self._cases = folder, company(), 0
        self.stages = tuple(Remembered(stage, folder / "memory") for stage in WEEKLY)
        self.good = folder / "good"
        write(self.tables, self.source)
        self._week(self.good)

    @property
    def source(self) -> Path:
        """The source of every case; one place, since results name it."""
        return self.folder / "source"

    def outcomes(self, change: Change, weeks: Sequence[str] = (SECOND, FIRST)) -> Iterator[Outcome]:
        """The change as second week over the good one, and as first week."""
        write(change.of(dict(self.tables)), self.source)
        for week in weeks:
            self._cases += 1
            out = self.folder / f"out-{self._cases}"  # MLflow keeps the database of a folder open
            if week == SECOND:
                shutil.copytree(self.good, out, symlinks=True)
            try:
                yield Outcome(change.name, week, *self._ended(out))
            finally:
                shutil.rmtree(out, ignore_errors=True)

    def _ended(self, out: Path) -> tuple[str, str]:
        before = _content(out)
        for stage in self.stages:
            stage.unforeseen.clear()
        try:
            missing = self._week(out)
        except RindError as error:
            if isinstance(error, DEFECTS) or not error.hint:
                return "unexpected", traceback.format_exc()
            return (
                ("refusal", str(error))
                if _content(out) == before
                else ("unexpected", f"the week before changed: {error}")
            )
        except Exception:  # noqa: BLE001  whatever it is, it is what is looked for
            return "unexpected", traceback.format_exc()
        if unforeseen := [trace for stage in self.stages for trace in stage.unforeseen]:
            return "unexpected", "\n".join(unforeseen)
        if odd := odd_words(out):
            return "unexpected", odd
        return "result", "; ".join(f"without {stage}: {reason}" for stage, reason in missing.items())

    def _week(self, out: Path) -> dict[str, str]:
        with warnings.catch_warnings(), mock.patch("rind.pipelines.weekly.WEEKLY", self.stages):
            warnings.simplefilter("ignore")
            return run_weekly(out, self.params, Console(stderr=True, quiet=True))

    @property
    def params(self) -> Params:
        """The same for every case."""
        return load(None, [*SETTINGS, f"source.url={self.source}"])


def _content(out: Path) -> str:
    """What stands in a folder of results; "" where nothing does."""
    manifest = out / "run.json"
    return manifest.read_text(encoding="utf-8") if manifest.exists() else ""


def odd_words(out: Path) -> str:
    """A word of a missing value in a page, with its surroundings; "" where there is none."""
    for page in sorted(out.glob("*.html")):
        text = text_of(page.read_text(encoding="utf-8"))
        if match := ODD_WORDS.search(text):
            return f"{page.name} says {' '.join(text[max(0, match.start() - 80) : match.end() + 40].split())!r}"
    return ""


def text_of(page: str) -> str:
    """The words of a page, without styles, scripts and pictures."""
    return re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)


def chosen(part: str = "1/1", only: Sequence[str] = ()) -> list[Change]:
    """A slice of the changes: ``"2/4"`` for every fourth from the second on, of those whose name holds a given text."""
    number, of = (int(text) for text in part.split("/"))
    named = [change for change in changes() if not only or any(text in change.name for text in only)]
    return named[number - 1 :: of]


@contextmanager
def quiet_output() -> Iterator[None]:
    """Without the lines that MLflow writes for each model."""
    with Path(os.devnull).open("w") as nowhere, mock.patch.object(sys, "stderr", nowhere):
        yield


def summary(outcomes: Sequence[Outcome]) -> str:
    """The line that counts how the cases ended."""
    counts = Counter(outcome.kind for outcome in outcomes)
    return (
        f"cases: {len(outcomes)}   results: {counts['result']}   refusals: {counts['refusal']}   "
        f"unexpected: {counts['unexpected']}"
    )


def run(
    cases: Sequence[Change], show: Callable[[Outcome], None], weeks: Sequence[str] = (SECOND, FIRST)
) -> list[Outcome]:
    """How each case ended, shown one by one."""
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="rind-fuzz-") as folder, quiet_output():
        fuzz = Fuzz(Path(folder))
        for change in cases:
            for outcome in fuzz.outcomes(change, weeks):
                outcomes.append(outcome)
                show(outcome)
    return outcomes


def _show(outcome: Outcome, verbose: bool) -> None:
    whole = verbose or outcome.kind == "unexpected"
    words = outcome.words if whole else outcome.words.partition("\n")[0][:120]
    print(f"{outcome.kind:11} {outcome.week:7} {outcome.change}{f': {words}' if words else ''}", flush=True)


def main() -> int:
    """Print the outcome of every case, and the counts; 1 where anything was unexpected."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--slice", default="1/1", help="2/4: every fourth change from the second on")
    options.add_argument("--week", choices=(FIRST, SECOND), help="only as this week (default: both)")
    options.add_argument("--only", action="append", default=[], help="only changes whose name holds this text")
    options.add_argument("--verbose", action="store_true", help="the whole text of each refusal")
    given = options.parse_args()
    weeks = (given.week,) if given.week else (SECOND, FIRST)
    outcomes = run(chosen(given.slice, given.only), partial(_show, verbose=given.verbose), weeks)
    print(summary(outcomes))
    return int(any(outcome.kind == "unexpected" for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
