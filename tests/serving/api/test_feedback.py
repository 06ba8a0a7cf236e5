"""Feedback on an account, by each role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from served import OTHER, OWN, Client, Site, site, token

from benchmarks.made_results import make_results
from rind.pipelines.data import write

GONE = "A00010"
ODD = ("a/b é?#", "x/feedback", "%2F", "../up")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results whose first accounts have ids that are hard on an address; the account A00010 has left."""
    folder = tmp_path_factory.mktemp("odd")
    make_results(folder, accounts=30, weeks=20)
    for name in ("risk_list", "previous_list", "explanations", "backtest", "features", "adoption"):
        frame = pd.read_parquet(folder / f"{name}.parquet")
        if name == "risk_list":
            frame = frame[frame["account_id"] != GONE]
        renamed = {f"A{n:05d}": odd for n, odd in enumerate(ODD)}
        write(frame.assign(account_id=frame["account_id"].replace(renamed)), folder / f"{name}.parquet")
    run = json.loads((folder / "run.json").read_text())
    del run["manifest"]
    (folder / "run.json").write_text(json.dumps(run))
    return folder


@pytest.fixture
def fresh(odd: Path, tmp_path: Path) -> Iterator[Site]:
    with site(odd, tmp_path / "access.sqlite") as made:
        yield made


def address(account: str) -> str:
    return f"/v1/accounts/{quote(account, safe='')}/feedback"


def first_of(folder: Path, csm: str) -> str:
    listing = pd.read_parquet(folder / "risk_list.parquet")
    plain = listing[(listing["csm"] == csm) & listing["account_id"].str.startswith("A")]
    return str(plain["account_id"].iloc[0])


def add(client: Client, account: str, **act: Any) -> Any:
    return client.post(address(account), json=act)


def test_what_was_said_is_read_back(fresh: Site, odd: Path) -> None:
    program, account = fresh.program("read", "feedback"), first_of(odd, OWN)
    assert program.get(address(account)).json()["worked"] is False
    acts: list[dict[str, Any]] = [
        {"kind": "reason", "reason": 2, "verdict": "useful"},
        {"kind": "acknowledge"},
        {"kind": "snooze", "until": "2026-07-20"},
        {"kind": "assign", "csm": OTHER},
        {"kind": "note", "note": "They want SSO."},
        {"kind": "intervention", "playbook": "Success plan", "started_on": "2026-06-22", "cost": 900},
        {"kind": "commitment", "category": "best_case", "quarter": "2026-07-01"},
    ]
    for act in acts:
        answer = add(program, account, **act)
        assert answer.status_code == 200, answer.text
    body = program.get(address(account)).json()
    assert body["worked"] is True
    assert body["snoozed_until"] == "2026-07-20"
    assert body["assigned_to"] == OTHER
    assert [reason["verdict"] for reason in body["reasons"]] == [None, "useful", None]
    assert body["notes"][0]["note"] == "They want SSO."
    assert body["interventions"][0]["intervention_id"] == "rind-6"
    assert [(one["quarter"], one["category"]) for one in body["commitments"]] == [("2026-07-01", "best_case")]
    assert [act["kind"] for act in body["acts"]] == [act["kind"] for act in acts]
    assert all(act["who"].startswith("key ") for act in body["acts"])


def test_an_act_is_replaced_once_and_withdrawn_once(fresh: Site, odd: Path) -> None:
    program, account = fresh.program("read", "feedback"), first_of(odd, OWN)
    number = add(program, account, kind="note", note="one").json()["notes"][0]["number"]
    assert add(program, account, kind="note", note="two", supersedes=number).status_code == 200
    assert add(program, account, kind="note", note="three", supersedes=number).status_code == 409
    assert add(program, account, kind="withdraw", supersedes=number).status_code == 409
    assert add(program, account, kind="withdraw", supersedes=number + 1).json()["notes"] == []
    assert add(program, first_of(odd, OTHER), kind="withdraw", supersedes=number).status_code == 404
    assert len(program.get(address(account)).json()["acts"]) == 3


