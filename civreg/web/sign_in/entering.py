"""Đăng nhập and đăng xuất: name and password, then the code of the phone where it is on."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from civreg.accounts import service as accounts
from civreg.accounts.queries import UserRow
from civreg.accounts.rules import Actor
from civreg.accounts.service import Pending, SecondFactorDue, SignInOver
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.web.access import actor_or_none, close_cookie, current_token, open_cookie, page
from civreg.web.forms.answers import Answers
from civreg.web.kept import KeptForm, carried_form, local_path
from civreg.web.ringing import ringing_for
from civreg.web.sign_in.area import blueprint, first_path

_DUE = "second_factor_due"
_MOST_DEVICES = 5
"""People of one office who use the same browser; the oldest is asked again."""


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
    """Check name and password; go on to the code, or to where the person was going."""
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
            token, user = accounts.sign_in(session, username, password, devices=_devices())
    except SecondFactorDue as due:
        pending = due.pending
        cookie.clear()  # nothing of the one before is kept (fixation)
        cookie[_DUE] = [str(pending.user_id), pending.mark, pending.until]
        return _code_form({}, next_path=target, kept=kept)
    except Refusal as refusal:
        answers.take(refusal)
        return _form(answers.values, answers.errors, next_path=target, kept=kept, status=refusal.status)
    return _go_on(token, user, target, kept)


@blueprint.get("/dang-nhap/ma-xac-thuc")
@page(public=True)
def show_code() -> ResponseReturnValue:
    """Show the question for the code again; without a right password before, start at the beginning."""
    return _code_form({}) if _pending() else redirect(url_for(".show"))


@blueprint.post("/dang-nhap/ma-xac-thuc")
@page(public=True)
def send_code() -> ResponseReturnValue:
    """Check the code of the phone; each try is counted in the database before it is looked at."""
    pending = _pending()
    target, kept = local_path(request.form.get("next", "")), carried_form()
    if pending is None:
        errors = {"": SignInOver().sentence}
        return _form({}, errors, next_path=target, kept=kept, status=422)
    try:
        with transaction(db.session()) as session:
            accounts.note_code_try(session, pending.user_id)
        with transaction(db.session()) as session:
            token, user, device = accounts.finish_sign_in(
                session, pending, request.form.get("code", ""), trust="trust" in request.form
            )
    except SignInOver as refusal:
        cookie.clear()
        return _form({}, {"": refusal.sentence}, next_path=target, kept=kept, status=refusal.status)
    except Refusal as refusal:
        answers = Answers({})
        answers.take(refusal)
        return _code_form(answers.errors, next_path=target, kept=kept, status=refusal.status)
    response = make_response(_go_on(token, user, target, kept))
    if device:
        _keep_device(response, device)
    return response


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


def _go_on(token: str, user: UserRow, target: str, kept: KeptForm | None) -> ResponseReturnValue:
    with transaction(db.session()) as session:
        actor = accounts.actor_of_token(session, token)
    if actor is None:  # disabled between two statements
        return _form({}, {"": accounts.WrongSignIn().sentence}, next_path=target, status=422)
    open_cookie(actor, token)
    if user.must_change_password:
        return redirect(url_for("sign_in.change_password"))
    if kept is not None:
        return render_template("sign_in/resend.html", kept=kept)
    landing = target or first_path(actor)
    if landing != url_for("administration.index"):  # there they are shown in full
        _say_alarms(actor)
    return redirect(landing)


def _say_alarms(actor: Actor) -> None:
    """Tell an administrator whose first page is another one what rings, so that nobody has to look for it."""
    ringing = ringing_for(actor)
    if ringing:
        titles = "; ".join(alarm.title for alarm in ringing)
        flash(f"Hệ thống có cảnh báo: {titles}. Ông/bà mở “Quản trị” để xem việc cần làm.", "warning")


def _pending() -> Pending | None:
    """Return whose right password waits for a code; the cookie is signed, the service checks the rest."""
    match cookie.get(_DUE):
        case [str(user_id), str(mark), int(until)]:
            return Pending(UUID(user_id), mark, until)
    return None


def _device_cookie() -> str:
    return "__Host-civreg_device" if current_app.config["SESSION_COOKIE_SECURE"] else "civreg_device"


def _devices() -> list[str]:
    """Return the tokens this browser keeps, one per person who trusts it."""
    kept = request.cookies.get(_device_cookie(), "").split(".")
    return [token for token in kept if token][-_MOST_DEVICES:]


def _keep_device(response: Response, device: str) -> None:
    response.set_cookie(
        _device_cookie(),
        ".".join([*_devices(), device][-_MOST_DEVICES:]),
        max_age=accounts.TRUSTED,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _code_form(
    errors: dict[str, str], *, next_path: str = "", kept: KeptForm | None = None, status: int = 200
) -> ResponseReturnValue:
    page_text = render_template(
        "sign_in/code.html", errors=errors, next_path=next_path, kept=kept, days=accounts.TRUSTED.days
    )
    return page_text, status


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
