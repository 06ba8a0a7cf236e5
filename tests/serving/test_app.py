"""The application."""

from __future__ import annotations

import asyncio
from pathlib import Path

from served import site

from rind.serving.access.audit import Event


def test_a_server_prunes_the_audit_log_when_it_starts(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as here:
        here.access.audit.add(Event("2020-01-01T00:00:00+00:00", "jonas", "see", "/old", "", "", 200), at_once=True)

        async def start() -> None:
            async with here.app.router.lifespan_context(here.app):
                while here.access.audit.events():
                    await asyncio.sleep(0.01)

        here.loop.run(asyncio.wait_for(start(), 30))
        assert here.access.audit.events() == []
