"""What the browser is told besides the page: trust nothing from elsewhere, keep nothing that may change."""

from typing import Final

from flask import Response

_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "Content-Security-Policy": _PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=(), display-capture=()",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"


def complete(response: Response) -> Response:
    """Add what every answer carries; pages are never kept, so that the next traveller finds none of them."""
    for name, value in _ALWAYS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def keep_for_ever(response: Response) -> Response:
    """Let the browser keep an answer whose address names its bytes."""
    response.headers["Cache-Control"] = FOR_EVER
    return response
