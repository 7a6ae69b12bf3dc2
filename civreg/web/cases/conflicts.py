"""Khai là người thân thích: one page that says what follows, and the step itself."""

from __future__ import annotations

from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, submit
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
