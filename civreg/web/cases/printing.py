"""In giấy: each paper of a case as a PDF, in the state where it applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Response, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases import export
from civreg.cases import service as cases
from civreg.cases.rules import Slip
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint

_PAPERS: Mapping[str, tuple[Slip, Callable[[Session, Actor, UUID], bytes]]] = {
    "to-khai": (Slip.DECLARATION, export.declaration),
    "phieu-yeu-cau-bo-sung": (Slip.SUPPLEMENT, export.supplement_slip),
    "phieu-tu-choi": (Slip.REFUSAL, export.refusal_slip),
    "thong-bao-dung": (Slip.STOP, export.stop_notice),
    "phieu-kiem-soat": (Slip.CONTROL, export.control_slip),
}
"""Word of the address → which paper, and what prints it; the appointment slip and apologies have their own addresses."""

PAPER_ADDRESSES: Mapping[Slip, str] = {slip: word for word, (slip, _) in _PAPERS.items()}


@blueprint.get("/ho-so/<uuid:case_id>/in/<paper>.pdf")
@page(permission=Permission.CASE_VIEW)
def print_paper(case_id: UUID, paper: str) -> ResponseReturnValue:
    """Give one paper of the case to print."""
    if paper not in _PAPERS:
        abort(404)
    with transaction(db.session()) as session:
        slip, printed = _PAPERS[paper]
        content = printed(session, current_actor(), case_id)
        if slip is Slip.SUPPLEMENT:  # it leaves for the family: from now on a change is a new asking
            cases.note_slip_out(session, current_actor(), case_id)
    return _pdf(content, paper)


@blueprint.get("/ho-so/<uuid:case_id>/bo-sung/<uuid:supplement_id>.pdf")
@page(permission=Permission.CASE_VIEW)
def print_supplement(case_id: UUID, supplement_id: UUID) -> ResponseReturnValue:
    """Give the slip of an earlier asking for papers again, in its first words."""
    with transaction(db.session()) as session:
        content = export.supplement_slip(session, current_actor(), case_id, supplement_id)
    return _pdf(content, PAPER_ADDRESSES[Slip.SUPPLEMENT])


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
