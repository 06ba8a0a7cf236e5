"""What a run notes of its source."""

from __future__ import annotations

SET_ASIDE = "broken rows set aside"
"""How the note on rows that are left out begins."""
