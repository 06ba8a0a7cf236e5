"""The time-travel law for feature families of one's own."""

from __future__ import annotations

from rind.features.checks.family_check import FamilyCheck
from rind.features.checks.family_check import check_named as check_family

__all__ = ["FamilyCheck", "check_family"]
