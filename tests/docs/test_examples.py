"""Every example of the documentation is executed, or a comment before it says why it is not."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import textwrap
import time
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pyarrow.parquet as pq
import pytest
import typer
import yaml
from pydantic import BaseModel
from typer.testing import CliRunner

from rind.demo.schema import TABLES
from rind.features.mapping.spec import Spec
from rind.pipelines.cli.app import app
from rind.pipelines.experiment_plan import Plan
from rind.pipelines.params import load
from tests.docs.desk import make_desk
from tests.docs.markdown import PAGES, ROOT, Example, examples, inline_commands
from tests.features.companies import write_postgres

EXPORTS = next((p / "shared/exports" for p in ROOT.parents if (p / "shared/exports").is_dir()), None)
GROUP = typer.main.get_group(app)
COMMANDS: dict[str, Any] = dict(GROUP.commands)
ALL = [example for page in PAGES for example in examples(page)]

ELSEWHERE = {
    ("docs/python.md", "python"): "tests/door/test_python_page.py",
    ("docs/your-own-exports.md", "sql"): "tests/features/mapping/test_docs.py",
    ("docs/results_store.md", "sql"): "tests/docs/test_examples.py",
    ("docs/explanation/watermelons.md", "python"): "tests/docs/test_examples.py",
}
"""Blocks that another test executes."""

ANSWERS = {"RIND_PASSWORD": "a long enough password"}
QUICK = ["--params", "quick.yaml"]
ADDED = {
    "run": QUICK, "tune-health": QUICK, "validate": QUICK,
    "demo": ["--accounts", "60", "--years", "2"], "check-family": ["--companies", "3"], "restore": ["--force"],
}  # fmt: skip
"""What is added to a command so that it ends soon, or to work on the one folder that the test has."""

RUN_OF_A_MAPPING = ["rind", "run", "--source", "mapping/", "--out", "results/"]
"""The README's example runs it; a page that says it again validates the mapping that it makes."""

LONG = ("run", "demo", "serve", "tune-health", "rollback")
"""Commands that take long, or want the results of one that does: only `make bench` executes the pages that have them
whole, and CI their other commands. `test_each_command_that_is_written_down_exists_with_its_options` reads them all.
"""

OF_THE_SHELL = ("source", "createdb")
"""Done by the tests themselves: the environment is active, and the databases are there."""


def test_each_block_says_its_language_and_each_that_is_not_run_says_why() -> None:
    assert {e.place for e in ALL if e.language not in ("sh", "text", "yaml", "toml", "sql", "python")} == set()
    assert {e.place: e.reason for e in ALL if e.language == "text" and e.reason} == {}
    assert Counter(e.page for e in ALL if e.reason) == {
        "README.md": 1, "CONTRIBUTING.md": 1, "docs/python.md": 1, "docs/deliveries.md": 1, "docs/with-dvc.md": 1,
        "docs/tutorials/demo.md": 2, "docs/scale.md": 2, "docs/your-own-exports.md": 1,
        "docs/scheduling.md": 3, "docs/deployment.md": 5,
    }  # fmt: skip
    assert len([e for e in ALL if e.language == "sh" and not e.reason]) > 15


