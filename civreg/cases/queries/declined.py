"""Gia đình không nhận thư: registrations whose family said no to a letter, as counts by unit, day and occasion."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.cases.models import Case, Consent
from civreg.procedures import catalogue
from civreg.shared.clock import ZONE


def letters_declined(
    session: Session, unit_ids: Collection[int], first: date, last: date
) -> dict[tuple[int, date, str], int]:
    """Return (unit, day of the registration, occasion) → registrations whose newest answer about a letter is no."""
    newest = (
        select(Consent.case_id, func.max(Consent.given_at).label("at"))
        .where(Consent.purpose == "letter")
        .group_by(Consent.case_id)
        .subquery()
    )
    rows = session.execute(
        select(Case.current_unit_id, Case.registered_at, Case.procedure_version)
        .join(newest, newest.c.case_id == Case.id)
        .join(Consent, (Consent.case_id == Case.id) & (Consent.given_at == newest.c.at))
        .where(
            Consent.purpose == "letter",
            Consent.answer == "no",
            Case.current_unit_id.in_(unit_ids),
            Case.registered_at >= datetime.combine(first, time(), ZONE),
            Case.registered_at < datetime.combine(last + timedelta(days=1), time(), ZONE),
        )
    )
    found: dict[tuple[int, date, str], int] = {}
    for unit_id, at, version in rows:
        if at is None:
            continue  # the query asks for a day; the column alone may be empty
        key = (unit_id, at.astimezone(ZONE).date(), catalogue.version_by_id(version).occasion)
        found[key] = found.get(key, 0) + 1
    return found
