"""Ảnh giấy tờ của hồ sơ, cho người làm hồ sơ: add, look at one, take one out, all as one PDF.

A photograph is fetched as an attachment from an address that nobody can guess and is never stored by the browser;
each fetch is written into the read log.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Permission
from civreg.cases.queries import images as queries
from civreg.cases.queries.images import CaseImages, ImageRow
from civreg.cases.service import images as service
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, NotFound
from civreg.shared.imaging import Picture
from civreg.web import photographs
from civreg.web.access import current_actor, page
from civreg.web.photographs import Outcome
from civreg.web.security import longest_body

blueprint = Blueprint("papers", __name__, url_prefix="/ho-so/<uuid:case_id>")

_PICTURE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@blueprint.get("/giay-to")
@page(permission=Permission.CASE_WORK)
def show(case_id: UUID) -> ResponseReturnValue:
    """List the photographs of a case, with the form to add more."""
    return _list(case_id)


@blueprint.post("/giay-to")
@longest_body(photographs.MOST_BODY)
@page(permission=Permission.CASE_WORK)
def add(case_id: UUID) -> ResponseReturnValue:
    """Take photographs of one paper; say for each whether it was kept."""
    actor = current_actor()
    queries.images_of(
        db.session(), actor, case_id
    )  # another unit's case is unknown before anything is decoded
    code = request.form.get("paper_code", "")

    def keep(key: str, picture: Picture) -> None:
        with transaction(db.session()) as session:
            service.add_image(session, actor, case_id, paper_code=code, upload_key=key, picture=picture)

    outcomes = photographs.take(keep)
    if photographs.wants_json():
        return photographs.said(outcomes)
    if outcomes and all(outcome.is_kept for outcome in outcomes):
        flash(f"Đã thêm {len(outcomes)} ảnh.", "success")
        return redirect(url_for("papers.show", case_id=case_id), 303)
    error = "" if outcomes else photographs.NONE_CHOSEN
    return _list(case_id, outcomes, error=error, chosen=code), 422


@blueprint.errorhandler(413)
def too_large(_: Exception) -> ResponseReturnValue:
    """Say the size that is taken; nothing of the form was read."""
    if photographs.wants_json():
        return {"kept": False, "sentence": photographs.TOO_LARGE}, 413
    return _list((request.view_args or {})["case_id"], error=photographs.TOO_LARGE), 413


@blueprint.get("/giay-to/<uuid:image_id>")
@page(permission=Permission.CASE_WORK)
def look(case_id: UUID, image_id: UUID) -> ResponseReturnValue:
    """Show one photograph, with the way to the one before and after."""
    case, image = _image(db.session(), case_id, image_id)
    return render_template(
        "papers/look.html", case=case, image=image, neighbours=_neighbours(case, image), sender=_sender(image)
    )


@blueprint.get("/giay-to/<uuid:image_id>.jpg")
@page(permission=Permission.CASE_WORK)
def picture(case_id: UUID, image_id: UUID) -> ResponseReturnValue:
    """Give the photograph itself; who fetched it is written down."""
    with transaction(db.session()) as session:
        content = queries.image_bytes(session, current_actor(), case_id, image_id)
    response = Response(content, mimetype="image/jpeg")
    response.headers["Content-Disposition"] = 'attachment; filename="giay-to.jpg"'
    response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return response


@blueprint.route("/giay-to/<uuid:image_id>/bo", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def remove(case_id: UUID, image_id: UUID) -> ResponseReturnValue:
    """Ask, then take a photograph out of the case."""
    case, image = _image(db.session(), case_id, image_id)
    if request.method == "GET":
        return render_template("papers/remove.html", case=case, image=image)
    try:
        with transaction(db.session()) as session:
            service.remove_image(session, current_actor(), case_id, image_id)
    except Conflict as clash:
        flash(clash.sentence, "warning")
    else:
        flash("Đã bỏ ảnh khỏi hồ sơ.", "success")
    return redirect(url_for("papers.show", case_id=case_id), 303)


@blueprint.get("/giay-to.pdf")
@page(permission=Permission.CASE_WORK)
def album(case_id: UUID) -> ResponseReturnValue:
    """Give all photographs as one PDF, to print or to attach in the Ministry's software."""
    try:
        with transaction(db.session()) as session:
            content = queries.papers_pdf(session, current_actor(), case_id)
    except Conflict as empty:
        flash(empty.sentence, "warning")
        return redirect(url_for("papers.show", case_id=case_id), 303)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="giay-to.pdf"'
    return response


def _list(case_id: UUID, outcomes: tuple[Outcome, ...] = (), *, error: str = "", chosen: str = "") -> str:
    session = db.session()
    case = queries.images_of(session, current_actor(), case_id)
    return render_template(
        "papers/index.html",
        case=case,
        names=names_of(session, [image.added_by for image in case.images if image.added_by]),
        outcomes=outcomes,
        errors={"photo": error} if error else {},
        values={"paper_code": chosen},
        upload_key=photographs.new_key(),
        sizes=photographs.SIZES,
    )


def _image(session: Session, case_id: UUID, image_id: UUID) -> tuple[CaseImages, ImageRow]:
    """Return one photograph's row with its case.

    Raises:
        NotFound: no such case or photograph, removed, or another unit's.
    """
    case = queries.images_of(session, current_actor(), case_id)
    image = next((image for image in case.images if image.id == image_id), None)
    if image is None:
        raise NotFound(queries.GONE)
    return case, image


def _neighbours(case: CaseImages, image: ImageRow) -> tuple[ImageRow | None, ImageRow | None]:
    place = image.number - 1
    before = case.images[place - 1] if place else None
    return before, case.images[place + 1] if place + 1 < len(case.images) else None


def _sender(image: ImageRow) -> str:
    if image.added_by is None:
        return "gia đình gửi"
    return names_of(db.session(), [image.added_by]).get(image.added_by, "")
