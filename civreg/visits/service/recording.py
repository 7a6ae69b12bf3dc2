"""Ghi kết quả chuyến đi: what came of a visit, also of one that nobody had booked."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Party
from civreg.shared import audit, clock, crypto
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput
from civreg.visits.models import Visit, VisitCase
from civreg.visits.queries import visit_page
from civreg.visits.rules import check_past_visit, check_recording, past_purpose
from civreg.visits.service.booking import give_back
from civreg.visits.service.carrying import bind
from civreg.visits.service.holding import (
    case_ids_of,
    check_officer,
    clean_text,
    hold_case,
    hold_visit,
    note_audit,
    place_of,
    tell,
)

Outcome = Literal["done", "nobody_home"]
OUTCOMES: tuple[Outcome, ...] = ("done", "nobody_home")


def record_visit(
    session: Session,
    actor: Actor,
    visit_id: UUID,
    outcome: Outcome,
    note: str = "",
    *,
    expected_version: int | None = None,
) -> None:
    """Record what came of a booked visit; when nobody was home the family is called again.

    Raises:
        NotFound: another unit's visit.
        InvalidInput: an outcome that does not exist, or a visit whose day has not come.
        Conflict: it was recorded or cancelled already, or the page is stale.
    """
    visit = hold_visit(session, actor, visit_id, expected_version)
    _check_outcome(outcome)
    check_recording(visit.starts_at, clock.today())
    visit.outcome = clean_text(note, "note") or None
    visit.state, visit.recorded_at = outcome, clock.now()
    visit.version += 1
    session.flush()
    case_ids = case_ids_of(session, visit_id)
    if outcome == "nobody_home":
        give_back(session, actor, case_ids)
    tell(session, visit, "visit.done", case_ids, outcome=outcome)
    note_audit(session, actor, visit, "visit.recorded", outcome=outcome)


def record_past_visit(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID,
    officer_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    outcome: Outcome,
    note: str = "",
) -> UUID:
    """Record a visit that was made without a booking (ghi chuyến đã đi) and return its id.

    It may overlap other visits and lie on any day and hour: what happened, happened. The case does not move; taking
    the papers is a step of its own.

    Raises:
        NotFound: another unit's case.
        InvalidInput: times that cannot be, an unknown outcome, somebody who was no officer there that day.
    """
    case = hold_case(session, actor, case_id, None)
    _check_outcome(outcome)
    now = clock.now()
    made = check_past_visit(starts_at, ends_at, now)
    check_officer(session, case.current_unit_id, officer_id, made.starts_at.date())
    visit = Visit(
        id=new_id(),
        unit_id=case.current_unit_id,
        officer_id=officer_id,
        purpose=past_purpose(case.state),
        period=Range(made.starts_at, made.ends_at, bounds="[)"),
        starts_at=made.starts_at,
        ends_at=made.ends_at,
        place=place_of(case),
        state=outcome,
        outcome=clean_text(note, "note") or None,
        booked_by=None,
        booked_at=now,
        recorded_at=now,
        recorded_afterwards=True,
    )
    session.add(visit)
    session.flush()
    first = bind(session, case, past_purpose(case.state))
    session.add(VisitCase(visit_id=visit.id, case_id=case_id, returns_visit_id=first))
    tell(session, visit, "visit.done", [case_id], outcome=outcome, recorded_afterwards=True)
    note_audit(session, actor, visit, "visit.recorded_afterwards", outcome=outcome, case_id=str(case_id))
    return visit.id


def phones_of_visit(session: Session, actor: Actor, visit_id: UUID) -> dict[UUID, str]:
    """Return the phone number of each case of a visit that has one, and write down who saw it.

    Raises:
        NotFound: another unit's visit.
        NotAllowed: the actor may look at visits but not at cases there.
    """
    visit = visit_page(session, actor, visit_id)
    actor.require(Permission.CASE_VIEW, visit.unit_id)
    requesters = session.execute(
        select(Party.case_id, Party.id, Party.sealed_phone).where(
            Party.case_id.in_([case.case_id for case in visit.cases]),
            Party.role == "requester",
            Party.sealed_phone != "",
        )
    )
    phones: dict[UUID, str] = {}
    for requester in requesters:
        phones[requester.case_id] = crypto.unseal(
            requester.sealed_phone, "party", requester.id, "sealed_phone"
        )
        audit.record_read(
            session,
            "case.phone",
            actor_id=actor.user_id,
            subject_type="case",
            subject_id=requester.case_id,
        )
    return phones


def _check_outcome(outcome: str) -> None:
    if outcome not in OUTCOMES:
        sentence = "Ông/bà chọn kết quả chuyến đi: đã đến, hoặc không gặp gia đình."
        raise InvalidInput(sentence, {"outcome": sentence})
