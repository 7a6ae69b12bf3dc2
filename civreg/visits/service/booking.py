"""Hẹn đến nhà: book a visit, join a trip, move or cancel a booking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM, Actor
from civreg.cases.models import Case
from civreg.cases.queries import babies_of_one_birth, tied_to
from civreg.cases.rules import ENDED, Action, State
from civreg.cases.service import move_for_visit
from civreg.deadlines.queries import calendar
from civreg.procedures.rules import LinkKind
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput
from civreg.units.queries import participation_of
from civreg.visits.models import Visit, VisitCase
from civreg.visits.queries import planned_visits_of
from civreg.visits.rules import PURPOSES, Purpose, Slot, check_booking, purpose_for, typed_moment, visit_step
from civreg.visits.service.carrying import bind, books_on, carry, check_books, hold_books, need_of
from civreg.visits.service.holding import (
    case_ids_of,
    check_officer,
    clean_text,
    hold_case,
    hold_officer,
    hold_visit,
    note_audit,
    place_of,
    set_time,
    tell,
    unit_of_case,
)

ONE_TRIP: tuple[LinkKind, ...] = ("twin", "marriage_before_birth")
"""Ties whose cases are served by one trip: nobody drives twice to twins."""
CASE_ENDED = "Hồ sơ đã kết thúc nên lịch tự huỷ."


def book_visit(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID,
    expected_version: int | None,
    officer_id: UUID,
    starts_at: datetime,
    minutes: int = 30,
    purpose: Purpose = "receive",
    place: str = "",
    register_book_id: UUID | None = None,
) -> UUID:
    """Book a visit (hẹn đến nhà) and return its id; a request becomes "đã hẹn đến nhà".

    The visit that brings the result of a mobile registration is bound to the one that took its papers.

    Args:
        session: the open transaction.
        actor: who books.
        case_id: the case to serve.
        expected_version: of the page the officer acts from.
        officer_id: who goes.
        starts_at: when, aware.
        minutes: how long.
        purpose: take papers, or bring the result (the case does not move).
        place: where; empty means the family's address.
        register_book_id: the register book it carries; a trip may be booked before the book is chosen.

    Raises:
        NotFound: another unit's case.
        InvalidInput: a time, officer or book that cannot be used, with what to choose.
        Conflict: a stale page, or a case that needs no such visit.
        SlotTaken: the officer is booked then; carries the trip to join.
        BookTaken: another trip carries the book then; carries that trip.
    """
    if purpose not in PURPOSES:
        sentence = "Ông/bà chọn mục đích chuyến đi: nhận hồ sơ hoặc trả kết quả."
        raise InvalidInput(sentence, {"purpose": sentence})
    unit_id = unit_of_case(session, actor, case_id)
    slot = _bookable(session, unit_id, officer_id, starts_at, minutes)
    place = clean_text(place, "place")
    hold_officer(session, officer_id)
    wanted = [register_book_id] if register_book_id else []
    books = hold_books(session, wanted)
    case = hold_case(session, actor, case_id, expected_version)
    need = need_of(case) if purpose == "return" else None
    check_books(books, wanted, unit_id, [need] if need else [])
    step = visit_step(purpose, case.state, has_booking=bool(planned_visits_of(session, case_id)))
    visit = _planned(actor, unit_id, purpose, place or place_of(case))
    set_time(session, visit, officer_id, slot)
    carry(session, visit, books)
    session.add(VisitCase(visit_id=visit.id, case_id=case_id, returns_visit_id=bind(session, case, purpose)))
    if step is not None:
        move_for_visit(session, actor, case_id, step, expected_version=expected_version)
    tell(session, visit, "visit.booked", [case_id])
    note_audit(session, actor, visit, "visit.booked", case_id=str(case_id), purpose=purpose)
    _take_along(session, actor, visit, case_id)
    return visit.id


def _take_along(session: Session, actor: Actor, visit: Visit, case_id: UUID) -> None:
    """Let the trip serve what belongs to the case (twins, the parents' marriage) and needs just such a visit."""
    session.flush()
    needed = State.REQUESTED if visit.purpose == "receive" else State.REGISTERED
    babies = babies_of_one_birth(session, case_id)
    family = {one for baby in babies for one in (baby, *tied_to(session, baby, *ONE_TRIP))} - {case_id}
    waiting = session.scalars(
        select(Case.id)
        .where(Case.id.in_(family), Case.state == needed.value, Case.current_unit_id == visit.unit_id)
        .order_by(Case.id)
    ).all()
    for other_id in waiting:
        if not planned_visits_of(session, other_id):
            join_visit(session, actor, visit.id, other_id, None)


def join_visit(
    session: Session, actor: Actor, visit_id: UUID, case_id: UUID, expected_version: int | None
) -> None:
    """Let a booked trip serve one more case of the unit (ghép chuyến); its purpose is what that case needs.

    Raises:
        NotFound: a visit or a case of another unit.
        Conflict: the case is in the trip already, needs no visit, or somebody acted meanwhile.
    """
    visit = hold_visit(session, actor, visit_id, None)
    case = hold_case(session, actor, case_id, expected_version)
    if case.current_unit_id != visit.unit_id:
        raise Conflict(
            "Chuyến này của đơn vị khác với đơn vị giữ hồ sơ. Ông/bà chọn chuyến của đơn vị giữ hồ sơ."
        )
    if case_id in case_ids_of(session, visit_id):
        raise Conflict("Hồ sơ này đã có trong chuyến. Ông/bà tải lại trang để xem.")
    has_booking = bool(planned_visits_of(session, case_id))
    purpose = purpose_for(case.state)
    step = visit_step(purpose, case.state, has_booking=has_booking)
    first = bind(session, case, purpose)
    session.add(VisitCase(visit_id=visit_id, case_id=case_id, returns_visit_id=first))
    visit.version += 1
    session.flush()
    if step is not None:
        move_for_visit(session, actor, case_id, step, expected_version=expected_version)
    tell(session, visit, "visit.booked", [case_id], joined=True)
    note_audit(session, actor, visit, "visit.joined", case_id=str(case_id))


def move_visit(
    session: Session,
    actor: Actor,
    visit_id: UUID,
    *,
    starts_at: datetime,
    minutes: int | None = None,
    officer_id: UUID | None = None,
    expected_version: int | None = None,
) -> None:
    """Move a booking to another time or officer (chuyển lịch); its cases stay where they are.

    Raises:
        NotFound: another unit's visit.
        InvalidInput: a time or officer that cannot be used.
        Conflict: it is no booking any more, or the page is stale.
        SlotTaken: the officer is booked then.
        BookTaken: another trip carries its register book then.
    """
    visit = hold_visit(session, actor, visit_id, expected_version)
    length = minutes if minutes is not None else int((visit.ends_at - visit.starts_at).total_seconds() // 60)
    goes = officer_id or visit.officer_id
    slot = _bookable(session, visit.unit_id, goes, starts_at, length)
    was = visit.starts_at.astimezone(clock.ZONE).isoformat()
    hold_officer(session, goes)
    hold_books(session, books_on(session, visit_id))
    set_time(session, visit, goes, slot)
    visit.version += 1
    tell(session, visit, "visit.booked", case_ids_of(session, visit_id), moved=True)
    note_audit(session, actor, visit, "visit.moved", was=was)


def cancel_visit(
    session: Session, actor: Actor, visit_id: UUID, reason: str, *, expected_version: int | None = None
) -> None:
    """Cancel a booking (huỷ lịch); a case without another booking goes back to the calls to make.

    Raises:
        NotFound: another unit's visit.
        InvalidInput: no reason was given.
        Conflict: it is no booking any more, or the page is stale.
    """
    visit = hold_visit(session, actor, visit_id, expected_version)
    reason = clean_text(reason, "reason", wanted="Ông/bà ghi lý do huỷ, ví dụ “gia đình bận, hẹn lại sau”.")
    visit.state, visit.outcome = "cancelled", reason
    visit.version += 1
    session.flush()
    case_ids = case_ids_of(session, visit_id)
    give_back(session, actor, case_ids)
    tell(session, visit, "visit.done", case_ids, outcome="cancelled")
    note_audit(session, actor, visit, "visit.cancelled")


def release_case(session: Session, case_id: UUID) -> int:
    """Cancel the bookings that serve only cases which have ended (rút, từ chối, chuyển xã); return how many.

    Work that follows from `case.closed`: nobody should drive to a family that withdrew. A trip that still serves
    another case stays.
    """
    cancelled = 0
    for visit_id in planned_visits_of(session, case_id):
        visit = session.scalars(
            select(Visit)
            .where(Visit.id == visit_id, Visit.state == "planned")
            .with_for_update()
            .execution_options(populate_existing=True)
        ).first()
        case_ids = case_ids_of(session, visit_id)
        states = session.scalars(select(Case.state).where(Case.id.in_(case_ids)))
        if visit is None or any(State(state) not in ENDED for state in states):
            continue
        visit.state, visit.outcome = "cancelled", CASE_ENDED
        visit.version += 1
        tell(session, visit, "visit.done", case_ids, outcome="cancelled")
        note_audit(session, SYSTEM, visit, "visit.cancelled", case_id=str(case_id))
        cancelled += 1
    return cancelled


def give_back(session: Session, actor: Actor, case_ids: list[UUID]) -> None:
    """Put the cases that wait for a visit and have no booking left back among the requests."""
    for case_id in case_ids:
        waits = session.scalar(
            select(exists().where(Case.id == case_id, Case.state == State.VISIT_SCHEDULED.value))
        )
        if waits and not planned_visits_of(session, case_id):
            move_for_visit(session, actor, case_id, Action.LOSE_VISIT)


def _planned(actor: Actor, unit_id: int, purpose: Purpose, place: str) -> Visit:
    return Visit(
        id=new_id(),
        unit_id=unit_id,
        purpose=purpose,
        place=place,
        state="planned",
        outcome=None,
        booked_by=actor.user_id,
        booked_at=clock.now(),
        recorded_at=None,
    )


def _bookable(session: Session, unit_id: int, officer_id: UUID, starts_at: datetime, minutes: int) -> Slot:
    day = typed_moment(starts_at).date()
    terms = participation_of(session, unit_id, day)
    slot = check_booking(
        starts_at,
        minutes,
        clock.now(),
        calendar(session),
        saturday_morning=bool(terms and terms.saturday_morning),
    )
    check_officer(session, unit_id, officer_id, day)
    return slot
