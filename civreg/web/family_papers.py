"""Gia đình gửi ảnh giấy tờ: after sending a request, or after following one with code and second fact.

Only giấy chứng sinh and giấy báo tử are taken; an identity card is never asked for. What was sent is not shown
again: the page says how many photographs lie with the commune, because a phone passes through many hands.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.cases.queries.images import FamilyImages, family_images
from civreg.cases.service import images as service
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound
from civreg.shared.imaging import Picture
from civreg.web import photographs
from civreg.web.access import page
from civreg.web.photographs import Outcome
from civreg.web.security import longest_body
from civreg.web.tickets import LIFE, case_of
from civreg.web.visitor import visitor_address

PATH = "/gui-anh"
COOKIE = "civreg_photographs"

blueprint = Blueprint("family_papers", __name__, url_prefix=PATH)


@blueprint.post("/mo")
@page(public=True)
def enter() -> ResponseReturnValue:
    """Take the ticket that the receipt or the followed request carried, into a cookie of this page alone."""
    ticket = request.form.get("ticket", "")
    response = make_response(redirect(url_for("family_papers.show"), 303))
    if case_of(ticket) is not None:
        response.set_cookie(
            COOKIE,
            ticket,
            max_age=int(LIFE.total_seconds()),
            path=PATH,
            httponly=True,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            samesite="Lax",
        )
    return response


@blueprint.get("")
@page(public=True)
def show() -> ResponseReturnValue:
    """Ask for photographs, with sizes and purpose said first; without a ticket say how to get here."""
    case = _case()
    return _page(case) if case else _closed()


@blueprint.post("")
@longest_body(photographs.MOST_BODY)
@page(public=True)
def send() -> ResponseReturnValue:
    """Take the photographs; say for each whether it was kept."""
    case = _case()
    if case is None:
        return _closed()
    case_id, code = case.case_id, request.form.get("paper_code", "")
    if not code and len(case.papers) == 1:
        code = case.papers[0][0]

    def expect() -> None:
        with transaction(db.session()) as session:
            service.expect_family_image(session, case_id, visitor_address())

    def keep(key: str, picture: Picture) -> None:
        with transaction(db.session()) as session:
            service.add_family_image(session, case_id, paper_code=code, upload_key=key, picture=picture)

    outcomes = photographs.take(keep, before=expect)
    if photographs.wants_json():
        return photographs.said(outcomes)
    if outcomes and all(outcome.is_kept for outcome in outcomes):
        flash(f"Đã gửi {len(outcomes)} ảnh.", "success")
        return redirect(url_for("family_papers.show"), 303)
    after = _case()
    error = "" if outcomes else photographs.NONE_CHOSEN
    return (_page(after, outcomes, error=error), 422) if after else _closed()


@blueprint.errorhandler(413)
def too_large(_: Exception) -> ResponseReturnValue:
    """Say the size that is taken; nothing of the form was read."""
    if photographs.wants_json():
        return {"kept": False, "sentence": photographs.TOO_LARGE}, 413
    case = _case()
    return (_page(case, error=photographs.TOO_LARGE), 413) if case else _closed()


def _case() -> FamilyImages | None:
    """Return the case of this browser's ticket."""
    case_id = case_of(request.cookies.get(COOKIE, ""))
    return _known(case_id) if case_id else None


def _known(case_id: UUID) -> FamilyImages | None:
    try:
        return family_images(db.session(), case_id)
    except NotFound:
        return None


def _closed() -> ResponseReturnValue:
    """Lead to the page that proves whose case it is; a script is told the same."""
    sentence = "Trang này đã đóng. Ông/bà mở lại từ trang Tra cứu rồi gửi ảnh."
    if photographs.wants_json():
        return {"kept": False, "sentence": sentence}, 403
    return render_template("papers/closed.html")


def _page(case: FamilyImages, outcomes: tuple[Outcome, ...] = (), *, error: str = "") -> str:
    return render_template(
        "papers/family.html",
        case=case,
        outcomes=outcomes,
        errors={"photo": error} if error else {},
        values={"paper_code": request.form.get("paper_code", "") if not error else ""},
        upload_key=photographs.new_key(),
        sizes=photographs.SIZES,
    )
