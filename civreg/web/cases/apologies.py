"""Phiếu xin lỗi và hẹn lại: the head signs with one new date, the officer tells the family."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import export, queries
from civreg.cases import service as cases
from civreg.cases.queries import ApologyRow
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, submit
from civreg.web.forms.answers import Answers, day_values
from civreg.web.opened import open_case, typed_version

_ADDRESS = "/ho-so/<uuid:case_id>/xin-loi/<uuid:apology_id>"


def _apology(case_id: UUID, apology_id: UUID) -> ApologyRow:
    rows = queries.apologies_of(db.session(), current_actor(), case_id)
    found = next((row for row in rows if row.id == apology_id), None)
    if found is None:
        raise NotFound("Không tìm thấy phiếu xin lỗi này ở đơn vị của ông/bà.")
    return found


@blueprint.route(f"{_ADDRESS}/ky", methods=["GET", "POST"])
@page(permission=Permission.CASE_SIGN)
def sign_apology(case_id: UUID, apology_id: UUID) -> ResponseReturnValue:
    """Sign the apology: why it is late, and the one new date."""
    case, apology = open_case(case_id), _apology(case_id, apology_id)
    if request.method == "GET":
        if apology.state != "draft":
            flash("Phiếu xin lỗi này đã ký.", "warning")
            return back_to(case_id)
        proposed = apology.new_due_on
        if (
            proposed is None or proposed < clock.today()
        ):  # the draft has lain for days: a past day helps nobody
            proposed = cases.proposed_day(db.session(), apology.missed_on)
        return render_template(
            "cases/sign_apology.html",
            case=case,
            apology=apology,
            values={"reason": apology.reason, **day_values("new_due_on", proposed)},
            errors={},
            clash=None,
            today=clock.today(),
        )
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi lý do để gia đình hiểu vì sao trễ.", longest=1000)
    new_due_on = answers.day("new_due_on")

    def act(session: Session) -> None:
        if new_due_on is not None:
            cases.sign_apology(
                session,
                current_actor(),
                apology_id,
                expected_version=typed_version(),
                reason=reason,
                new_due_on=new_due_on,
            )

    done = "Đã ký phiếu xin lỗi. Gia đình tra cứu thấy ngày hẹn mới; công chức báo cho gia đình."
    return submit(
        "cases/sign_apology.html",
        case_id,
        None,
        answers,
        act,
        done=done,
        apology=apology,
        today=clock.today(),
    )


@blueprint.route("/ho-so/<uuid:case_id>/khong-kip-hen", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def foresee_late(case_id: UUID) -> ResponseReturnValue:
    """Say that the promised day cannot be kept: the apology is drafted for the head while there is time."""
    case = open_case(case_id)
    if request.method == "GET":
        return render_template("cases/foresee_late.html", case=case, values={}, errors={}, clash=None)
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi lý do để gia đình hiểu vì sao trễ.", longest=1000)

    def act(session: Session) -> None:
        cases.foresee_late(session, current_actor(), case_id, expected_version=typed_version(), reason=reason)

    done = "Đã soạn phiếu xin lỗi, chờ lãnh đạo ký trước ngày hẹn."
    return submit("cases/foresee_late.html", case_id, None, answers, act, done=done)


@blueprint.post(f"{_ADDRESS}/da-bao")
@page(permission=Permission.CASE_WORK)
def send_apology(case_id: UUID, apology_id: UUID) -> ResponseReturnValue:
    """Note how the family was told."""
    with transaction(db.session()) as session:
        cases.send_apology(
            session,
            current_actor(),
            apology_id,
            expected_version=typed_version(),
            how=request.form.get("how", ""),
        )
    flash("Đã ghi là đã báo cho gia đình.", "success")
    return back_to(case_id)


@blueprint.get(f"{_ADDRESS}.pdf")
@page(permission=Permission.CASE_VIEW)
def apology_slip(case_id: UUID, apology_id: UUID) -> ResponseReturnValue:
    """Give the signed apology to print (mẫu M04)."""
    with transaction(db.session()) as session:
        content = export.apology_slip(session, current_actor(), case_id, apology_id)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="phieu-xin-loi.pdf"'
    return response
