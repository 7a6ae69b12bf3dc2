"""Thư xin lỗi: what the letter says of a signed apology, for a missed date of a case or a missed trip.

The apology itself is a row of the case or of the visit, with its reason, its one new promise and who signed; the
letter says it to the family.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.cases import queries as cases
from civreg.deadlines import queries as deadlines
from civreg.letters.rules import ApologyFacts, Missed, NewPromise
from civreg.shared import clock
from civreg.shared.text import in_sentence
from civreg.units import queries as units
from civreg.visits import queries as visits


def facts_for_date(
    session: Session, case_id: UUID, apology_id: UUID, missed_hour: str = "", *, ahead: bool = False
) -> ApologyFacts | None:
    """Return what the letter for a missed day of a result says; None while nobody has signed.

    `missed_hour` of a promise that ended within its day ("8 giờ 50") and `ahead`, whether it was still to come, are as
    at the signing: by now the promise stands at its new day.
    """
    signed = next((row for row in cases.apologies_of(session, SYSTEM, case_id) if row.id == apology_id), None)
    if signed is None or signed.signed_at is None or signed.new_due_on is None:
        return None
    return ApologyFacts(
        **_said_to(session, case_id, signed.reason, signed.signed_at),
        missed=Missed.RESULT,
        missed_on=signed.missed_on,
        missed_hour=missed_hour,
        promised_on=signed.new_due_on,
        ahead=ahead,
    )


def facts_for_trip(session: Session, case_id: UUID, visit_id: UUID) -> ApologyFacts | None:
    """Return what the letter to one family of a trip nobody made says; None while nobody has signed."""
    signed = visits.apology_of_visit(session, visit_id)
    if signed is None or signed.signed_at is None or signed.new_at is None:
        return None
    return ApologyFacts(
        **_said_to(session, case_id, signed.reason, signed.signed_at),
        missed=Missed.VISIT,
        missed_on=signed.missed_at.date(),
        missed_hour=_hour(signed.missed_at),
        promised_on=signed.new_at.date(),
        promised_hour=_hour(signed.new_at),
    )


class _Said(TypedDict):
    """What every apology says, whatever was missed."""

    unit: str
    recipient: str
    matter: str
    reason: str
    hotline: str


def _said_to(session: Session, case_id: UUID, reason: str, signed_at: datetime) -> _Said:
    """Return who apologises to whom, for what matter and why, and who answers the telephone."""
    to = cases.addressee_of(session, case_id)
    return {
        "unit": units.unit_by_id(session, to.unit_id).spoken,
        "recipient": f"ông/bà {to.full_name}",
        "matter": in_sentence(to.matter),
        "reason": reason,
        "hotline": _hotline(session, to.unit_id, signed_at),
    }


def new_promise(session: Session, case_id: UUID, facts: ApologyFacts) -> NewPromise:
    """Return what became of the new promise of an apology.

    A trip that was moved again or cancelled is promised no more, one that was made since the missed one is kept. The day
    of a result that moved, because the clock stood still for papers meanwhile, is promised no more either, nor that of a
    case which ended without its result.
    """
    if facts.missed is Missed.RESULT:
        promises = deadlines.deadlines_of(session, case_id)
        stands = any(row.due_on == facts.promised_on for row in promises if row.state != "cancelled")
        return NewPromise.STANDS if stands else NewPromise.MOVED
    booked = visits.next_visit(session, case_id)
    if booked is not None:
        at = booked.astimezone(clock.ZONE)
        stands = (at.date(), _hour(at)) == (facts.promised_on, facts.promised_hour)
        return NewPromise.STANDS if stands else NewPromise.MOVED
    made = visits.last_visit_made(session, case_id)
    since = made is not None and (made.date(), _hour(made)) > (facts.missed_on, facts.missed_hour)
    return NewPromise.KEPT if since else NewPromise.MOVED


def _hotline(session: Session, unit_id: int, at: datetime) -> str:
    terms = units.terms_near(session, unit_id, at.astimezone(clock.ZONE).date())
    return terms.hotline if terms else ""


def _hour(at: datetime) -> str:
    return f"{at:%H giờ %M}"
