"""Tài khoản của tôi: where one is signed in, one's password, and "sign out everywhere else"."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts import queries
from civreg.accounts import service as accounts
from civreg.accounts.rules import ROLE_WORDS
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.web.access import current_actor, current_token, page
from civreg.web.forms.answers import Answers
from civreg.web.sign_in.area import blueprint, first_path


@blueprint.get("/tai-khoan")
@page(signed_in=True)
def account() -> str:
    """Show one's own account: roles, places signed in, second factor."""
    actor, session = current_actor(), db.session()
    if actor.user_id is None:
        raise RuntimeError("a page was opened by the machine")
    return render_template(
        "sign_in/account.html",
        actor=actor,
        role_words=ROLE_WORDS,
        sessions=queries.sessions_of(session, actor.user_id, current_token(), accounts.IDLE),
        grants=queries.grants_of(session, actor.user_id),
        devices=queries.trusted_devices(session, actor.user_id),
        days=accounts.TRUSTED.days,
        today=clock.today(),
    )


@blueprint.post("/tai-khoan/dang-xuat-noi-khac")
@page(signed_in=True)
def sign_out_elsewhere() -> ResponseReturnValue:
    """End one's other sessions; every browser is asked for the code again."""
    actor = current_actor()
    with transaction(db.session()) as session:
        if actor.user_id is not None:
            accounts.end_sessions(session, actor.user_id, but=current_token())
            accounts.forget_devices(session, actor.user_id)
    flash("Đã đăng xuất ở mọi nơi khác. Lần đăng nhập sau máy nào cũng hỏi mã xác thực.", "success")
    return redirect(url_for(".account"))


@blueprint.route("/mat-khau", methods=["GET", "POST"])
@page(signed_in=True, before_new_password=True, before_second_factor=True)
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
