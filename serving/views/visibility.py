"""Whose accounts a principal may see."""

from __future__ import annotations

from dataclasses import dataclass

from rind.serving.access.principals import Principal
from rind.serving.settings import Settings


@dataclass(frozen=True)
class Visibility:
    """Whose accounts are shown.

    Parameters
    ----------
    only
        The CSM whose accounts alone are visible; "" where all are.
    first
        The CSM whose accounts the list shows first; "" for none.
    """

    only: str = ""
    first: str = ""

    @classmethod
    def of(cls, principal: Principal, settings: Settings) -> Visibility:
        """What this principal may see. A key with a CSM is always confined to that CSM's accounts."""
        if not principal.csm:
            return cls()
        confined = principal.role == "key" or settings.csm_sees == "own_only"
        return cls(only=principal.csm, first=principal.csm) if confined else cls(first=principal.csm)
