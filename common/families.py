"""The names of the feature families, for who may not import their code."""

from __future__ import annotations

FAMILIES = ("usage", "tickets", "contacts", "surveys", "engagement", "commercial")
"""In the order in which people read them; `features.families.FAMILIES` holds their modules. The health score may give
each of them a weight."""
