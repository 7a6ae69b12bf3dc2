"""Bản nháp trong trình duyệt: the cookie that holds a family's token, and merging one page into what is kept."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Request, Response
from sqlalchemy.orm import Session

from civreg.cases.service import load_draft, save_draft
from civreg.shared import crypto

_SEVEN_DAYS = 7 * 24 * 3600
REQUEST_KEY = "request_key"
"""Kept beside the answers, so that the review page carries the same key however often it is opened."""


def _name(procedure: str) -> str:
    return f"civreg_draft_{procedure}"


def draft_token(request: Request, procedure: str) -> str | None:
    """Return the token this browser holds for a service."""
    return request.cookies.get(_name(procedure))


def hold_draft(response: Response, procedure: str, token: str, *, secure: bool) -> Response:
    """Give the browser the token for seven more days."""
    response.set_cookie(
        _name(procedure),
        token,
        max_age=_SEVEN_DAYS,
        path="/yeu-cau",
        httponly=True,
        secure=secure,
        samesite="Lax",
    )
    return response


def drop_cookie(response: Response, procedure: str) -> Response:
    """Take the token back from the browser."""
    response.delete_cookie(_name(procedure), path="/yeu-cau")
    return response


def keep_answers(
    session: Session, token: str | None, procedure: str, answers: Mapping[str, str]
) -> tuple[str, bool]:
    """Keep the answers of one page beside the others; return the token and whether the draft had expired."""
    kept = load_draft(session, token, procedure)
    whole = {**(kept or {REQUEST_KEY: crypto.token()}), **answers}
    return save_draft(session, token, procedure, whole), token is not None and kept is None
