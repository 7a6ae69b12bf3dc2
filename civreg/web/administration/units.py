"""Đơn vị tham gia: which communes take part, from when, whom families call, who signs."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound, Refusal
from civreg.units import queries, service
from civreg.units.queries import ParticipationRow
from civreg.units.service import ParticipationTerms
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.forms.answers import Answers, day_values
from civreg.web.forms.units import UnitChoice, choose_unit

_MOST_CALL_DAYS = 10


@blueprint.get("/don-vi")
@page(permission=Permission.UNITS_MANAGE)
def units() -> str:
    """List the units that take part today."""
    actor = current_actor()
    with transaction(db.session()) as session:
        rows = queries.participating(session, clock.today(), actor.units(Permission.UNITS_MANAGE))
    return render_template("administration/units.html", rows=rows)


@blueprint.route("/don-vi/moi", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def new_unit() -> ResponseReturnValue:
    """Let a unit take part from a day on."""
    actor, answers, choice, status = current_actor(), Answers(request.form), UnitChoice(None), 200
    if request.method == "POST":
        status = 422
        starts_on = answers.day("starts_on")
        terms = _terms(answers)
        try:
            with transaction(db.session()) as session:
                choice = choose_unit(session, answers, actor.units(Permission.UNITS_MANAGE))
                if not answers.errors and choice.unit is not None and starts_on is not None:
                    service.start_participation(session, choice.unit.id, starts_on, terms, by=actor.user_id)
                    flash(f"{choice.unit.name} tham gia chương trình.", "success")
                    return redirect(url_for(".unit", unit_id=choice.unit.id))
        except Refusal as refusal:
            answers.take(refusal)
    values = answers.values or {
        "signer_title": "CHỦ TỊCH",
        "signer_prefix": "TM. ỦY BAN NHÂN DÂN",
        "call_within_working_days": "1",
        **day_values("starts_on", clock.today()),
    }
    page_text = render_template(
        "administration/new_unit.html", values=values, errors=answers.errors, offered=choice.offered
    )
    return page_text, status


@blueprint.route("/don-vi/<int:unit_id>", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def unit(unit_id: int) -> ResponseReturnValue:
    """Show the terms of a unit that takes part; a POST changes them."""
    answers, status = Answers(request.form), 200
    with transaction(db.session()) as session:
        row = _participation(unit_id)
        if request.method == "POST":
            terms = _terms(answers)
            if not answers.errors:
                try:
                    service.update_participation(session, row.id, terms, by=current_actor().user_id)
                except Refusal as refusal:
                    answers.take(refusal)
        stretches = queries.participations_of(session, unit_id)
        hamlets = queries.hamlets_of(session, unit_id)
    if request.method == "POST" and not answers.errors:
        flash("Đã lưu.", "success")
        return redirect(url_for(".unit", unit_id=unit_id))
    if answers.errors:
        status = 422
    page_text = render_template(
        "administration/unit.html",
        row=row,
        stretches=stretches,
        hamlets=hamlets,
        values=answers.values or _values(row),
        errors=answers.errors,
    )
    return page_text, status


@blueprint.route("/don-vi/<int:unit_id>/ket-thuc", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def end_unit(unit_id: int) -> ResponseReturnValue:
    """Ask from which day, then end the unit's participation."""
    answers, status = Answers(request.form), 200
    with transaction(db.session()) as session:
        row = _participation(unit_id)
        if request.method == "POST":
            ends_on = answers.day("ends_on")
            if ends_on is not None:
                try:
                    service.end_participation(session, row.id, ends_on, by=current_actor().user_id)
                except Refusal as refusal:
                    answers.take(refusal)
    if request.method == "POST":
        if not answers.errors:
            flash(f"Đã ghi ngày {row.unit.name} thôi tham gia.", "success")
            return redirect(url_for(".units"))
        status = 422
    page_text = render_template(
        "administration/end_unit.html",
        row=row,
        values=answers.values or day_values("ends_on", clock.today()),
        errors=answers.errors,
    )
    return page_text, status


