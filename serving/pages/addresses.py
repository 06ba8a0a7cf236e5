"""Addresses that come from a form: they never lead to another server."""

from __future__ import annotations


def own_path(target: str) -> str:
    """The target where it is a path of this server; else "/"."""
    own = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if own else "/"