@pytest.mark.parametrize(
    ("role", "csm", "own", "other"),
    [("viewer", "", 403, 403), ("csm", OWN, 200, 403), ("admin", "", 200, 200)],
)
def test_each_role_writes_where_it_may(fresh: Site, odd: Path, role: str, csm: str, own: int, other: int) -> None:
    browser = fresh.logged_in(role, csm)
    headers = {"x-csrf-token": token(browser.get("/").text), "accept": "application/json"}
    for owner, status in ((OWN, own), (OTHER, other)):
        account = first_of(odd, owner)
        assert browser.post(address(account), json={"kind": "acknowledge"}, headers=headers).status_code == status
        assert browser.get(address(account)).status_code == 200
        assert browser.post(address(account), json={"kind": "acknowledge"}).status_code == 403  # without the token


def test_nobody_writes_or_reads_without_a_login(fresh: Site, odd: Path) -> None:
    account = first_of(odd, OWN)
    assert add(fresh.client(), account, kind="acknowledge").status_code == 401
    assert fresh.client().get(address(account)).status_code == 401
    assert add(fresh.program("read"), account, kind="acknowledge").status_code == 403
    assert add(fresh.program("feedback"), account, kind="acknowledge").status_code == 403  # it must see it too


def test_the_key_of_a_csm_acts_on_the_accounts_of_this_csm_only(fresh: Site, odd: Path) -> None:
    program = fresh.program("read", "feedback", csm=OWN)
    assert add(program, first_of(odd, OWN), kind="acknowledge").status_code == 200
    assert add(program, first_of(odd, OTHER), kind="acknowledge").status_code == 404
    assert program.get(address(first_of(odd, OTHER))).status_code == 404


def test_who_took_an_account_on_may_act_on_it(fresh: Site, odd: Path) -> None:
    account = first_of(odd, OTHER)
    add(fresh.program("read", "feedback"), account, kind="assign", csm=OWN)
    browser = fresh.logged_in("csm", OWN)
    headers = {"x-csrf-token": token(browser.get("/").text)}
    assert browser.post(address(account), json={"kind": "acknowledge"}, headers=headers).status_code == 200


@pytest.mark.parametrize("account", ODD)
def test_an_account_of_any_id_takes_feedback(fresh: Site, account: str) -> None:
    program = fresh.program("read", "feedback")
    answer = add(program, account, kind="note", note="hello")
    assert answer.status_code == 200, answer.text
    assert answer.json()["account_id"] == account
    assert program.get(address(account)).json()["notes"][0]["note"] == "hello"
    detail = program.get(f"/v1/accounts/{quote(account, safe='')}").json()
    assert detail["account"]["account_id"] == account


def test_each_act_leaves_a_line_in_the_audit_log_without_the_note(fresh: Site, odd: Path) -> None:
    program, account = fresh.program("read", "feedback"), first_of(odd, OWN)
    add(program, account, kind="note", note="a secret between us")
    add(program, account, kind="snooze", until="2026-07-20")
    refused = add(program, account, kind="withdraw", supersedes=99)
    page = address(account).removeprefix("/v1").removesuffix("/feedback")
    lines = fresh.access.audit.events(action="feedback")
    assert [(line.action, line.detail, line.path, line.address) for line in lines] == [
        ("feedback refused", "withdraw of act 99", address(account), "127.0.0.1"),
        ("feedback snooze", "snooze 2026-07-20", page, "127.0.0.1"),
        ("feedback note", "note", page, "127.0.0.1"),
    ]
    assert refused.status_code == 404
    assert all("secret" not in str(event) for event in fresh.access.audit.events())


def test_what_cannot_be_is_refused_in_words(fresh: Site, odd: Path) -> None:
    program, account = fresh.program("read", "feedback"), first_of(odd, OWN)
    answer = add(program, account, kind="snooze", until="2026-06-29")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"where": "until", "what": "a day from 2026-06-30 to 2027-06-30"}]
    assert add(program, account, kind="dance").status_code == 422
    assert add(program, "nobody", kind="acknowledge").status_code == 404
    assert fresh.app.state.serving.feedback.revision == 0


def test_an_account_that_left_the_list_takes_a_note_of_its_csm(fresh: Site, odd: Path) -> None:
    before = pd.read_parquet(odd / "previous_list.parquet").set_index("account_id")
    browser = fresh.logged_in("csm", before.loc[GONE, "csm"])
    headers = {"x-csrf-token": token(browser.get("/").text)}
    answer = browser.post(address(GONE), json={"kind": "note", "note": "why?"}, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["reasons"] == []
