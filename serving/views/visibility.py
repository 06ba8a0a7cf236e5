"""Whose accounts a principal may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rind.serving.access.principals import Principal
from rind.serving.settings import Settings


@dataclass(frozen=True)
class Visibility:
    """Whose accounts are shown.

    Parameters
    ----------
    only
        The CSM whose accounts alone are visible, beside the assigned ones; "" where all are.
    first
        The CSM whose accounts the list shows first; "" for none.
    assigned
        Accounts of other CSMs that this one took on by feedback; empty where all are visible.
    """

    only: str = ""
    first: str = ""
    assigned: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, principal: Principal, settings: Settings, assigned: Callable[[], Mapping[str, str]] = dict
    ) -> Visibility:
        """What this principal may see. A key with a CSM is always confined to that CSM's accounts.

        ``assigned``: account -> the CSM who took it on.
        """
        if not principal.csm:
            return cls()
        confined = principal.role == "key" or settings.csm_sees == "own_only"
        if not confined:
            return cls(first=principal.csm)
        taken_on = frozenset(account for account, csm in assigned().items() if csm == principal.csm)
        return cls(principal.csm, principal.csm, taken_on)

    def shows(self, account_id: str, csm: str | None) -> bool:
        """Whether the reader may see an account of this CSM."""
        return self.only in ("", csm) or account_id in self.assigned
