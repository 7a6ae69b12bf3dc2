"""Phản ánh của gia đình: the head's list, one complaint whole, and how it was settled. Nobody else gets here."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.feedback import queries, service
from civreg.feedback.rules import COMPLAINT_WORDS, LONGEST_NOTE, OUTCOME_WORDS
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.opened import typed_version

blueprint = Blueprint("complaints", __name__, url_prefix="/phan-anh")


@blueprint.get("")
@page(permission=Permission.COMPLAINT_ANSWER)
def index() -> str:
    """List what waits, or what was settled; the text is read on the page of each."""
    settled = request.args.get("xem") == "da-xong"
    rows = queries.complaints(db.session(), current_actor(), waiting=not settled)
    return render_template("complaints/index.html", rows=rows, settled=settled, words=COMPLAINT_WORDS)


@blueprint.route("/<uuid:complaint_id>", methods=["GET", "POST"])
@page(permission=Permission.COMPLAINT_ANSWER)
def show(complaint_id: UUID) -> ResponseReturnValue:
    """Show a complaint, whole (the look is written down); a POST settles it."""
    answers, status = Answers(request.form), 200
    if request.method == "POST":
        try:
            with transaction(db.session()) as session:
                service.settle_complaint(
                    session,
                    current_actor(),
                    complaint_id,
                    expected_version=typed_version(),
                    outcome=answers.values.get("outcome", ""),
                    note=answers.values.get("note", ""),
                )
        except (Conflict, InvalidInput) as refusal:
            answers.take(refusal)
            status = refusal.status
        else:
            flash("Đã ghi. Gia đình tra cứu thấy phản ánh đã được xem xét.", "success")
            return redirect(url_for(".index"))
    with transaction(db.session()) as session:
        complaint = queries.complaint_page(session, current_actor(), complaint_id)
    return render_template(
        "complaints/show.html",
        complaint=complaint,
        words=COMPLAINT_WORDS,
        outcomes=list(OUTCOME_WORDS.items()),
        longest=LONGEST_NOTE,
        values=answers.values,
        errors=answers.errors,
    ), status
