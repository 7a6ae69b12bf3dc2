"""Thư xin lỗi để in: for a missed date from the case, for a missed trip from the visit."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.shared.database import transaction
from civreg.web.access import current_actor, page
from civreg.web.letters.blueprint import blueprint, pdf
from civreg.work import LETTER_TEMPLATES


@blueprint.get("/thu/xin-loi/ho-so/<uuid:case_id>/<uuid:apology_id>.pdf")
@page(permission=Permission.CASE_VIEW)
def apology_for_date(case_id: UUID, apology_id: UUID) -> Response:
    """Give the letter for a missed day of a result."""
    with transaction(db.session()) as session:
        content = letters.apology_for_date(session, current_actor(), case_id, apology_id, LETTER_TEMPLATES)
    return pdf(content, "thu-xin-loi.pdf")


@blueprint.get("/thu/xin-loi/chuyen/<uuid:visit_id>.pdf")
@page(permission=Permission.VISIT_VIEW)
def apologies_for_trip(visit_id: UUID) -> Response:
    """Give the letters for a trip nobody made."""
    with transaction(db.session()) as session:
        content = letters.apologies_for_trip(session, current_actor(), visit_id, LETTER_TEMPLATES)
    return pdf(content, "thu-xin-loi.pdf")
