"""Pauses of the thread that reads a new week, so that it does not slow the pages of the old one."""

from __future__ import annotations

import threading
import time

PAUSE_SECONDS = 0.04


def breathe() -> None:
    """Pause for waiting requests; the main thread, which answers them, goes on without a pause."""
    if threading.current_thread() is not threading.main_thread():
        time.sleep(PAUSE_SECONDS)
