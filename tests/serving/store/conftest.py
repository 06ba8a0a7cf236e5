from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from result_folders import write_results

from rind.serving.store.postgres_store import PostgresStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole run of twelve accounts."""
    return write_results(tmp_path / "week")


@pytest.fixture
def opened(results_url: str) -> Iterator[Callable[..., PostgresStore]]:
    """Opens stores on the test's own database, and closes them."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(closing(PostgresStore(results_url, 0, **settings)))
