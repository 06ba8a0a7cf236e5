"""What params.yaml sets of the reports."""

from __future__ import annotations

from rind.common.settings import Section


class PlaybookRule(Section):
    """``do`` this where family, segment and band all fit; ``*`` fits everything, a missing value included."""

    family: str
    segment: str
    band: str
    do: str
