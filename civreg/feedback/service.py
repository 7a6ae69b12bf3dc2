"""Phản ánh: a family sends one, the head answers or closes it with a note. Nothing here commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.queries.briefs import briefs
from civreg.feedback.models import Complaint
from civreg.feedback.queries import NO_COMPLAINT
from civreg.feedback.rules import MOST_WAITING, OUTCOME_WORDS, clean_note, clean_text
from civreg.shared import audit, clock, crypto
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound, TooMany
from civreg.units.rules import Heirs
from civreg.visits.queries import past_visits_of

VISIT_MISSING = "Ông/bà chọn chuyến đến nhà, hoặc chọn “Việc khác, không phải chuyến đến nhà”."
TOO_MANY = (
    f"Lãnh đạo xã đang xem {MOST_WAITING} phản ánh trước của gia đình. Xin chờ trả lời, hoặc gọi cho xã theo số điện thoại "
    "trên trang này."
)
SETTLED = "Phản ánh này vừa có người khác xử lý. Ông/bà xem lại dưới đây."


def tell_complaint(
    session: Session, case_id: UUID, *, send_key: UUID, visit_id: UUID | None, text: str, wants_call: bool
) -> UUID:
    """Write down what a family complains of; the same key again is the same complaint.

    Args:
        session: the open transaction.
        case_id: the family has proved that it is its own (ticket).
        send_key: made with the page, carried by every sending of it.
        visit_id: one of the case's visits whose time has come; None for anything else.
        text: what happened, as written.
        wants_call: the family asks to be called at the number it left.

    Raises:
        InvalidInput: no text or too long, a visit that is not this family's.
        TooMany: as many as may wait are waiting.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(case_id), 2))))
    known = session.scalar(select(Complaint.id).where(Complaint.send_key == send_key))
    if known is not None:
        return known
    if visit_id is not None and visit_id not in {one.id for one in past_visits_of(session, case_id)}:
        raise InvalidInput(VISIT_MISSING, {"visit": VISIT_MISSING})
    clean = clean_text(text)
    waiting = select(func.count()).where(Complaint.case_id == case_id, Complaint.state == "new")
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooMany(TOO_MANY)
    complaint_id = new_id()
    complaint = Complaint(
        id=complaint_id,
        case_id=case_id,
        unit_id=briefs(session, {case_id})[case_id].unit_id,
        visit_id=visit_id,
        sealed_text=crypto.seal(clean, "complaint", complaint_id, "sealed_text"),
        wants_call=wants_call,
        sent_at=clock.now(),
        send_key=send_key,
        state="new",
        sealed_note="",
    )
    session.add(complaint)
    session.flush()
    _note(session, complaint, "complaint.told", None)
    return complaint_id


def settle_complaint(
    session: Session, actor: Actor, complaint_id: UUID, *, expected_version: int, outcome: str, note: str
) -> None:
    """Write down how the head settled a complaint (đã trả lời, hoặc khép lại) and what was done.

    Raises:
        NotFound: no such complaint, or another unit's.
        Conflict: it was settled meanwhile.
        InvalidInput: no outcome chosen, no note, or one too long.
    """
    complaint = session.scalars(
        select(Complaint)
        .where(Complaint.id == complaint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if complaint is None or not actor.may(Permission.COMPLAINT_ANSWER, complaint.unit_id):
        raise NotFound(NO_COMPLAINT)
    if complaint.state != "new" or complaint.version != expected_version:
        raise Conflict(SETTLED)
    problems: dict[str, str] = {}
    if outcome not in OUTCOME_WORDS:
        problems["outcome"] = "Ông/bà chọn cách đã xử lý."
    try:
        clean = clean_note(note)
    except InvalidInput as refusal:
        problems |= refusal.fields
    if problems:
        raise InvalidInput("Chưa ghi được. Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    complaint.state, complaint.settled_by, complaint.settled_at = outcome, actor.user_id, clock.now()
    complaint.sealed_note = crypto.seal(clean, "complaint", complaint.id, "sealed_note")
    complaint.version += 1
    _note(session, complaint, f"complaint.{outcome}", actor.user_id)


def hand_over_complaints(session: Session, old_unit_id: int, heirs: Heirs) -> int:
    """Give the complaints that wait to the unit that takes the case; return how many."""
    waiting = session.scalars(
        select(Complaint)
        .where(Complaint.unit_id == old_unit_id, Complaint.state == "new")
        .order_by(Complaint.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for complaint in waiting:
        complaint.unit_id = heirs.of(complaint.case_id)
        complaint.version += 1
    return len(waiting)


def _note(session: Session, complaint: Complaint, action: str, actor_id: UUID | None) -> None:
    audit.record(
        session,
        action,
        unit_id=complaint.unit_id,
        actor_id=actor_id,
        subject_type="complaint",
        subject_id=complaint.id,
        wants_call=complaint.wants_call,
    )
