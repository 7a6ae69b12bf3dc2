"""Tài khoản: list, make, correct, lock, and give a new password shown once."""

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
from civreg.web.forms.answers import Answers
from civreg.web.forms.units import UnitChoice, choose_unit

_PAGE = 50
ROLE_CHOICES = tuple((role.value, words) for role, words in ROLE_WORDS.items())
_ROLE_VALUES = tuple(role.value for role in Role)


@blueprint.get("/tai-khoan")
@page(permission=Permission.USERS_MANAGE)
def users() -> str:
    """List the users of the actor's units, filtered by the address."""
    answers = Answers(request.args)
    text, role = answers.text("q"), answers.choice("role", _ROLE_VALUES)
    with transaction(db.session()) as session:
        rows = queries.users_at(
            session,
            current_actor(),
            text=text,
            role=Role(role) if role else None,
            after=answers.text("after"),
            limit=_PAGE + 1,
        )
        held = {row.id: queries.grants_of(session, row.id) for row in rows[:_PAGE]}
    more = len(rows) > _PAGE
    return render_template(
        "administration/users.html",
        rows=rows[:_PAGE],
        held=held,
        today=clock.today(),
        values=answers.values,
        role_choices=ROLE_CHOICES,
        role_words=ROLE_WORDS,
        next_url=url_for(".users", q=text, role=role, after=rows[_PAGE - 1].username) if more else "",
    )


@blueprint.route("/tai-khoan/moi", methods=["GET", "POST"])
@page(permission=Permission.USERS_MANAGE)
def new_user() -> ResponseReturnValue:
    """Make a user with a first role; the password is shown once on the next page."""
    actor, answers, choice, status = current_actor(), Answers(request.form), UnitChoice(None), 200
    if request.method == "POST":
        status = 422
        username = answers.text("username", missing="Ông/bà ghi tên đăng nhập.")
        full_name = answers.text("full_name", missing="Ông/bà ghi họ tên của người dùng.")
        title = answers.text("title")
        role = answers.choice("role", _ROLE_VALUES, missing="Ông/bà chọn vai trò.")
        password = service.random_password()
        try:
            with transaction(db.session()) as session:
                choice = choose_unit(session, answers, actor.units(Permission.USERS_MANAGE))
                if not answers.errors and choice.unit is not None:
                    user_id = service.create_user(
                        session, actor, username=username, full_name=full_name, title=title, password=password
                    )
                    service.grant_role(session, actor, user_id, choice.unit.id, Role(role), clock.today())
                    return password_once(username, full_name, password, user_id)
        except Refusal as refusal:
            answers.take(refusal)
    page_text = render_template(
        "administration/new_user.html",
        values=answers.values,
        errors=answers.errors,
        role_choices=ROLE_CHOICES,
        offered=choice.offered,
    )
    return page_text, status


def password_once(username: str, full_name: str, password: str, user_id: UUID) -> str:
    """Show a new password, this once."""
    return render_template(
        "administration/password_once.html",
        username=username,
        full_name=full_name,
        password=password,
        user_id=user_id,
    )


@blueprint.route("/tai-khoan/<uuid:user_id>", methods=["GET", "POST"])
@page(permission=Permission.USERS_MANAGE)
def user(user_id: UUID) -> ResponseReturnValue:
    """Show one user with roles; a POST corrects name and title."""
    actor, answers, status = current_actor(), Answers(request.form), 200
    if request.method == "POST":
        try:
            with transaction(db.session()) as session:
                service.change_user(
                    session,
                    actor,
                    user_id,
                    full_name=answers.text("full_name"),
                    title=answers.text("title"),
                )
        except NotFound:
            raise
        except Refusal as refusal:
            answers.take(refusal)
            status = 422
        else:
            flash("Đã lưu.", "success")
            return redirect(url_for(".user", user_id=user_id))
    with transaction(db.session()) as session:
        row = managed_user(user_id)
        grants = queries.grants_of(session, user_id)
    page_text = render_template(
        "administration/user.html",
        row=row,
        grants=grants,
        own_units=actor.units(Permission.USERS_MANAGE),
        is_self=actor.user_id == user_id,
        today=clock.today(),
        role_words=ROLE_WORDS,
        values=answers.values or {"full_name": row.full_name, "title": row.title},
        errors=answers.errors,
    )
    return page_text, status


def managed_user(user_id: UUID) -> queries.UserRow:
    """Return a user the actor looks after.

    Raises:
        NotFound: no such user, or one of other units.
    """
    session = db.session()
    row = queries.user_by_id(session, user_id)
    if row is None or not queries.manages(session, current_actor(), user_id):
        raise NotFound
    return row


@blueprint.route("/tai-khoan/<uuid:user_id>/khoa", methods=["GET", "POST"])
@page(permission=Permission.USERS_MANAGE)
def lock_user(user_id: UUID) -> ResponseReturnValue:
    """Ask, then lock the account; its sessions end at once."""
    if request.method == "GET":
        with transaction(db.session()):
            return render_template("administration/lock_user.html", row=managed_user(user_id))
    with transaction(db.session()) as session:
        service.set_active(session, current_actor(), user_id, active=False)
    flash("Đã khóa tài khoản. Người này bị đăng xuất ở mọi nơi.", "success")
    return redirect(url_for(".user", user_id=user_id))


@blueprint.post("/tai-khoan/<uuid:user_id>/mo-khoa")
@page(permission=Permission.USERS_MANAGE)
def unlock_user(user_id: UUID) -> ResponseReturnValue:
    """Open the account again."""
    with transaction(db.session()) as session:
        service.set_active(session, current_actor(), user_id, active=True)
    flash("Đã mở khóa tài khoản.", "success")
    return redirect(url_for(".user", user_id=user_id))


@blueprint.route("/tai-khoan/<uuid:user_id>/mat-khau-moi", methods=["GET", "POST"])
@page(permission=Permission.USERS_MANAGE)
def reset_password(user_id: UUID) -> ResponseReturnValue:
    """Ask, then give a new password, shown once."""
    with transaction(db.session()) as session:
        row = managed_user(user_id)
        if request.method == "GET":
            return render_template("administration/reset_password.html", row=row)
        password = service.reset_password(session, current_actor(), user_id)
    return password_once(row.username, row.full_name, password, user_id)
