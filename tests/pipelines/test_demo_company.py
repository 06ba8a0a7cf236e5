"""The settings of the demo company: read on its results, and on no other company's."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from result_folders import write_results
from typer.testing import CliRunner

from rind.demo.names import csm_names
from rind.pipelines.cli.app import app
from rind.pipelines.demo_company import SETTINGS, demo_settings
from rind.pipelines.params import load

SOURCE = {"url": "data/demo/source", "name": "Demo company", "watch": "data/demo/source"}


def results(folder: Path, source: object) -> Path:
    """A week of a run that read this source."""
    write_results(folder, accounts=40, csm="Ana Almeida")
    run = json.loads((folder / "run.json").read_text())
    run["parameters"]["source"] = source
    run.setdefault("facts", {})["currency"] = "EUR"
    (folder / "run.json").write_text(json.dumps(run))
    return folder


def test_a_dry_run_on_the_demo_writes_mails_in_the_currency_of_its_contracts(tmp_path: Path) -> None:
    week = results(tmp_path / "week", SOURCE)
    done = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--dry-run", str(tmp_path / "preview")])
    assert done.exit_code == 0, done.output
    mail = message_from_bytes(
        (tmp_path / "preview/mail_leadership_cco@demo.example_2026-03-02.eml").read_bytes(), policy=policy.default
    )
    assert isinstance(mail, EmailMessage)
    text = mail.get_body(("plain",))
    assert text is not None
    assert "ARR at risk: \N{EURO SIGN}" in text.get_content()
    assert (tmp_path / "preview/mail_csm_Ana_Almeida_ana@demo.example_2026-03-02.eml").exists()


@pytest.mark.parametrize(
    "source", [None, {}, "x", SOURCE | {"name": ""}, SOURCE | {"name": "Acme"}, SOURCE | {"url": "tables/"}]
)
def test_no_other_company_gets_the_demos_settings(tmp_path: Path, source: object) -> None:
    assert demo_settings(results(tmp_path / "week", source)) is None
    assert demo_settings(tmp_path / "nothing") is None


def test_the_demo_names_three_of_its_own_csms_and_changes_nothing_that_a_run_reads() -> None:
    demo, plain = load(SETTINGS), load()
    assert len(demo.deliveries.csms) == 3
    assert set(demo.deliveries.csms) <= set(csm_names(2000))
    same = {"serving": plain.serving, "deliveries": plain.deliveries}
    assert demo.model_copy(update=same) == plain
