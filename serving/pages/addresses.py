"""Addresses of this server: those that come from a form, which never lead elsewhere, and whole ones for others."""

from __future__ import annotations

from starlette.requests import Request


def own_path(target: str) -> str:
    """The target where it is a path of this server; else "/"."""
    own = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if own else "/"


def own_url(request: Request, path: str) -> str:
    """The whole address of a path, under the name that the browser used (the middleware knows all of our names)."""
    https = request.app.state.serving.settings.secure_cookies
    return f"{'https' if https else 'http'}://{request.headers.get('host', '')}{path}"
