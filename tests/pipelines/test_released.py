"""What released versions left opens in this one (`benchmarks.released_fixture` makes the fixtures)."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from served import Site, site
from typer.testing import CliRunner

from benchmarks.restore import PATHS
from rind.common.results import MANIFEST
from rind.common.run_record import SCHEMA
from rind.pipelines import tracking
from rind.pipelines.backup import restore
from rind.pipelines.cli.app import app
from rind.pipelines.data import read
from rind.pipelines.live_scorer import live_scorer
from rind.pipelines.params import load
from rind.pipelines.places import places_of
from rind.pipelines.workspace import of_run
from rind.serving.access.access_file import Access
from rind.serving.deliver.outbox import LedgerError, Outbox
from rind.serving.feedback.file import Feedback

RELEASED = sorted((Path(__file__).parents[1] / "fixtures/released").glob("*/backup.tar.zst"))


@pytest.fixture(scope="module", params=RELEASED, ids=lambda file: file.parent.name)
def out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of results that the version left."""
    folder = tmp_path_factory.mktemp("released") / "results"
    restore(request.param, folder, lambda: places_of(folder, load()))
    return folder


@pytest.fixture(scope="module")
def here(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    with site(out, tmp_path_factory.mktemp("access") / "access.sqlite", demo=True) as made:
        yield made


def test_there_is_a_fixture_of_a_release() -> None:
    assert RELEASED


@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens(here: Site, path: str) -> None:
    answer = here.client(accept="text/html").get(path)
    assert answer.status_code == 200, answer.text[:500]


def test_users_feedback_and_ledger_open(out: Path) -> None:
    with closing(Access(out / "access.sqlite")) as access, closing(Feedback(out / "feedback.sqlite")) as feedback:
        assert [user.name for user in access.users.all()] == ["ana"]
        assert access.sessions.is_password("ana", "correct horse battery")
        assert [act.note for act in feedback.acts()] == ["called"]
    with closing(Outbox(out / "deliveries", "Somebody")) as outbox:
        assert [entry.item.payload for entry in outbox.waiting("mail")] == [b"the list"]


def test_the_model_is_loaded_as_it_was_registered_and_scores_as_it_did(out: Path, here: Site) -> None:
    space = of_run(out)
    features = read(space.features)
    now = features[features["as_of"] == features["as_of"].max()].set_index("account_id")
    with tracking.store(space, load().tracking) as mlflow:
        best = tracking.champion(mlflow, json.loads(space.run.read_text())["scored_by"]["name"])
    assert best is not None
    listed = read(space.risk_list).set_index("account_id")["churn_probability"]
    assert best.predict(now)["churn_probability"].reindex(listed.index).to_numpy() == pytest.approx(listed.to_numpy())
    scorer = live_scorer(space, load().tracking)
    scored, _ = scorer(here.store.current()).score(now.head(2).reset_index(), explain=False)
    assert len(scored) == 2


def test_its_week_is_delivered_by_this_version(out: Path, tmp_path: Path) -> None:
    preview = tmp_path / "preview"
    words = ["deliver", "--dir", str(out), "--dry-run", str(preview), "--only", "mail", "--set",
             "deliveries.leadership=[cco@example.com]", "--set", "deliveries.sender=rind@example.com"]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert list(preview.rglob("*"))


@pytest.mark.parametrize(
    ("schema", "words"),
    [(SCHEMA + 1, "use the version that wrote it"), (-1, "make the week anew: rind run"), ("x", "use")],
)
def test_results_that_this_version_does_not_read_are_refused_with_what_to_do(
    out: Path, tmp_path: Path, schema: object, words: str
) -> None:
    record = json.loads((out / MANIFEST).read_text())
    shutil.copy(out / "risk_list.parquet", tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps(record | {"schema": schema}))
    for command in (["publish", "--to", "postgres://x@localhost/x"], ["deliver"]):
        done = CliRunner().invoke(app, [command[0], "--dir", str(tmp_path), *command[1:]])
        assert (done.exit_code != 0, words in " ".join(done.output.split())) == (True, True), (command, done.output)
    with site(tmp_path, tmp_path / "access.sqlite", demo=True) as made:
        assert made.client().get("/v1/risk-list").status_code == 503


def test_a_ledger_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    with closing(Outbox(tmp_path)) as outbox:
        outbox._db.execute("pragma user_version = 9")
    with pytest.raises(LedgerError, match="version 9"):
        Outbox(tmp_path)
