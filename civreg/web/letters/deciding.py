"""Duyệt, bỏ tạm giữ: what the head reads and approves, and what whoever knows the family decides."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.letters import service
from civreg.letters.rules import Honorific, LetterAction
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.letters.blueprint import HONORIFICS, blueprint, form, load_for, submit, typed_version


@blueprint.post("/thu/<uuid:letter_id>/duyet")
@page(permission=Permission.LETTER_APPROVE)
def approve(letter_id: UUID) -> ResponseReturnValue:
    """The head approves; the machine gives the number and renders the final sheet."""

    def act(session: Session) -> None:
        service.approve(session, current_actor(), letter_id, expected_version=typed_version())

    done = "Đã duyệt thư. Máy cấp số ngay; sau đó thư chờ in."
    return submit("approve", letter_id, Answers(request.form), act, done)


@blueprint.route("/thu/<uuid:letter_id>/bo-tam-giu", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def release(letter_id: UUID) -> ResponseReturnValue:
    """Somebody who knows the family has decided; asks only what this letter needs."""
    if request.method == "GET":
        return form("release", load_for(letter_id, LetterAction.RELEASE), {}, {})
    answers = Answers(request.form)
    honorific = answers.choice("honorific", [word for word, _ in HONORIFICS])

    def act(session: Session) -> None:
        service.release(
            session,
            current_actor(),
            letter_id,
            expected_version=typed_version(),
            mother_and_child=answers.ticked("mother_and_child"),
            honorific=Honorific(honorific) if honorific else None,
            together=answers.ticked("together"),
        )

    return submit("release", letter_id, answers, act, "Đã bỏ tạm giữ. Thư chờ lãnh đạo duyệt.")
