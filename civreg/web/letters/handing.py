"""Ký, giao, trao, mang về: one letter's hands, each recorded with the person and the hour."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.letters import service
from civreg.letters.rules import LetterAction
from civreg.shared import clock
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_values, read_moment
from civreg.web.letters.blueprint import blueprint, form, load_for, submit, typed_version

_LONGEST_REASON = 1000


@blueprint.post("/thu/<uuid:letter_id>/da-ky")
@page(permission=Permission.LETTER_PRINT)
def sign_seal(letter_id: UUID) -> ResponseReturnValue:
    """Note that the printed letter was signed and sealed."""

    def act(session: Session) -> None:
        service.sign_seal(session, current_actor(), letter_id, expected_version=typed_version())

    return submit("sign_seal", letter_id, Answers(request.form), act, "Đã ghi: thư đã ký, đóng dấu.")


@blueprint.route("/thu/<uuid:letter_id>/trao", methods=["GET", "POST"])
@page(permission=Permission.LETTER_HAND_OVER)
def hand_over(letter_id: UUID) -> ResponseReturnValue:
    """Note whom the letter was handed to, and when; this is what the programme counts."""
    if request.method == "GET":
        letter = load_for(letter_id, LetterAction.HAND_OVER)
        return form("hand_over", letter, moment_values("at", clock.now()), {})
    answers = Answers(request.form)
    to_whom = answers.text("to_whom", missing="Ông/bà ghi họ tên người nhận thư.")
    relation = answers.text("relation", missing="Ông/bà ghi người nhận là gì của gia đình.", longest=120)
    at = read_moment(answers, "at", not_after=clock.today())

    def act(session: Session) -> None:
        if at is not None:
            service.hand_over(
                session,
                current_actor(),
                letter_id,
                expected_version=typed_version(),
                to_whom=to_whom,
                relation=relation,
                at=at,
            )

    return submit("hand_over", letter_id, answers, act, "Đã ghi: thư đã trao tận tay gia đình.")


@blueprint.route("/thu/<uuid:letter_id>/mang-ve", methods=["GET", "POST"])
@page(permission=Permission.LETTER_HAND_OVER)
def return_letter(letter_id: UUID) -> ResponseReturnValue:
    """Note that the letter could not be handed over, and why."""
    if request.method == "GET":
        return form("return", load_for(letter_id, LetterAction.RETURN), {}, {})
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi vì sao chưa trao được.", longest=_LONGEST_REASON)

    def act(session: Session) -> None:
        service.return_letter(
            session, current_actor(), letter_id, expected_version=typed_version(), reason=reason
        )

    return submit("return", letter_id, answers, act, "Đã ghi: thư mang về, chờ giao lại.")
