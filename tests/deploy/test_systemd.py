"""The units of systemd: sound, shut off from the machine, and of one mind about where things lie."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT

UNITS = sorted((ROOT / "deploy/systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


class Unit(configparser.ConfigParser):
    """A file of systemd, whose keys keep their capital letters."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def section(unit: Path, name: str) -> dict[str, str]:
    parser = Unit(strict=False, interpolation=None)
    parser.read(unit)
    return dict(parser[name])


def test_each_timer_has_its_service_and_a_day_that_systemd_understands() -> None:
    timers = [unit for unit in UNITS if unit.suffix == ".timer"]
    assert {t.stem for t in timers} == {"rind-week", "rind-deliver"}
    assert all(t.with_suffix(".service") in SERVICES for t in timers)
    assert all(section(t, "Timer")["OnCalendar"].startswith("Mon ") for t in timers)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_is_not_root_and_writes_nowhere_but_in_its_own_folder(unit: Path) -> None:
    service = section(unit, "Service")
    assert (service["User"], service["ProtectSystem"], service["PrivateTmp"]) == ("rind", "strict", "yes")
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["StateDirectory"] == "rind"
    assert "ReadWritePaths" not in service
    assert re.match(r"/opt/rind/bin/rind", service["ExecStart"])


def test_the_pages_see_no_secret_of_the_weekly_job_and_end_well_where_the_system_ends_them() -> None:
    service = section(ROOT / "deploy/systemd/rind-serve.service", "Service")
    assert service["EnvironmentFile"] == "-/etc/rind/serve.environment", "not that of the weekly job"
    assert service["SuccessExitStatus"] == "143"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_itself_finds_no_fault(tmp_path: Path) -> None:
    """Where the programs lie is no matter of the units' form: each is one that is there."""
    for unit in UNITS:
        (tmp_path / unit.name).write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
    done = subprocess.run(["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True,
                          check=False)  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "rind" in line]
    assert (done.returncode, ours) == (0, []), done.stderr