def options(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def written_commands() -> Iterator[tuple[str, list[str]]]:
    """(page, words) of every `rind ...`, in blocks that are run and that are not, and in lines of text."""
    for page in PAGES:
        yield from ((page, words) for words in inline_commands(page))
    for example in ALL:
        if example.language == "sh":
            yield from ((example.place, words) for words in example.commands if "rind" in words[:7])


def after_rind(words: list[str]) -> list[str]:
    """What stands behind `rind` the program; a user of that name may come before it (`sudo -u rind rind users add`)."""
    programs = [number for number, word in enumerate(words) if word == "rind"]
    known = [number for number in programs if words[number + 1 : number + 2] and words[number + 1] in COMMANDS]
    return words[(known or programs)[0] + 1 :]


@pytest.mark.parametrize(
    ("place", "words"), [pytest.param(p, w, id=f"{p}: {' '.join(w)}") for p, w in written_commands()]
)
def test_each_command_that_is_written_down_exists_with_its_options(place: str, words: list[str]) -> None:
    del place
    rest = after_rind(words)
    name, *more = rest or ["--help"]
    if name.startswith("-"):
        return
    command = COMMANDS[name]
    if hasattr(command, "commands") and more and not more[0].startswith("-"):
        command = command.commands[more[0]]
    assert {w.split("=")[0] for w in more if w.startswith("--")} <= options(command) | {"--help"}


@pytest.mark.parametrize("example", [e for e in ALL if e.language == "yaml"], ids=lambda e: e.place)
def test_yaml_is_a_mapping_the_plan_of_an_experiment_or_parameters(example: Example, tmp_path: Path) -> None:
    values = yaml.safe_load(textwrap.dedent(example.text))
    if set(values) <= set(Spec.model_fields):
        read: BaseModel = Spec.model_validate(values)
    elif set(values) <= set(Plan.model_fields):
        read = Plan.model_validate(values)
    elif "exports" in example.page:
        values = {"inputs": values}
        read = Spec.model_validate(values)
    else:
        (tmp_path / "company.yaml").write_text(example.text)
        read = load(tmp_path / "company.yaml")
    assert set(values) <= read.model_fields_set, "every part of the example is read under its name"


@pytest.mark.parametrize("example", [e for e in ALL if e.language == "toml"], ids=lambda e: e.place)
def test_toml_names_the_entry_points_that_rind_looks_for(example: Example) -> None:
    groups = tomllib.loads(example.text)["project"]["entry-points"]
    assert set(groups) == {"rind.families", "rind.estimators"}


@pytest.mark.parametrize("place", sorted({(e.page, e.language) for e in ALL if e.language in ("python", "sql")}))
def test_python_and_sql_are_executed_by_a_test_that_reads_the_page(place: tuple[str, str]) -> None:
    page, _ = place
    assert Path(page).name in (ROOT / ELSEWHERE[place]).read_text()


def test_the_weeks_of_a_watermelon_are_read_off_a_finished_run(
    small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").symlink_to(small_run / "results")
    monkeypatch.chdir(tmp_path)
    [example] = [e for e in ALL if e.page == "docs/explanation/watermelons.md" and e.language == "python"]
    exec(example.text.replace("A00672", "A00001"), {})
    assert "health_tickets" in capsys.readouterr().out


def test_the_benchmarks_that_are_written_down_are_there() -> None:
    texts = {page: (ROOT / page).read_text() for page in PAGES}
    written = {
        (page, name) for page, text in texts.items() for name in re.findall(r"python -m benchmarks\.(\w+)", text)
    }
    assert len(written) > 10
    assert {(page, name) for page, name in written if not (ROOT / f"benchmarks/{name}.py").exists()} == set()


def test_each_measurement_stands_below_its_command_its_day_and_its_machine() -> None:
    page = (ROOT / "docs/measurements.md").read_text()
    _, *sections = re.split(r"^## ", page, flags=re.MULTILINE)
    head = r"\| command \| day \| machine \|\n\|---\|---\|---\|\n(\| `.+`.* \| \d+ \w+ \d{4}.* \| .+ \|\n)+\n."
    by_hand = [s for s in sections if "\n<!-- python" not in s]
    assert [s.partition("\n")[0] for s in by_hand if not re.match(rf"[^\n]+\n\n{head}", s)] == ["Not printed here"]
    blocks = re.findall(r"^<!-- python [^\n]+ -->\n\n(.*?)^<!-- end -->$", page, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) > 10
    assert [b for b in blocks if not re.match(rf"{head}|Not written here yet: `.+` does it\.\n", b)] == []


def test_the_targets_of_make_that_are_written_down_are_there() -> None:
    targets = {line.split(":")[0] for line in (ROOT / "Makefile").read_text().splitlines() if ":" in line}
    written = {words[1] for e in ALL if e.language == "sh" for words in e.commands if words[0] == "make"}
    assert written >= {"demo", "test", "check", "bench"}
    assert written <= targets


@pytest.fixture
def desk(tmp_path: Path, small_run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_desk(tmp_path, small_run)
    (deliveries,) = (e.text for e in examples("docs/deliveries.md") if e.language == "yaml")
    (tmp_path / "company.yaml").write_text(deliveries)
    family = next(e.text for e in examples("docs/python.md") if e.text.startswith("# billing.py"))
    (tmp_path / "billing.py").write_text(family)
    accounts = pq.read_table(small_run / "source/accounts.parquet", columns=["account_id"]).to_pandas()
    accounts.head(60).to_csv(tmp_path / "pilot.csv", index=False)
    (chatbot,) = (e.text for e in examples("docs/experiments.md") if e.language == "yaml")
    (tmp_path / "chatbot.yaml").write_text(chatbot)
    (sixty,) = (e.text for e in examples("docs/tutorials/retrain-and-compare.md") if e.language == "yaml")
    (tmp_path / "sixty.yaml").write_text(sixty)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def tables_url(postgres_uri: str, small_run: Path) -> Callable[[], str]:
    """The address of the small company's tables in PostgreSQL, which are written when a page first asks for them."""

    @cache
    def url() -> str:
        tables = {name: pq.read_table(small_run / f"source/{name}.parquet") for name in TABLES}
        return write_postgres(postgres_uri, "documented", tables)

    return url


@pytest.fixture
def databases(results_url: str, tables_url: Callable[[], str]) -> Callable[[str], str]:
    """The address of a database of ours for one of the documentation: tables to read, or a store to publish to."""
    return lambda word: tables_url() if word.endswith("/crm") else results_url


def adapted(words: list[str], databases: Callable[[str], str]) -> list[str]:
    """A command as the test runs it: on databases and in a folder of its own, with little to do; nothing is sent."""
    arguments = [databases(w) if w.startswith("postgres://") else w.removeprefix("/") for w in words[1:]]
    if EXPORTS is None and arguments[0] in ("run", "validate"):  # of the small exports comes no list
        arguments = ["tables/" if word == "mapping/" else word for word in arguments]
    more = ADDED.get(arguments[0], [])
    if arguments[0] == "deliver" and "--dry-run" not in arguments:
        more = ["--dry-run", "unsent"]
    return arguments + (more if not set(more[:1]) & set(arguments) else [])


def failure(words: list[str], databases: Callable[[str], str]) -> str:
    """Run one command of a page: what it printed where it failed, "" where it worked."""
    if words[0] in OF_THE_SHELL:
        return ""
    assert words[0] == "rind", f"{words[0]} is run by no test: say why in a comment before the block"
    arguments = adapted(words, databases)
    if arguments[0] == "serve":
        return "" if answers(arguments) else f"{words}: the server does not answer"
    with warnings.catch_warnings():  # MLflow and SQLAlchemy deprecate parts of each other
        warnings.simplefilter("default")
        done = CliRunner().invoke(app, arguments, env=ANSWERS)
    answers_by_code = (10, 11) if arguments[0] == "monitor" else ()
    return "" if done.exit_code in (0, 8, *answers_by_code) else f"{words}: {done.output[-3000:]}"


def answers(arguments: list[str]) -> bool:
    """Start a server: whether it answers on its port before the deadline. It is ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rind.pipelines.cli", *arguments, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
            except httpx.TransportError:
                time.sleep(0.2)
        return False
    finally:
        process.terminate()
        process.wait(timeout=60)


def commands_of(page: str) -> list[list[str]]:
    """The commands that a test executes, in their order."""
    shell = [example for example in examples(page) if example.language == "sh" and not example.reason]
    return [
        words for example in shell for words in example.commands if page == "README.md" or words != RUN_OF_A_MAPPING
    ]


def is_long(words: list[str]) -> bool:
    return words[0] == "rind" and words[1] in LONG


SHELL_PAGES = [page for page in PAGES if commands_of(page)]
LONG_PAGES = ["docs/databases.md", *(page for page in SHELL_PAGES if any(map(is_long, commands_of(page))))]
"""The commands of docs/databases.md are run on files by other pages, and on PostgreSQL by tests/pipelines/cli."""


def quick_commands_of_long_pages() -> list[list[str]]:
    """Each command once that stands on long pages alone, and is not long itself."""
    elsewhere = [words for page in SHELL_PAGES if page not in LONG_PAGES for words in commands_of(page)]
    commands: list[list[str]] = []
    for page in LONG_PAGES[1:]:
        for words in commands_of(page):
            if words[0] not in OF_THE_SHELL and not is_long(words) and words not in [*elsewhere, *commands]:
                commands.append(words)
    return commands


Failures = Callable[[str, list[list[str]]], list[str]]


@pytest.fixture
def failures(desk: Path, databases: Callable[[str], str]) -> Failures:
    """Execute commands of a page up to the first that fails, and return what it printed; a second mapping of the page
    is made beside the first."""

    def execute(page: str, commands: list[list[str]]) -> list[str]:
        if EXPORTS is not None and page in ("README.md", "docs/your-own-exports.md"):
            (desk / "exports").rename(desk / "small_exports")
            (desk / "exports").symlink_to(EXPORTS)
        for number, words in enumerate(commands):
            if words[:2] == ["rind", "map"] and (desk / "mapping").exists():
                (desk / "mapping").rename(desk / f"mapping before command {number}")
            if printed := failure(words, databases):
                return [printed]
        return []

    return execute


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[pytest.mark.bench] if page in LONG_PAGES else []) for page in SHELL_PAGES]
)
def test_the_commands_of_a_page_work_in_their_order(page: str, failures: Failures) -> None:
    assert failures(page, commands_of(page)) == []


def test_the_quick_commands_of_pages_with_long_ones_work(failures: Failures) -> None:
    commands = quick_commands_of_long_pages()
    assert {tuple(words[1:3]) for words in commands} >= {("users", "add"), ("keys", "create"), ("monitor", "--dir")}
    assert failures("several pages", commands) == []


@pytest.mark.slow
def test_the_queries_of_the_results_store_are_answered(
    desk: Path, databases: Callable[[str], str], results_url: str
) -> None:
    assert failure(["rind", "publish", "--dir", "results/", "--to", "postgres://rind@db/results"], databases) == ""
    with psycopg.connect(results_url, autocommit=True) as connection:
        connection.execute("drop role if exists bi")
        connection.execute("create role bi")
        for example in examples("docs/results_store.md"):
            if example.language == "sql":
                for query in filter(str.strip, example.text.split(";")):
                    connection.execute(query.encode())
        listed = connection.execute("select count(*) from rind.latest_risk_list").fetchone()
        connection.execute("drop owned by bi")
        connection.execute("drop role bi")
    assert listed is not None
    assert listed[0] == pq.read_metadata(desk / "results/risk_list.parquet").num_rows
