"""Đầu trang an toàn: the security headers of every answer, and the nonce of the content policy."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_PAPER_POLICY = "frame-ancestors 'none'; base-uri 'none'"
"""For PDFs: browsers show them in a viewer of their own, which the policy of a page would switch off."""
_YEAR = 31_536_000


LONGEST_FORM = 1024 * 1024
"""Bytes of a form without files; longer ones are refused before they are read (a multipart form has its own limits)."""


View = TypeVar("View", bound=Callable[..., Any])


def longest_body(size: int) -> Callable[[View], View]:
    """Let one route take more bytes than the rest of the application, files included."""

    def declare(view: View) -> View:
        view.__dict__["longest_body"] = size
        return view

    return declare


def csp_nonce() -> str:
    """Return the nonce of this answer; every `<script>` of a template carries it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _harden(response: Response) -> Response:
    headers = response.headers
    policy = _PAPER_POLICY if response.mimetype == "application/pdf" else _POLICY.format(nonce=csp_nonce())
    headers.setdefault("Content-Security-Policy", policy)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    if (request.endpoint or "").rpartition(".")[2] != "static":
        headers["Cache-Control"] = "no-store"
    elif "v" in request.args and response.status_code == 200:
        headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


def _refuse_long_form() -> None:
    """Hold the limit of the route before anything (the token of a form, too) is read from it."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "longest_body", None)  # None: the limit of the application
    plain = request.mimetype == "application/x-www-form-urlencoded"
    if plain and (request.content_length or 0) > LONGEST_FORM:
        raise RequestEntityTooLarge


def init_app(app: Flask) -> None:
    """Harden every answer, refuse endless forms, and offer `csp_nonce()` to templates; call it before the extensions."""
    app.before_request(_refuse_long_form)
    app.after_request(_harden)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
