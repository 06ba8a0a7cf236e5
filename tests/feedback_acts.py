"""The list that the tests of feedback are about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rind.serving.feedback.acts import Act

WEEK = date(2026, 6, 29)
MakeAct = Callable[..., Act]
