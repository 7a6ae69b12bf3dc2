"""Ký, trao: one letter's hands, each recorded with the place, the person and the hour."""

from __future__ import annotations

from typing import BinaryIO, cast
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters import service
from civreg.letters.rules import HAND_OVER_WAYS, HEIGHT, WIDTH, LetterAction, parse_strokes
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.shared.imaging import draw_lines, reencode
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_values, read_moment
from civreg.web.letters.blueprint import blueprint, form, load_for, submit, typed_version
from civreg.web.photographs import MOST_BODY
from civreg.web.security import longest_body

_TWO_RECEIPTS = (
    "Ông/bà gửi một trong hai: ảnh chụp chữ ký nhận, hoặc chữ ký trên màn hình (bấm “Ký lại” để xóa ô ký)."
)
WAYS = list(HAND_OVER_WAYS.items())


@blueprint.post("/thu/<uuid:letter_id>/da-ky")
@page(permission=Permission.LETTER_PRINT)
def sign_seal(letter_id: UUID) -> ResponseReturnValue:
    """Note that the printed letter was signed and sealed."""

    def act(session: Session) -> None:
        service.sign_seal(session, current_actor(), letter_id, expected_version=typed_version())

    return submit("sign_seal", letter_id, Answers(request.form), act, "Đã ghi: thư đã ký, đóng dấu.")


@blueprint.route("/thu/<uuid:letter_id>/trao", methods=["GET", "POST"])
@page(permission=Permission.LETTER_HAND_OVER)
@longest_body(MOST_BODY)
def hand_over(letter_id: UUID) -> ResponseReturnValue:
    """Note where, to whom and when the letter was handed over; this is what the programme counts."""
    if request.method == "GET":
        letter = load_for(letter_id, LetterAction.HAND_OVER)
        return form("hand_over", letter, {**moment_values("at", clock.now()), "way": "visit"}, {}, ways=WAYS)
    answers = Answers(request.form)
    way = answers.choice("way", list(HAND_OVER_WAYS), missing="Ông/bà chọn nơi trao thư.")
    to_whom = answers.text("to_whom", missing="Ông/bà ghi họ tên người nhận thư.")
    relation = answers.text("relation", missing="Ông/bà ghi người nhận là gì của gia đình.", longest=120)
    at = read_moment(answers, "at", not_after=clock.today())
    photograph = _receipt(answers)

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
                way=cast(service.HandOverWay, way),
                photograph=photograph,
            )

    done = "Đã ghi: thư đã trao tận tay gia đình."
    return submit("hand_over", letter_id, answers, act, done, ways=WAYS)


def _receipt(answers: Answers) -> bytes | None:
    """Return the picture of the receipt: a photograph, or what was signed on the screen; both at once is one too many."""
    photograph, signature = _photograph(answers), _signature(answers)
    if photograph and signature:
        answers.refuse("photograph", _TWO_RECEIPTS)
    return photograph or signature


def _signature(answers: Answers) -> bytes | None:
    try:
        lines = parse_strokes(answers.values.get("signature", ""))
    except Refusal as refusal:
        answers.refuse("signature", refusal.sentence)
        return None
    return draw_lines(lines, WIDTH, HEIGHT).content if lines else None


def _photograph(answers: Answers) -> bytes | None:
    """Return the photograph of the receipt, re-encoded; None when none was sent or it cannot be used, which is said."""
    sent = request.files.get("photograph")
    if sent is None or not sent.filename:
        return None
    try:
        return reencode(cast(BinaryIO, sent.stream)).content
    except Refusal as refusal:
        answers.refuse("photograph", refusal.sentence)
        return None


@blueprint.get("/thu/<uuid:letter_id>/anh-nhan/<uuid:move_id>.jpg")
@page(permission=Permission.LETTER_VIEW)
def receipt(letter_id: UUID, move_id: UUID) -> Response:
    """Show the photograph of the receipt of one hand-over; each view is logged."""
    with transaction(db.session()) as session:
        content = letters.receipt_photograph(session, current_actor(), letter_id, move_id)
    return Response(content, mimetype="image/jpeg")
