"""Tin báo trên bàn làm việc: read one, make it a request, or put it aside with a reason."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Permission
from civreg.cases import queries
from civreg.cases import service as cases
from civreg.cases.queries import TidingPage
from civreg.cases.rules.tidings import REPORTER_WORDS
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.cases.asking import read_request, request_page, take_refusal
from civreg.web.cases.blueprint import back_to, blueprint
from civreg.web.forms.answers import Answers
from civreg.web.opened import typed_version


@blueprint.get("/bao-tin/<uuid:tiding_id>")
@page(permission=Permission.CASE_VIEW)
def tiding(tiding_id: UUID) -> ResponseReturnValue:
    """Show a tiding, whole; the look is written down."""
    told, session = _open(tiding_id), db.session()
    case = (
        queries.rows_of(session, current_actor(), [told.case_id]).get(told.case_id) if told.case_id else None
    )
    return render_template(
        "cases/tiding.html",
        told=told,
        case=case,
        unit=units.unit_by_id(session, told.unit_id),
        names=names_of(session, [told.settled_by] if told.settled_by else []),
        may_settle=told.state == "new" and current_actor().may(Permission.CASE_ASK, told.unit_id),
        today=clock.today(),
    )


@blueprint.route("/bao-tin/<uuid:tiding_id>/lap-yeu-cau", methods=["GET", "POST"])
@page(permission=Permission.CASE_ASK)
def take_tiding(tiding_id: UUID) -> ResponseReturnValue:
    """Show the request form filled with what was told; write the request, once."""
    told = _open(tiding_id)
    if told.case_id is not None:
        flash("Tin này đã được lập thành yêu cầu. Đây là hồ sơ của gia đình.", "quiet")
        return back_to(told.case_id)
    if request.method == "GET":
        return _settled(told) or request_page(_first_values(told), {}, told)
    answers = Answers(request.form)
    form = read_request(answers, told)
    if form is None:
        return request_page(answers.values, answers.errors, told), 422
    status = 422
    try:
        with transaction(db.session()) as session:
            receipt = cases.take_tiding(
                session, current_actor(), tiding_id, expected_version=typed_version(), form=form
            )
    except InvalidInput as refusal:
        take_refusal(answers, refusal)
    except Conflict as clash:
        answers.take(clash)
        status = clash.status
    else:
        flash(f"Đã lập yêu cầu {receipt.code} từ tin báo. Bước tiếp theo: gọi cho gia đình.", "success")
        return back_to(receipt.case_id)
    return request_page(answers.values, answers.errors, told), status


@blueprint.route("/bao-tin/<uuid:tiding_id>/bo", methods=["GET", "POST"])
@page(permission=Permission.CASE_ASK)
def drop_tiding(tiding_id: UUID) -> ResponseReturnValue:
    """Ask for the reason, then put the tiding aside."""
    told, answers, status = _open(tiding_id), Answers(request.form), 422
    if request.method == "GET":
        return _settled(told) or _drop_page(told, {}, {})
    try:
        with transaction(db.session()) as session:
            cases.drop_tiding(
                session,
                current_actor(),
                tiding_id,
                expected_version=typed_version(),
                reason=request.form.get("reason", ""),
            )
    except InvalidInput as refusal:
        answers.take(refusal)
    except Conflict as clash:
        answers.take(clash)
        status = clash.status
    else:
        flash("Đã bỏ tin báo; lý do được giữ lại.", "success")
        return redirect(url_for("desk.show"))
    return _drop_page(told, answers.values, answers.errors), status


def _open(tiding_id: UUID) -> TidingPage:
    with transaction(db.session()) as session:
        return queries.tiding_page(session, current_actor(), tiding_id)


def _settled(told: TidingPage) -> ResponseReturnValue | None:
    """Lead a page of a step back to the tiding when there is nothing left to settle."""
    if told.state == "new":
        return None
    flash("Tin này đã được xử lý. Ông/bà xem lại dưới đây.", "warning")
    return redirect(url_for("cases.tiding", tiding_id=told.id))


def _drop_page(told: TidingPage, values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("cases/drop_tiding.html", told=told, values=values, errors=errors)


def _first_values(told: TidingPage) -> dict[str, str]:
    """Return what the request form starts with: whom to ask for, where, and who told."""
    who = REPORTER_WORDS[told.reporter].lower()  # type: ignore[index]
    return {
        "requester_name": told.family_name,
        "phone": told.family_phone,
        "hamlet": told.hamlet,
        "channel": told.reporter,
        "note": f"Người báo tin: {told.reporter_name} ({who}). {told.note}".strip(),
        "expected_version": str(told.version),
    }