@blueprint.route("/don-vi/<int:unit_id>/ap-khom", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def hamlets(unit_id: int) -> ResponseReturnValue:
    """List the hamlets of a unit; a POST adds one, renames one or takes one off."""
    answers, status = Answers(request.form), 200
    with transaction(db.session()):
        row = _participation(unit_id)
    if request.method == "POST":
        try:
            with transaction(db.session()) as session:
                said = _change_hamlets(session, row, answers)
        except NotFound:
            raise
        except Refusal as refusal:
            status, typed_in = refusal.status, answers.identity("hamlet")
            if typed_in is None:
                answers.take(refusal)
            else:
                answers.refuse(f"name-{typed_in}", refusal.sentence)
        else:
            flash(said, "success")
            return redirect(url_for(".hamlets", unit_id=unit_id))
    page_text = render_template(
        "administration/hamlets.html",
        row=row,
        hamlets=queries.hamlets_of(db.session(), unit_id),
        values=answers.values,
        errors=answers.errors,
    )
    return page_text, status


def _change_hamlets(session: Session, row: ParticipationRow, answers: Answers) -> str:
    """Do what was asked for and say it.

    Raises:
        NotFound: the hamlet is not in this unit's list.
        Refusal: a name that cannot be used.
    """
    hamlet_id, name, by = answers.identity("hamlet"), answers.values.get("name", ""), current_actor().user_id
    if hamlet_id is None:
        old = answers.values.get("old_commune", "")
        service.add_hamlet(session, row.unit.id, name, old_commune=old, by=by)
        return "Đã thêm vào danh sách."
    known = {one.id: one.name for one in queries.hamlets_of(session, row.unit.id)}
    if hamlet_id not in known:
        raise NotFound("Không tìm thấy ấp, khóm này. Ông/bà mở lại danh sách.")
    if answers.ticked("remove"):
        service.remove_hamlet(session, hamlet_id, by=by)
        return f"Đã bỏ {known[hamlet_id]} khỏi danh sách. Hồ sơ đã ghi giữ nguyên."
    service.rename_hamlet(session, hamlet_id, name, by=by)
    return "Đã đổi tên."


def _participation(unit_id: int) -> ParticipationRow:
    """Return the present or coming participation of a unit the actor looks after.

    Raises:
        NotFound: another unit's, or none.
    """
    if not current_actor().may(Permission.UNITS_MANAGE, unit_id):
        raise NotFound
    today = clock.today()
    for row in queries.participations_of(db.session(), unit_id):
        if row.ends_on is None or row.ends_on > today:
            return row
    raise NotFound("Đơn vị này không tham gia. Ông/bà mở danh sách để chọn đơn vị khác.")


def _terms(answers: Answers) -> ParticipationTerms:
    days = answers.whole(
        "call_within_working_days", 1, _MOST_CALL_DAYS, missing="Ông/bà ghi số ngày làm việc, từ 1 đến 10."
    )
    return ParticipationTerms(
        hotline=answers.text("hotline", missing="Ghi số điện thoại mà gia đình gọi được."),
        office_address=answers.text("office_address", missing="Ghi địa chỉ trụ sở."),
        call_within_working_days=days or 1,
        saturday_morning=answers.ticked("saturday_morning"),
        signer_name=answers.text("signer_name") or None,
        signer_title=answers.text("signer_title", missing="Ghi rõ chức danh người ký."),
        signer_prefix=answers.text("signer_prefix"),
    )


def _values(row: ParticipationRow) -> dict[str, str]:
    return {
        "hotline": row.hotline,
        "office_address": row.office_address,
        "call_within_working_days": str(row.call_within_working_days),
        "saturday_morning": "1" if row.saturday_morning else "",
        "signer_name": row.signer_name or "",
        "signer_title": row.signer_title,
        "signer_prefix": row.signer_prefix,
    }
