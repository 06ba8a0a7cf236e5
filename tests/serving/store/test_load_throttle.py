"""Pauses of the thread that reads a new week."""

from __future__ import annotations

import threading

import pytest

from rind.serving.store import load_throttle
from rind.serving.store.load_throttle import PAUSE_SECONDS, breathe


def test_the_reading_thread_pauses_and_the_main_thread_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(load_throttle.time, "sleep", pauses.append)
    breathe()
    assert pauses == []
    thread = threading.Thread(target=breathe)
    thread.start()
    thread.join()
    assert pauses == [PAUSE_SECONDS]
