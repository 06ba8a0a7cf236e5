"""The page of the voice of the customer: sentences are for who may see the account."""

from __future__ import annotations

import json
from pathlib import Path

from served import OTHER, OWN, Site, read, site


def sentences(results: Path, csm: str) -> list[str]:
    rows = json.loads((results / "voice_texts.json").read_text())["sentences"]
    return [row["text"] for row in rows if row["csm"] == csm]


def test_topics_stand_with_their_sentences_and_worth(here: Site, results: Path) -> None:
    page = read(here, "/voice")
    assert page.count("slow, pages") == 3
    assert sentences(results, OWN)
    for text in sentences(results, OWN):
        assert text in page
    assert "4.0<small>1.0 to 7.0</small>" in page
    assert "usage 2 · nothing 1" in page


def test_who_sees_the_own_accounts_only_reads_no_other_sentence_and_no_money(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", csm_sees="own_only") as strict:
        page = strict.logged_in("csm", OWN).get("/voice").text
        rows = json.loads((results / "voice_texts.json").read_text())
        everything = [*rows["sentences"], *rows["post_mortem"]["accounts"]]
        others = [row.get("comment") or row["text"] for row in everything if row["csm"] != OWN]
        assert len(others) > 3
        assert not any(text in page for text in others)
        assert ">ARR<" not in page
        own = [row.get("comment") or row["text"] for row in everything if row["csm"] == OWN]
        assert all(text in page for text in own)
        assert OTHER not in page


def test_sentences_are_in_no_answer_of_the_api(here: Site, results: Path) -> None:
    for path in ("/v1/risk-list", "/v1/accounts/A00000"):
        answer = here.client().get(path)
        assert not any(text in answer.text for text in sentences(results, OWN))
