"""The three bands, by churn risk and by health."""

from __future__ import annotations

RED, AMBER, GREEN = "red", "amber", "green"
