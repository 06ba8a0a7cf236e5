"""The compose file: three services, one image, nothing open that need not be."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from rind.pipelines.cli.serve import page_settings
from rind.pipelines.params import load
from rind.serving.deliver.settings import smtp_problem
from tests.deploy.dockerfile import ROOT, stages

FINAL = stages()[-1]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CHECKER = Path(sys.executable).with_name("check-jsonschema")


def test_the_file_follows_the_schema_of_compose_files() -> None:
    if not CHECKER.exists():
        pytest.skip("check-jsonschema is not installed: pip install -e .[lint]")
    command = [CHECKER, "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_services_are_the_pages_the_weekly_job_and_postgres_and_rind_is_one_image() -> None:
    assert set(SERVICES) == {"serve", "week", "database"}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert SERVICES["serve"]["image"] == SERVICES["week"]["image"] == f"rind:${{RIND_VERSION:-{version}}}"
    assert re.fullmatch(r"postgres:\d+\.\d+-\w+", SERVICES["database"]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_read_only_root_and_no_way_to_more_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_rind_is_the_user_of_the_image_and_its_volume_the_folder_that_the_image_gives_to_that_user() -> None:
    for name in ("serve", "week"):
        assert SERVICES[name]["user"] == FINAL.last("USER").text
        assert f"state:{FINAL.last('WORKDIR').text}" in SERVICES[name]["volumes"]
        assert any(place.startswith("/tmp") for place in SERVICES[name]["tmpfs"])


def test_the_pages_are_open_to_this_machine_alone_and_the_database_to_nobody() -> None:
    assert SERVICES["serve"]["ports"] == ["127.0.0.1:8700:8700"]
    assert "ports" not in SERVICES["week"]
    assert "ports" not in SERVICES["database"]
    assert not set(SERVICES["serve"]["networks"]) & set(SERVICES["database"]["networks"])


def test_the_pages_know_no_secret_of_the_job_and_no_file_holds_one() -> None:
    assert set(SERVICES["serve"]["environment"]) == {"RIND_OIDC_SECRET"}
    example = dict(line.split("=", 1) for line in lines(DEPLOY / ".env.example"))
    needed = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text())) - {"RIND_VERSION"}
    assert needed == set(example)
    assert {name: value for name, value in example.items() if re.search("PASSWORD|WEBHOOK|SECRET", name)} == {
        "RIND_DATABASE_PASSWORD": "", "RIND_SMTP_PASSWORD": "", "RIND_SLACK_WEBHOOK": "", "RIND_OIDC_SECRET": "",
    }  # fmt: skip


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def test_the_example_of_the_parameters_serves_to_the_proxy_behind_the_gateway_of_its_network() -> None:
    given = load(DEPLOY / "company.example.yaml")
    settings = page_settings(given, demo=False)
    assert settings.secure_cookies
    assert settings.addresses == ("0.0.0.0",)
    [network] = COMPOSE["networks"]["pages"]["ipam"]["config"]
    assert settings.proxies == (network["gateway"],)
    assert ip_address(network["gateway"]) in ip_network(network["subnet"])
    assert smtp_problem(given.deliveries.smtp, "secret") == ""
    assert given.serving.access.startswith(f"{FINAL.last('WORKDIR').text}/")
