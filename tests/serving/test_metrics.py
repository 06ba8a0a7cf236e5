"""What /metrics counts."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from report_examples import AS_OF
from result_folders import write_results
from served import Site, site

from rind.common.errors import RindError, UsageError
from rind.pipelines.last_run import recorded
from rind.serving.deliver.items import Item
from rind.serving.deliver.outbox import Outbox
from rind.serving.metrics import Metrics, Surroundings
from rind.serving.store.protocols import NoResultsError
from rind.serving.store.schema import ResultsStoreError


def test_two_servers_in_one_process_count_each_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.scored.inc(3)
    one.logins.labels("good").inc()
    assert one.registry.get_sample_value("rind_scored_accounts_total") == 3
    assert other.registry.get_sample_value("rind_scored_accounts_total") == 0


def scraped(here: Site) -> dict[str, float]:
    """Name, with the label where there is one, -> value."""
    lines = [line for line in here.program("metrics").get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_tell_of_the_week_the_last_run_and_the_deliveries(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "results")
    with pytest.raises(UsageError), recorded(folder):
        raise UsageError("no such parameter")
    with closing(Outbox(folder / "deliveries", "Acme")) as outbox:
        for reader in ("a@example.com", "b@example.com"):
            outbox.put(Item(AS_OF, "mail", "leadership", reader, b"list", "Acme"))
        outbox.mark_refused(Item(AS_OF, "mail", "leadership", "b@example.com", b"list", "Acme"), "no such box")
    around = Surroundings(folder, folder / "deliveries/deliveries.sqlite")
    with site(folder, tmp_path / "access.sqlite", surroundings=around) as here:
        gauges = scraped(here)
    age = (datetime.now(UTC) - datetime.combine(AS_OF, datetime.min.time(), UTC)).total_seconds() / 86_400
    assert gauges["rind_week_age_days"] == pytest.approx(age, abs=0.01)
    assert (gauges["rind_list_withheld"], gauges["rind_accounts"], gauges["rind_last_run_exit_code"]) == (0, 12, 2)
    assert gauges["rind_last_run_ended_timestamp_seconds"] == pytest.approx(datetime.now(UTC).timestamp(), abs=60)
    assert (gauges['rind_deliveries{state="pending"}'], gauges['rind_deliveries{state="refused"}']) == (1, 1)
    assert 0 <= gauges["rind_oldest_delivery_seconds"] < 60


def test_what_is_not_known_is_absent_from_the_metrics(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "results")
    (tmp_path / "broken.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 20)
    (folder / ".rind").mkdir()
    (folder / ".rind/last_run.json").write_text("{")
    with site(
        folder, tmp_path / "access.sqlite", surroundings=Surroundings(folder, tmp_path / "broken.sqlite")
    ) as here:
        gauges = scraped(here)
    assert not {name for name in gauges if name.startswith(("rind_last_run", "rind_deliveries", "rind_oldest"))}
    assert "rind_week_age_days" in gauges


@pytest.mark.parametrize("reason", [NoResultsError("nothing yet"), ResultsStoreError("the database is away")])
def test_while_there_is_no_week_the_server_still_tells_the_rest(tmp_path: Path, reason: RindError) -> None:
    with recorded(tmp_path):
        pass
    metrics, store = Metrics(), Mock(current=Mock(side_effect=reason))
    metrics.watch(store, Surroundings(tmp_path))
    names = {family.name for family in metrics.registry.collect()}
    assert "rind_last_run_exit_code" in names
    assert "rind_week_age_days" not in names


def test_a_list_that_a_guard_keeps_back_is_told(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "results")
    run = json.loads((folder / "run.json").read_text())
    run["facts"]["withheld"] = "The usage feed stopped."
    (folder / "run.json").write_text(json.dumps(run))
    with site(folder, tmp_path / "access.sqlite") as here:
        assert scraped(here)["rind_list_withheld"] == 1
