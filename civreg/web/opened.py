"""Hồ sơ đang mở: the case a staff page works on, and the version it was opened at."""

from __future__ import annotations

from uuid import UUID

from flask import request

from civreg.cases import queries as cases
from civreg.cases.queries import CasePage
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.web.access import current_actor


def open_case(case_id: UUID) -> CasePage:
    """Return the case for a page, with the read written down.

    Raises:
        NotFound: no such case, or another unit's.
    """
    with transaction(db.session()) as session:
        return cases.case_page(session, current_actor(), case_id)


def typed_version() -> int:
    """Return the version the page was opened at; a form without it is as stale as can be."""
    typed = request.form.get("expected_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
