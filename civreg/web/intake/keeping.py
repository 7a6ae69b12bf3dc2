"""Không mất chữ nào: when a POST cannot be taken, the same page comes back with everything that was typed.

Works without the database: the page is drawn from the body alone.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from civreg.shared import crypto
from civreg.shared.errors import NotFound
from civreg.web.errors import error_page
from civreg.web.forms.request import take_typed
from civreg.web.intake import answers as read
from civreg.web.intake import drafts, showing
from civreg.web.intake.offered import service_of
from civreg.web.intake.questions import CALLBACK
from civreg.web.intake.showing import Shown
from civreg.web.kept import AWAY, FOREIGN, STALE, is_foreign

_log = structlog.get_logger()

_RETRY_SECONDS = "60"
DATABASE_AWAY = (OperationalError, InterfaceError, PoolExhausted)
"""What a stopped database raises, whichever way it is noticed."""


def same_page(status: int, notice: str) -> ResponseReturnValue | None:
    """Return the page of this POST again with what its body carries; None when there is no such page."""
    if request.method != "POST" or not request.view_args or request.endpoint == "intake.forget":
        return None
    service = service_of(request.view_args["procedure"])
    if request.endpoint == "intake.send":
        answers = read.take_all(service.pages, request.form)
        key = request.form.get(drafts.REQUEST_KEY) or crypto.token()
        return showing.review_page(service, answers, key, notice=notice, status=status)
    is_callback = request.endpoint == "intake.send_callback"
    question = CALLBACK if is_callback else service.page(request.view_args["step"])
    typed = take_typed(question, request.form)
    extra = (
        {drafts.REQUEST_KEY: request.form.get(drafts.REQUEST_KEY) or crypto.token()} if is_callback else {}
    )
    return showing.question_page(service, question, Shown(typed, notice=notice, extra=extra, status=status))


def _database_away(error: Exception) -> ResponseReturnValue:
    _log.error("database_away", error=type(error).__name__)
    again = same_page(503, AWAY)
    if again is None:
        return error_page(503)
    response = make_response(again)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _forged(_: CSRFError) -> ResponseReturnValue:
    if is_foreign():
        return error_page(400, FOREIGN)
    try:
        return same_page(400, STALE) or error_page(400, STALE)
    except NotFound as reason:
        return error_page(reason.status, reason.sentence)


def init_blueprint(blueprint: Blueprint) -> None:
    """Answer a foreign token and a database that is away with the same page."""
    blueprint.register_error_handler(CSRFError, _forged)
    for away in DATABASE_AWAY:
        blueprint.register_error_handler(away, _database_away)
