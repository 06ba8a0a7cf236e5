"""Personal data that somebody wrote into a text of the source: a run takes it nowhere but to the room of texts.

`planted_texts` wrote a name, an address and a telephone number into the texts of the small run's company.
"""

from __future__ import annotations

import email
import email.policy
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from planted_texts import PERSON, SAID, TEXTS

from rind.pipelines.params import load
from rind.pipelines.personal.search import traces
from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.dry_run import dry_run
from rind.serving.deliver.job import Job
from rind.serving.deliver.settings import Secrets
from rind.serving.feedback.acts import Entry
from rind.serving.feedback.file import Feedback
from rind.serving.store.folder import FolderStore

ROOMS_OF_TEXTS = {"voice_texts.json"}


def test_the_search_finds_what_was_planted(small_run: Path) -> None:
    for term in (*PERSON, SAID):
        assert set(traces(small_run / "source", [term])) == {f"{name}.parquet" for name in TEXTS}


@pytest.mark.parametrize("term", PERSON)
def test_no_result_and_no_file_of_mlflow_holds_it_but_the_room_of_texts(small_run: Path, term: str) -> None:
    results = (small_run / "results").resolve()
    places = {Path(path).name for path in traces(results, [term])}
    assert places <= ROOMS_OF_TEXTS


def test_neither_features_nor_figures_nor_the_log_are_named_after_it(small_run: Path) -> None:
    results = small_run / "results"
    features = pq.read_schema(results / "features.parquet").names
    written = "\n".join([*features, (results / "metrics.json").read_text(), (small_run / "run.log").read_text()])
    assert "voice ..." in written
    assert not any(term in written for term in PERSON)


def test_no_mail_holds_it_nor_what_a_reader_noted(small_run: Path, tmp_path: Path) -> None:
    csms = pd.read_parquet(small_run / "source/accounts.parquet")["csm"].unique()
    reached = ", ".join(f'"{csm}": csm{n}@rind.example' for n, csm in enumerate(csms))
    settings = load(None, [
        "deliveries.sender=Rind <rind@rind.example>", "deliveries.leadership=[boss@rind.example]",
        f"deliveries.csms={{{reached}}}", "deliveries.smtp.host=127.0.0.1",
    ]).deliveries  # fmt: skip
    with closing(FolderStore(small_run / "results")) as store, closing(Feedback(tmp_path / "acts.sqlite")) as feedback:
        week = store.current()
        for account in week.risk_list["account_id"].head(10):
            feedback.add(Entry("ana", account, week.as_of, "note", note=SAID))
        book = feedback.book(week.as_of)
        report = dry_run(Job(week, settings, Secrets(), tuple(CHANNELS), feedback=book), tmp_path / "sent")
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
             for path in (tmp_path / "sent").rglob("*.eml")]  # fmt: skip
    assert len(mails) == len(csms) + 1, report
    for mail in mails:
        bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert not any(term in text for term in PERSON for text in (*map(str, mail.values()), *bodies))
    assert traces(tmp_path / "sent", [*PERSON, SAID]) == []
