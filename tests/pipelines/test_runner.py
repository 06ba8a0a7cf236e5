from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from rind.common.errors import (
    HistoryError,
    LeakError,
    ParamsError,
    RindError,
    SourceError,
    UsageError,
    ValidationError,
)
from rind.common.results import TOP_LEVEL as RESULTS
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress, door, main, reporting, seconds, timed
from rind.pipelines.workspace import Workspace


def through(to: Console, error: BaseException, verbose: bool = False) -> int | str | None:
    """The exit code of a command in which the error happens."""
    with pytest.raises(SystemExit) as ended, door(to, verbose):
        raise error
    return ended.value.code


def console() -> Console:
    return Console(file=StringIO(), width=60)


def said(to: Console) -> str:
    assert isinstance(to.file, StringIO)
    return to.file.getvalue()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RindError("x"), 1), (UsageError("x"), 2), (ParamsError("x"), 2), (SourceError("x"), 3),
        (ValidationError("x"), 4), (HistoryError("x"), 5), (LeakError("x"), 6), (ZeroDivisionError("x"), 1),
        (KeyboardInterrupt(), 130),
    ],
)  # fmt: skip
def test_every_kind_of_error_has_its_exit_code(error: BaseException, code: int) -> None:
    assert through(console(), error) == code


def test_a_full_disk_is_no_defect_whoever_says_it() -> None:
    for error in (OSError(28, "No space left on device"), RuntimeError("(sqlite3) database or disk is full")):
        to = console()
        assert through(to, error) == 1
        assert said(to).startswith("DiskFullError: a disk is full\n  -> free some space")


def test_what_goes_well_goes_through_without_a_word() -> None:
    out = console()
    with door(out, False):
        done = True
    assert (done, said(out)) == (True, "")


def test_an_error_is_one_line_and_a_hint_however_narrow_the_terminal_and_whatever_it_holds() -> None:
    out = console()
    text = "the table [bold]usage[/bold] has no column 'feature' in a sentence that is longer than the terminal is wide"
    through(out, SourceError(text, "add it"))
    assert said(out).splitlines() == [f"SourceError: {text}", "  -> add it"]


def test_a_defect_is_one_line_too_and_verbose_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    out = console()
    through(out, ZeroDivisionError("division by zero"))
    assert said(out).splitlines() == [
        "unexpected ZeroDivisionError: division by zero",
        "  -> run again with --verbose to see where",
    ]
    assert capsys.readouterr().err == ""
    through(console(), ZeroDivisionError("division by zero"), verbose=True)
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [OSError, SourceError, ValueError])
@pytest.mark.parametrize("verbose", [False, True])
def test_what_an_error_quotes_loses_its_passwords(
    capsys: pytest.CaptureFixture[str], kind: type[Exception], verbose: bool
) -> None:
    out = console()
    quoted = "could not connect to 'postgres://me:p@ss:w/rd@host:5432/db?sslmode=require', nor with password=p@ss:w/rd"
    through(out, kind(quoted), verbose)
    told = said(out) + capsys.readouterr().err
    assert "p@ss" not in told
    assert "w/rd" not in told
    assert "postgres://me:***@host:5432/db?sslmode=require" in told


def test_progress_is_a_line_where_the_output_is_no_terminal() -> None:
    out = console()
    with reporting(out, "[1/3] validate") as progress:
        progress("detail")
    assert said(out) == "[1/3] validate ...\n"


def test_a_title_is_shown_as_it_is_whatever_it_holds() -> None:
    out = console()
    with reporting(out, "New [red]prices[/b]"):
        pass
    assert said(out) == "New [red]prices[/b] ...\n"


def test_progress_names_the_time_that_is_left_where_it_is_known() -> None:
    out = console()
    with reporting(out, "[1/3] validate", lambda: "about 5 min left"):
        pass
    assert said(out) == "[1/3] validate ... (about 5 min left)\n"


def test_a_terminal_shows_what_is_being_done_and_the_time_left_at_that_moment() -> None:
    shown, left = StringIO(), ["about 5 min left", "about 4 min left"]
    with reporting(Console(file=shown, force_terminal=True, width=100), "[1/3] validate", lambda: left[0]) as progress:
        progress("tickets")
        left.pop(0)
    assert "[1/3] validate: tickets (about 4 min left)" in shown.getvalue()


def test_seconds_are_kept_by_stage_and_only_of_stages_that_ended_well(tmp_path: Path) -> None:
    space = Workspace(tmp_path, tmp_path / "mlruns")
    with timed(space, "one"):
        pass
    with pytest.raises(ValueError, match="no"), timed(space, "two"):
        raise ValueError("no")
    assert list(seconds(space)) == ["one"]
    assert seconds(space)["one"] < 1


def test_a_stage_of_dvc_works_in_data_with_the_parameters_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params.yaml").write_text("seed: 99\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["stage"])
    seen = []

    def run(space: Workspace, params: Params, progress: Progress) -> None:
        progress("working")
        seen.append((space.features, params.seed))

    main("stage", run)
    assert seen == [(Path("data/features.parquet"), 99)]
    assert (tmp_path / "data/.seconds/stage.json").exists()


def test_a_place_that_does_not_exist_is_refused_and_every_result_has_one(tmp_path: Path) -> None:
    space = Workspace(tmp_path, tmp_path)
    with pytest.raises(AttributeError, match="no place 'nowhere'"):
        _ = space.nowhere
    assert len(set(RESULTS)) == len(RESULTS)
    assert RESULTS[-1] == "run.json"
