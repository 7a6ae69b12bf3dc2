"""Khai là người thân thích: one page that says what follows, and the step itself; the head takes a mistake back."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.rules import ENDED, RELATIVE_DECLARED, State
from civreg.cases.service.conflicts import NO_REASON, OWN_DECLARATION, TAKEN_BACK_ALREADY
from civreg.extensions import db
from civreg.shared.errors import NotFound
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, submit
from civreg.web.forms.answers import Answers
from civreg.web.opened import open_case, typed_version


@blueprint.route("/ho-so/<uuid:case_id>/nguoi-than-thich", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def declare_relative(case_id: UUID) -> ResponseReturnValue:
    """Say what the law says, and take an officer's word that the family is their own."""
    template, case = "cases/declare_relative.html", open_case(case_id)
    if case.rules.conflict is None:
        abort(404)
    if request.method == "GET":
        return render_template(template, case=case, values={}, errors={}, clash=None)

    def act(session: Session) -> None:
        cases.declare_relative(session, current_actor(), case_id, expected_version=typed_version())

    done = "Đã ghi. Công chức khác của đơn vị đăng ký hồ sơ này; ông/bà vẫn xem được."
    return submit(template, case_id, None, Answers(request.form), act, done=done)


@blueprint.route("/ho-so/<uuid:case_id>/nguoi-than-thich/<uuid:move_id>/bo", methods=["GET", "POST"])
@page(permission=Permission.CASE_SIGN)
def take_back_relative(case_id: UUID, move_id: UUID) -> ResponseReturnValue:
    """Ask the head for the reason why a declaration was a mistake, and take it back."""
    template, actor, case = "cases/take_back_relative.html", current_actor(), open_case(case_id)
    actor.require(Permission.CASE_SIGN, case.unit_id)
    said = next((m for m in case.history if m.id == move_id and m.action == RELATIVE_DECLARED), None)
    if said is None or said.actor_id is None:
        raise NotFound("Hồ sơ này không có lời khai ấy. Ông/bà mở lại hồ sơ.")
    name = names_of(db.session(), [said.actor_id]).get(said.actor_id, "")
    if request.method == "GET":
        gone = said not in case.declarations or State(case.state) in ENDED
        unfit = TAKEN_BACK_ALREADY if gone else OWN_DECLARATION if said.actor_id == actor.user_id else ""
        if unfit:
            flash(unfit, "warning")
            return back_to(case_id)
        return render_template(template, case=case, said=said, who=name, values={}, errors={}, clash=None)
    answers = Answers(request.form)
    reason = answers.lines("reason", missing=NO_REASON, longest=1000)

    def act(session: Session) -> None:
        cases.take_back_relative(
            session, actor, case_id, move_id, expected_version=typed_version(), reason=reason
        )

    done = f"Đã bỏ lời khai. {name} nhận và đăng ký được hồ sơ này như trước."
    return submit(template, case_id, None, answers, act, done=done, said=said, who=name)
