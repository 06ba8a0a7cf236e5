from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from result_folders import write_results

from rind.pipelines.params import load
from rind.serving.deliver.channels import CHANNELS
from rind.serving.deliver.job import Job
from rind.serving.deliver.settings import Secrets
from rind.serving.store.folder import FolderStore

CSMS = '{"Li Na": li@example.com, "Tom Hardy": tom@example.com}'
MakeJob = Callable[..., Job]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RIND_SMTP_HOST", "RIND_SMTP_PORT", "RIND_SMTP_USER", "RIND_SMTP_PASSWORD", "RIND_SLACK_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def make_job(tmp_path: Path) -> Iterator[MakeJob]:
    """A job on a made-up week: two CSMs and one leader, a local SMTP server in clear text, no waiting."""
    stores: list[FolderStore] = []

    def make(*overrides: str, week: dict[str, Any] | None = None, secrets: Secrets | None = None, **more: Any) -> Job:
        folder = write_results(tmp_path / f"week{len(stores)}", **({"accounts": 40} | (week or {})))
        stores.append(FolderStore(folder, refresh_seconds=0))
        defaults = {
            "sender": "Rind <rind@example.com>", "csms": CSMS, "leadership": "[boss@example.com]",
            "smtp.host": "127.0.0.1", "smtp.security": "none", "smtp.timeout_seconds": 5, "lock_wait_seconds": 20,
            "retries.attempts": 2, "retries.first_wait_seconds": 0,
        }  # fmt: skip
        settings = load(
            None, [*(f"deliveries.{name}={value}" for name, value in defaults.items()), *overrides]
        ).deliveries
        return Job(stores[-1].current(), settings, secrets or Secrets(), **({"channels": tuple(CHANNELS)} | more))

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def job(make_job: Any, port: int) -> Any:
    return make_job(f"deliveries.smtp.port={port}", channels=["mail"], required=True)
