"""Vai trò: give a role at a unit, and end one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts import queries, service
from civreg.accounts.rules import ROLE_WORDS, Permission, Role
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound, Refusal
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.administration.users import ROLE_CHOICES, managed_user
from civreg.web.forms.answers import Answers, day_values
from civreg.web.forms.units import UnitChoice, choose_unit


@blueprint.route("/tai-khoan/<uuid:user_id>/vai-tro", methods=["GET", "POST"])
@page(permission=Permission.USERS_MANAGE)
def grant_role(user_id: UUID) -> ResponseReturnValue:
    """Give one more role at a unit, from a day on."""
    actor, answers, choice, status = current_actor(), Answers(request.form), UnitChoice(None), 200
    with transaction(db.session()):
        row = managed_user(user_id)
    if request.method == "POST":
        status = 422
        role = answers.choice("role", [value for value, _ in ROLE_CHOICES], missing="Ông/bà chọn vai trò.")
        starts_on = answers.day("starts_on")
        try:
            with transaction(db.session()) as session:
                choice = choose_unit(session, answers, actor.units(Permission.USERS_MANAGE))
                if not answers.errors and choice.unit is not None and starts_on is not None:
                    service.grant_role(session, actor, user_id, choice.unit.id, Role(role), starts_on)
                    flash("Đã giao vai trò.", "success")
                    return redirect(url_for(".user", user_id=user_id))
        except Refusal as refusal:
            answers.take(refusal)
    page_text = render_template(
        "administration/grant_role.html",
        row=row,
        values=answers.values or day_values("starts_on", clock.today()),
        errors=answers.errors,
        role_choices=ROLE_CHOICES,
        offered=choice.offered,
    )
    return page_text, status


@blueprint.route("/tai-khoan/<uuid:user_id>/vai-tro/<uuid:grant_id>/thoi", methods=["GET", "POST"])
@page(permission=Permission.USERS_MANAGE)
def end_role(user_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """Ask, then end a role from today on."""
    actor = current_actor()
    with transaction(db.session()) as session:
        grants = {grant.id: grant for grant in queries.grants_of(session, user_id)}
        grant = grants.get(grant_id)
        row = queries.user_by_id(session, user_id)
        if row is None or grant is None or not actor.may(Permission.USERS_MANAGE, grant.unit_id):
            raise NotFound
        if request.method == "POST":
            service.end_role(session, actor, grant_id, max(clock.today(), grant.starts_on))
    if request.method == "POST":
        flash("Người này thôi giữ vai trò kể từ bây giờ.", "success")
        return redirect(url_for(".users"))
    return render_template("administration/end_role.html", row=row, grant=grant, role_words=ROLE_WORDS)
