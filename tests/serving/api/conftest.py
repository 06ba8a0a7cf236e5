from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Client, Site, site


@pytest.fixture(scope="module")
def here(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(results, tmp_path_factory.mktemp("access") / "access.sqlite") as made:
        yield made


@pytest.fixture(scope="module")
def program(here: Site) -> Client:
    return here.program("read", "export", "score", "metrics", "feedback")
