"""Chờ cơ quan khác trả lời: who is asked by which letter, and the answer that starts the clock again."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import queries
from civreg.cases import service as cases
from civreg.cases.queries import OutsideWaitRow
from civreg.cases.rules import DOOR_OPEN, State
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, submit
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_values, read_moment
from civreg.web.opened import open_case, typed_version

_ASK, _ANSWER = "cases/ask_outside.html", "cases/note_answer.html"


@blueprint.route("/ho-so/<uuid:case_id>/co-quan-khac", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def ask_outside(case_id: UUID) -> ResponseReturnValue:
    """Note who is asked and by which letter; the promised day stands still until the answer is noted."""
    if request.method == "GET":
        case = open_case(case_id)
        if State(case.state) not in DOOR_OPEN:
            flash("Chỉ ghi chờ cơ quan khác khi đã nhận đủ giấy tờ và chưa đăng ký xong.", "warning")
            return back_to(case_id)
        values = moment_values("asked_at", clock.now())
        return render_template(_ASK, case=case, values=values, errors={}, clash=None)
    answers, typed = Answers(request.form), request.form
    asked_at = read_moment(answers, "asked_at", not_after=clock.today())

    def act(session: Session) -> None:
        if asked_at is not None:  # else the form has errors and nothing is tried
            cases.ask_outside(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                body=typed.get("body", ""),
                letter=typed.get("letter", ""),
                asked_at=asked_at,
            )

    done = "Đã ghi; thời hạn tạm dừng đến khi có trả lời. Gia đình tra cứu sẽ thấy đang chờ cơ quan nào."
    return submit(_ASK, case_id, None, answers, act, done=done)


@blueprint.route("/ho-so/<uuid:case_id>/co-quan-khac/<uuid:wait_id>", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def note_answer(case_id: UUID, wait_id: UUID) -> ResponseReturnValue:
    """Note the answer; the clock goes on and the promised day is counted afresh."""
    case = open_case(case_id)
    wait = _wait(case_id, wait_id)
    if request.method == "GET":
        if wait.answered_at is not None:
            flash("Trả lời này đã có người ghi.", "warning")
            return back_to(case_id)
        if wait.given_up:
            flash("Hồ sơ đã kết thúc, không còn chờ trả lời nữa.", "warning")
            return back_to(case_id)
        values = moment_values("answered_at", clock.now())
        return render_template(_ANSWER, case=case, wait=wait, values=values, errors={}, clash=None)
    answers = Answers(request.form)
    answered_at = read_moment(answers, "answered_at", not_after=clock.today())

    def act(session: Session) -> None:
        if answered_at is not None:
            cases.note_answer(
                session,
                current_actor(),
                case_id,
                wait_id,
                expected_version=typed_version(),
                answer=request.form.get("answer", ""),
                answered_at=answered_at,
            )

    done = "Đã ghi trả lời; thời hạn tính tiếp và ngày hẹn được tính lại."
    return submit(_ANSWER, case_id, None, answers, act, done=done, wait=wait)


def _wait(case_id: UUID, wait_id: UUID) -> OutsideWaitRow:
    waits = queries.outside_waits_of(db.session(), current_actor(), case_id)
    found = next((one for one in waits if one.id == wait_id), None)
    if found is None:
        raise NotFound("Hồ sơ này không chờ cơ quan ấy trả lời. Ông/bà mở lại hồ sơ.")
    return found
