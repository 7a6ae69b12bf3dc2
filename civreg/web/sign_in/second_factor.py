"""Mã xác thực: switch it on with one's phone, and off again. Only ever one's own."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts import service as accounts
from civreg.accounts.rules import Actor, address_of_key, spoken_key
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.shared.qr import qr_svg
from civreg.web.access import current_actor, current_token, page, second_factor_missing
from civreg.web.forms.answers import Answers
from civreg.web.sign_in.area import blueprint, first_path


@blueprint.get("/tai-khoan/ma-xac-thuc")
@page(signed_in=True, before_second_factor=True)
def second_factor() -> ResponseReturnValue:
    """Show what to do next: begin, scan and confirm, or switch off."""
    return _page({})


@blueprint.post("/tai-khoan/ma-xac-thuc/bat-dau")
@page(signed_in=True, before_second_factor=True)
def start_second_factor() -> ResponseReturnValue:
    """Make a new key after the password; the next page shows it until its first code."""
    actor = current_actor()
    try:
        with transaction(db.session()) as session:
            accounts.note_try(session, actor.username)
        with transaction(db.session()) as session:
            accounts.start_second_factor(session, actor, request.form.get("password", ""))
    except Refusal as refusal:
        return _refused(refusal)
    return redirect(url_for(".second_factor"))


@blueprint.post("/tai-khoan/ma-xac-thuc")
@page(signed_in=True, before_second_factor=True)
def confirm_second_factor() -> ResponseReturnValue:
    """Switch it on with the first code; all other sessions end."""
    actor = current_actor()
    try:
        with transaction(db.session()) as session:
            _count_try(actor)
        with transaction(db.session()) as session:
            accounts.confirm_second_factor(session, actor, request.form.get("code", ""))
            if actor.user_id is not None:
                accounts.end_sessions(session, actor.user_id, but=current_token())
    except Refusal as refusal:
        return _refused(refusal)
    flash("Đã bật mã xác thực. Từ lần sau, sau mật khẩu máy hỏi mã trên điện thoại.", "success")
    return redirect(first_path(actor))


@blueprint.post("/tai-khoan/ma-xac-thuc/tat")
@page(signed_in=True)
def stop_second_factor() -> ResponseReturnValue:
    """Switch it off with one code."""
    actor = current_actor()
    try:
        with transaction(db.session()) as session:
            _count_try(actor)
        with transaction(db.session()) as session:
            accounts.stop_second_factor(session, actor, request.form.get("code", ""))
    except Refusal as refusal:
        return _refused(refusal)
    flash("Đã tắt mã xác thực.", "success")
    return redirect(url_for(".account"))


def _count_try(actor: Actor) -> None:
    if actor.user_id is not None:
        accounts.note_code_try(db.session(), actor.user_id)


def _refused(refusal: Refusal) -> ResponseReturnValue:
    answers = Answers({})
    answers.take(refusal)
    text, _ = _page(answers.errors)
    return text, refusal.status


def _page(errors: dict[str, str]) -> tuple[str, int]:
    actor = current_actor()
    secret = accounts.unconfirmed_secret(db.session(), actor)
    text = render_template(
        "sign_in/second_factor.html",
        errors=errors,
        actor=actor,
        required=second_factor_missing(actor),
        key=spoken_key(secret) if secret else "",
        square=_square(address_of_key(secret, actor.username)) if secret else "",
    )
    return text, 200


def _square(address: str) -> str:
    """Return the square code as inline SVG: the key is never an address that a browser fetches."""
    return qr_svg(address, "Mã vuông để quét", scale=4)
