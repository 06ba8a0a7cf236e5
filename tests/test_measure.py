"""Measurements: a benchmark's figures get onto the page by its command, and nothing else of the page changes."""

from __future__ import annotations

import json
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks import measure
from benchmarks.measure import COMMANDS, PAGE, Command, block, machine, main, with_block, without_paths

ROOT = Path(__file__).parents[1]
PROSE = "Written by a person: 7 of 7.\n"


@pytest.fixture(autouse=True)
def _quick_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """How busy the machine is takes a second to see; and the history of the figures is not for made-up ones."""
    monkeypatch.setattr("psutil.cpu_percent", lambda interval: 40.0 * interval)
    monkeypatch.setattr(measure, "HISTORY", tmp_path / "out/history.jsonl")


def made_up(code: str) -> Command:
    return Command(f'python -c "{code}"')


def page_of(path: Path, *commands: Command) -> Path:
    """A page on which each command has an old block, between lines of prose."""
    blocks = [
        f"## Section\n\n{PROSE}\n<!-- {c.text} -->\n\nold {n}\n\n<!-- end -->\n\n" for n, c in enumerate(commands)
    ]
    path.write_text(f"# Measurements\n\n{''.join(blocks)}{PROSE}")
    return path


def test_a_command_that_ends_well_replaces_its_own_block_with_command_day_seconds_machine_and_what_it_printed(
    tmp_path: Path,
) -> None:
    one, other = made_up("print('AUC', 0.5 + 0.25)"), made_up("print('other')")
    page = page_of(tmp_path / "page.md", one, other)
    before = page.read_text()
    assert main(["--only", one.name], [one, other], page) == 0
    now = datetime.now(UTC).date()
    (written,) = re.findall(rf"{re.escape(f'<!-- {one.text} -->')}\n(.*?)\n<!-- end -->", page.read_text(), re.DOTALL)
    assert f"| `{one.text}` | {now:%-d %B %Y}, 0 s | " in written
    assert "```text\nAUC 0.75\n```" in written
    assert page.read_text().replace(written, "\nold 0\n") == before


def test_a_command_that_fails_or_prints_nothing_leaves_its_block_and_the_others_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commands = made_up("print('half'); raise SystemExit(3)"), made_up("pass"), made_up("print('whole')")
    page = page_of(tmp_path / "page.md", *commands)
    assert main([], commands, page) == 1
    text = page.read_text()
    assert "old 0" in text
    assert "old 1" in text
    assert "half" not in text.replace(commands[0].text, "")
    assert "```text\nwhole\n```" in text
    shown = capfd.readouterr().out
    assert "[3 of 3]" in shown
    assert "ended with 3" in shown
    assert "half" in shown, "what a command prints is seen while it runs"


def test_each_run_that_ends_well_adds_a_line_to_the_history(tmp_path: Path) -> None:
    one, other = made_up(f"print('AUC', 0.75, '{ROOT}/docs')"), made_up("raise SystemExit(1)")
    page = page_of(tmp_path / "page.md", one, other)
    main([], [one, other], page)
    main(["--only", one.name], [one], page)
    first, second = (json.loads(line) for line in measure.HISTORY.read_text().splitlines())
    assert first == second | {"seconds": first["seconds"]}
    assert first["printed"] == "AUC 0.75 docs"
    assert (first["command"], first["day"]) == (one.text, f"{datetime.now(UTC).date()}")
    assert re.fullmatch(r"[0-9a-f]{12}\+?|", first["commit"])
    assert first["machine"] == machine()


def test_the_history_is_not_for_git() -> None:
    assert f"/{Path('out/bench_history.jsonl').parts[0]}/" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_page_without_a_block_is_refused_before_anything_runs(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    one, other = made_up(f"open('{ran}', 'w'); print(1)"), made_up("print(2)")
    with pytest.raises(ValueError, match="0 blocks"):
        main([], [one, other], page_of(tmp_path / "page.md", one))
    assert not ran.exists()


def test_what_is_not_asked_for_or_lacks_what_it_measures_is_not_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    long = Command('python -c "print(1)"', asked_for="it takes hours")
    nowhere = Command('python -c "print(2)"', needs="no/such/place")
    page = page_of(tmp_path / "page.md", long, nowhere)
    before = page.read_text()
    assert main([], [long, nowhere], page) == 0
    assert page.read_text() == before
    shown = capfd.readouterr().out
    assert "skipped: no/such/place is not there" in shown
    assert "not run, it takes hours" in shown
    assert main(["--only", long.name], [long, nowhere], page) == 0
    assert "```text\n1\n```" in page.read_text()


def test_no_path_of_the_machine_reaches_the_page_and_paths_of_an_api_do(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    output = f"{tmp_path}/results {ROOT}/docs/scale.md file://{tmp_path}/a.html ({Path.home()}/x) GET /v1/accounts 1/2"
    one = made_up(f"print('{output}')")
    short = Command("python -m made_up")
    assert without_paths(output) == "... docs/scale.md file://... (...) GET /v1/accounts 1/2"
    assert str(tmp_path) not in block(short, datetime.now(UTC).date(), 1.0, "2 cores", output)
    assert measure.run(one)[1] == output


def test_printed_fences_and_backslashes_do_not_break_the_block() -> None:
    command = made_up("print(1)")
    new = block(command, datetime.now(UTC).date(), 1.0, "2 cores", "```\n\\1 \\g<0>")
    page = with_block(f"a\n<!-- {command.text} -->\nold\n<!-- end -->\nb", command, new)
    assert "```text\n'''\n\\1 \\g<0>\n```" in page
    assert with_block(page, command, "new") == "a\nnew\nb"


def test_the_machine_has_its_cores_and_memory_and_no_name() -> None:
    text = machine()
    assert re.fullmatch(r"\d+ cores( \(.+\))?, \d+ GiB, 40 % busy before", text)
    assert platform.node() not in text


def test_the_page_has_the_blocks_of_all_commands_in_their_order_and_no_others() -> None:
    text = PAGE.read_text()
    assert re.findall(r"^<!-- (python .+) -->$", text, re.MULTILINE) == [c.text for c in COMMANDS]
    assert text.count("<!-- end -->") == len(COMMANDS)


def test_every_benchmark_of_the_table_is_there() -> None:
    assert [c.text for c in COMMANDS if not (ROOT / f"benchmarks/{c.name}.py").exists()] == []
