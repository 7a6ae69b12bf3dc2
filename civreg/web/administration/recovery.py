"""Khôi phục tài khoản: one administrator asks, another confirms and hands the new password over."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts import queries, service
from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound, Refusal
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.administration.users import managed_user, password_once
from civreg.web.forms.answers import Answers


@blueprint.get("/tai-khoan/<uuid:user_id>/khoi-phuc")
@page(permission=Permission.USERS_MANAGE)
def recovery(user_id: UUID) -> ResponseReturnValue:
    """Show the question, or what another administrator asked."""
    return _page(user_id, Answers({})), 200


@blueprint.post("/tai-khoan/<uuid:user_id>/khoi-phuc")
@page(permission=Permission.USERS_MANAGE)
def ask_recovery(user_id: UUID) -> ResponseReturnValue:
    """Ask; nothing changes for the user yet."""
    answers = Answers(request.form)
    try:
        with transaction(db.session()) as session:
            service.ask_recovery(session, current_actor(), user_id, answers.values.get("reason", ""))
    except NotFound:
        raise
    except Refusal as refusal:
        answers.take(refusal)
        return _page(user_id, answers), 422
    flash("Đã ghi đề nghị. Một người quản trị khác mở trang này và xác nhận trong 24 giờ.", "success")
    return redirect(url_for(".recovery", user_id=user_id))


@blueprint.post("/tai-khoan/<uuid:user_id>/khoi-phuc/xac-nhan")
@page(permission=Permission.USERS_MANAGE)
def confirm_recovery(user_id: UUID) -> ResponseReturnValue:
    """Confirm what another one asked; the password is shown once, to whoever confirms."""
    answers = Answers(request.form)
    with transaction(db.session()):
        row = managed_user(user_id)
    asked = answers.identity("recovery_id")
    if asked is None:
        raise NotFound("Không còn đề nghị nào chờ xác nhận. Ông/bà mở lại trang tài khoản.")
    try:
        with transaction(db.session()) as session:
            password = service.confirm_recovery(session, current_actor(), user_id, asked)
    except NotFound:
        raise
    except Refusal as refusal:
        answers.take(refusal)
        return _page(user_id, answers), 422
    return password_once(row.username, row.full_name, password, user_id)


def _page(user_id: UUID, answers: Answers) -> str:
    with transaction(db.session()) as session:
        row = managed_user(user_id)
        waiting = queries.open_recovery(session, user_id)
    actor = current_actor()
    return render_template(
        "administration/recovery.html",
        row=row,
        waiting=waiting,
        may_confirm=waiting is not None and actor.user_id not in (waiting.asked_by, user_id),
        is_self=actor.user_id == user_id,
        values=answers.values,
        errors=answers.errors,
    )
