from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Site, site


@pytest.fixture(scope="module")
def here(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(results, tmp_path_factory.mktemp("access") / "access.sqlite", demo=True) as made:
        yield made
