"""The server's log as JSON lines, each with the id of its request."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path

import pytest
from result_folders import write_results
from served import Site, site

from rind.serving.logs import FIELDS, REQUESTS, JsonLines, LogFormat, configure, request_id, safe_request_id


@pytest.fixture
def here(tmp_path: Path) -> Site:
    with site(write_results(tmp_path / "results"), tmp_path / "access.sqlite", demo=True) as made:
        yield made


@pytest.mark.parametrize(
    ("given", "taken"),
    [("abc-1.2_X", True), ("a" * 64, True), ("a" * 65, False), ("", False), ("a b", False), ("a\nb", False),
     ('"},{"', False), ("é", False), ("abc\n", False)],
)  # fmt: skip
def test_the_id_of_a_proxy_is_taken_where_it_is_short_and_plain(given: str, taken: bool) -> None:
    made = safe_request_id(given)
    assert (made == given) == taken
    assert safe_request_id(made) == made


def test_every_answer_carries_the_id_of_its_request(here: Site) -> None:
    assert here.client().get("/healthz", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert here.client().get("/nowhere", headers={"x-request-id": "abc-2"}).headers["x-request-id"] == "abc-2"
    forged = here.client().get("/", headers={"x-request-id": "a\tb", "host": "elsewhere"})
    assert (forged.status_code, forged.headers["x-request-id"] != "a\tb") == (421, True)


def test_a_line_about_a_request_tells_its_route_and_never_whose_account_it_was(
    here: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, REQUESTS):
        here.client().get("/accounts/A1?q=Acme")
    [record] = [record for record in caplog.records if record.name == REQUESTS]
    line = json.loads(JsonLines().format(record))
    assert (line["method"], line["route"]) == ("GET", "/accounts/{account_id:path}")
    assert set(FIELDS) <= set(line)
    assert "A1" not in json.dumps(line)
    assert "Acme" not in json.dumps(line)


def test_a_line_stays_one_line_whatever_it_says() -> None:
    token = request_id.set("abc-1")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it %s\n", ("broke",), sys.exc_info())
        text = JsonLines().format(record)
    finally:
        request_id.reset(token)
    line = json.loads(text)
    assert ("\n" in text, line["message"], line["level"], line["request_id"]) == (False, "it broke\n", "error", "abc-1")
    assert "ValueError: two\nlines" in line["error"]


def test_the_form_is_chosen_for_the_whole_process_whatever_its_stderr_was_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, requests = logging.getLogger(), logging.getLogger(REQUESTS)
    forms: tuple[LogFormat, ...] = ("json", "text")
    before, level, handlers = requests.level, root.level, list(root.handlers)
    try:
        for form in forms:
            monkeypatch.setattr(sys, "stderr", closed := io.StringIO())
            configure(form)
            closed.close()
            monkeypatch.undo()
            requests.info("request")
            logging.getLogger("rind.x").info("hello")
    finally:
        requests.setLevel(before)
        root.handlers[:] = handlers
        root.setLevel(level)
    first, second, third = capsys.readouterr().err.splitlines()
    assert [json.loads(first)["logger"], json.loads(second)["message"], third] == [
        REQUESTS,
        "hello",
        "INFO rind.x hello",
    ]
