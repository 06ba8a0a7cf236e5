"""The security headers of every answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

SECURITY = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer browsers hide the origin of our own forms too
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
PRIVATE = "private, no-store"


def add_security_headers(headers: MutableHeaders, https_only: bool) -> None:
    """Add to an answer what it does not set itself."""
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    if https_only:
        headers.setdefault("strict-transport-security", "max-age=31536000")
    headers.setdefault("cache-control", PRIVATE)
    headers.add_vary_header("Cookie, Authorization, Accept-Language")
