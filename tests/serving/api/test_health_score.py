"""The weights of the health score as data."""

from __future__ import annotations

import json
from pathlib import Path

from result_folders import write_results
from served import Client, site


def test_the_weights_are_those_of_the_run(program: Client, results: Path) -> None:
    document = json.loads((results / "health_score.json").read_text())
    body = program.get("/v1/health-score").json()
    assert {name: body[name] for name in ("current", "proposed", "recommend")} == {
        name: document[name] for name in ("current", "proposed", "recommend")
    }


def test_a_run_without_weights_is_a_404_that_names_the_file(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "week")
    (folder / "health_score.json").unlink()
    run = json.loads((folder / "run.json").read_text())
    del run["manifest"]
    (folder / "run.json").write_text(json.dumps(run))
    with site(folder, tmp_path / "access.sqlite") as here:
        answer = here.program("read").get("/v1/health-score")
    assert answer.status_code == 404
    assert "health_score.json" in answer.json()["detail"]
