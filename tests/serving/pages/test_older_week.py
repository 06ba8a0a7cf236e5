"""Where the newest results cannot be read, an older week is served, and everybody who reads it is told."""

from __future__ import annotations

from pathlib import Path

from served import site

from benchmarks.made_results import make_results

NOTICE = "Not the newest results."


def test_pages_readiness_and_metrics_say_that_an_older_week_is_served(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    make_results(folder, accounts=12)
    with site(folder, tmp_path / "access.sqlite") as made:
        viewer, admin, program = made.logged_in(), made.logged_in("admin"), made.program("read", "metrics")
        assert NOTICE not in viewer.get("/").text
        assert program.get("/readyz").json()["problem"] is None
        assert "rind_newest_results_unreadable 0.0" in program.get("/metrics").text
        (folder / "run.json").write_text("[]")
        assert not made.store.refresh()
        for path in ("/", "/watermelons", "/model"):
            page = viewer.get(path).text
            assert f"<b>{NOTICE}</b> Newer ones cannot be read; this is the week of 29 Jun 2026." in page
            assert "run.json" not in page, "where the results lie is not for every reader"
        for path in ("/", "/audit"):
            page = admin.get(path).text
            assert NOTICE in page, path
            assert "run.json holds no JSON object." in page, path
        ready = program.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["problem"].endswith("run.json holds no JSON object")
        assert "rind_newest_results_unreadable 1.0" in program.get("/metrics").text
        make_results(folder, accounts=12, seed=9)
        assert made.store.refresh()
        assert NOTICE not in viewer.get("/").text
        assert program.get("/readyz").json()["problem"] is None
