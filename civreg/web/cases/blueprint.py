"""The blueprint of /ho-so and what its pages share."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.cases import queries as cases
from civreg.cases.queries import CasePage
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput
from civreg.web.access import current_actor
from civreg.web.forms.answers import Answers

blueprint = Blueprint("cases", __name__)


def load(case_id: UUID) -> CasePage:
    """Return the case for a page, with the read written down."""
    with transaction(db.session()) as session:
        return cases.case_page(session, current_actor(), case_id)


def back_to(case_id: UUID) -> ResponseReturnValue:
    """Lead back to the case, whose page says what is next."""
    return redirect(url_for("cases.show", case_id=case_id))


def typed_version() -> int:
    """Return the version the page was opened at; a form without it is as stale as can be."""
    typed = request.form.get("expected_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def submit(
    template: str,
    case_id: UUID,
    answers: Answers,
    act: Callable[[Session], object],
) -> ResponseReturnValue:
    """Run one service; show the form again with what was typed when something cannot be used."""
    if not answers.errors:
        try:
            with transaction(db.session()) as session:
                act(session)
        except InvalidInput as refusal:
            answers.take(refusal)
        else:
            return back_to(case_id)
    page = load(case_id)
    return render_template(template, case=page, values=answers.values, errors=answers.errors), 422
