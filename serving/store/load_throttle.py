"""Reading a new week must not slow the pages of the old one: between its steps the reading thread makes way."""

from __future__ import annotations

import threading
import time

PAUSE_SECONDS = 0.04


def breathe() -> None:
    """Let waiting requests through, if this is not the thread that answers them (that one has nobody to wait for)."""
    if threading.current_thread() is not threading.main_thread():
        time.sleep(PAUSE_SECONDS)
