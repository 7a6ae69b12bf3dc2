"""Đăng nhập, đăng xuất, đổi mật khẩu of staff."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts import service as accounts
from civreg.accounts.rules import Actor
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.web.access import (
    actor_or_none,
    close_cookie,
    current_actor,
    current_token,
    open_cookie,
    page,
    section_paths,
)
from civreg.web.forms.answers import Answers
from civreg.web.kept import KeptForm, carried_form, local_path

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/dang-nhap")
@page(public=True)
def show() -> ResponseReturnValue:
    """Show the form; whoever is signed in already goes on."""
    target = local_path(request.args.get("next", ""))
    actor = actor_or_none()
    if actor is not None:
        return redirect(target or first_path(actor))
    return _form({}, {}, next_path=target, expired="expired" in request.args)


@blueprint.post("/dang-nhap")
@page(public=True)
def sign_in() -> ResponseReturnValue:
    """Check name and password; go on to where the person was going."""
    answers = Answers(request.form)
    username = answers.text("username", missing="Ông/bà ghi tên đăng nhập.")
    password = request.form.get("password", "")
    if not password:
        answers.refuse("password", "Ông/bà ghi mật khẩu.")
    target, kept = local_path(request.form.get("next", "")), carried_form()
    if answers.errors:
        return _form(answers.values, answers.errors, next_path=target, kept=kept, status=422)
    try:
        with transaction(db.session()) as session:
            accounts.note_try(session, username)
        with transaction(db.session()) as session:
            token, user = accounts.sign_in(session, username, password)
            actor = accounts.actor_of_token(session, token)
    except Refusal as refusal:
        answers.take(refusal)
        return _form(answers.values, answers.errors, next_path=target, kept=kept, status=refusal.status)
    if actor is None:  # disabled between two statements
        return _form(answers.values, {"": accounts.WrongSignIn().sentence}, next_path=target, status=422)
    open_cookie(actor, token)
    if user.must_change_password:
        return redirect(url_for("sign_in.change_password"))
    if kept is not None:
        return render_template("sign_in/resend.html", kept=kept)
    return redirect(target or first_path(actor))


@blueprint.post("/dang-xuat")
@page(public=True)
def sign_out() -> ResponseReturnValue:
    """End the session in the database and in the browser."""
    token = current_token()
    if token:
        with transaction(db.session()) as session:
            accounts.sign_out(session, token)
    close_cookie()
    flash("Ông/bà đã đăng xuất.", "success")
    return redirect(url_for("sign_in.show"))


@blueprint.route("/mat-khau", methods=["GET", "POST"])
@page(signed_in=True, before_new_password=True)
def change_password() -> ResponseReturnValue:
    """Set one's own new password; other sessions end."""
    actor = current_actor()
    answers = Answers(request.form)
    status = 200
    if request.method == "POST":
        old, new = request.form.get("old_password", ""), request.form.get("new_password", "")
        if new != request.form.get("new_password_again", ""):
            answers.refuse(
                "new_password_again", "Hai lần nhập mật khẩu mới chưa giống nhau. Ông/bà nhập lại."
            )
        if not answers.errors:
            try:
                with transaction(db.session()) as session:
                    accounts.change_password(session, actor, old, new, token=current_token())
            except Refusal as refusal:
                answers.take(refusal)
            else:
                flash("Đã đổi mật khẩu. Các nơi khác đang đăng nhập đã bị đăng xuất.", "success")
                return redirect(first_path(actor))
        status = 422
    return (
        render_template(
            "sign_in/change_password.html",
            errors=answers.errors,
            must=actor.must_change_password,
            username=actor.username,
        ),
        status,
    )


def first_path(actor: Actor) -> str:
    """Return the first area the user may enter: where one lands after signing in."""
    paths = section_paths(actor)
    return paths[0] if paths else url_for("sign_in.change_password")


def _form(
    values: dict[str, str],
    errors: dict[str, str],
    *,
    next_path: str,
    kept: KeptForm | None = None,
    expired: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    page_text = render_template(
        "sign_in/sign_in.html", values=values, errors=errors, next_path=next_path, kept=kept, expired=expired
    )
    return page_text, status
