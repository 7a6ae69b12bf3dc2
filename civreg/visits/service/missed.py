"""Lỡ hẹn đến nhà: the machine drafts the apology, the head signs it with one new time, the officer tells the family."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM, Actor, Permission
from civreg.cases.models import Case
from civreg.cases.service.apologies import BY_LETTER, SENT_HOW, Told, settle_told
from civreg.deadlines.queries import notice_rules
from civreg.deadlines.rules.notices import USUAL, NoticeRuleRow
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.visits.models import Visit, VisitApology, VisitCase
from civreg.visits.queries import NO_VISIT
from civreg.visits.service.booking import move_visit
from civreg.visits.service.holding import case_ids_of, clean_text, hold_visit, note_audit, tell

ONCE = "Chuyến này đã xin lỗi và hẹn lại một lần. Ông/bà đổi giờ chuyến đi và gọi cho gia đình."
_STALE = "Phiếu xin lỗi này vừa có người khác xử lý. Ông/bà xem lại rồi bấm lại."


def draft_missed(session: Session, limit: int = 200) -> int:
    """Draft the apology for each booked trip whose time is long over and that nobody recorded; return how many.

    Once per trip: an apology names one new time. Work of the minute's sweep; two at once draft one.
    """
    now = clock.now()
    known = select(VisitApology.visit_id).where(VisitApology.visit_id == Visit.id).exists()
    missed = session.scalars(
        select(Visit)
        .where(
            Visit.state == "planned",
            Visit.ends_at <= now,
            Visit.ends_at <= _missed_until(session, now),
            ~known,
        )
        .order_by(Visit.ends_at, Visit.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    drafted: list[Visit] = []
    for visit in missed:
        written = session.scalar(
            insert(VisitApology)
            .values(
                id=new_id(),
                visit_id=visit.id,
                missed_at=visit.starts_at,
                reason="",
                state="draft",
                drafted_at=clock.now(),
                version=1,
            )
            .on_conflict_do_nothing(index_elements=[VisitApology.visit_id])
            .returning(VisitApology.id)
        )
        if written is not None:
            drafted.append(visit)
    for visit in drafted:
        note_audit(session, SYSTEM, visit, "visit.apology_drafted")
    return len(drafted)


def _missed_until(session: Session, now: datetime) -> ColumnElement[datetime]:
    """Return by when a trip must have ended to count as missed; of several procedures on it the strictest counts."""

    def until(rule: NoticeRuleRow) -> datetime:
        return now - timedelta(hours=rule.missed_after_hours)

    usual = literal(until(USUAL), Visit.ends_at.type)
    own = {code: literal(until(rule), Visit.ends_at.type) for code, rule in notice_rules(session).items()}
    if not own:
        return usual
    of_its_cases = (
        select(func.max(case(own, value=Case.procedure, else_=usual)))
        .join(VisitCase, VisitCase.case_id == Case.id)
        .where(VisitCase.visit_id == Visit.id)
        .scalar_subquery()
    )
    return func.coalesce(of_its_cases, usual)


def sign_visit_apology(
    session: Session,
    actor: Actor,
    visit_id: UUID,
    *,
    expected_version: int,
    reason: str,
    new_at: datetime,
) -> None:
    """The head signs the apology: why nobody came, and the one new time; the trip moves there.

    Args:
        session: the open transaction.
        actor: the head of the unit.
        visit_id: the missed trip.
        expected_version: of the apology as the page showed it.
        reason: for the family to read.
        new_at: when somebody comes instead, aware.

    Raises:
        NotFound: another unit's visit, or no apology for it.
        NotAllowed: the actor does not sign there.
        InvalidInput: no reason, or a time that cannot be booked.
        Conflict: signed already, recorded or moved meanwhile, or the page is stale.
        SlotTaken: the officer is booked then.
        BookTaken: another trip carries its register book then.
    """
    visit = hold_visit(session, actor, visit_id, None)
    actor.require(Permission.CASE_SIGN, visit.unit_id)
    apology = _hold(session, visit_id)
    if apology.state != "draft":
        raise Conflict(ONCE)
    if apology.version != expected_version or apology.missed_at != visit.starts_at:
        raise Conflict(_STALE)
    why = clean_text(reason, "reason", wanted="Ông/bà ghi lý do để gia đình hiểu vì sao không có người đến.")
    apology.state, apology.reason, apology.new_at = "signed", why, new_at
    apology.signed_by, apology.signed_at = actor.user_id, clock.now()
    apology.version += 1
    tell(session, visit, "visit.apology_signed", case_ids_of(session, visit_id))
    move_visit(session, actor, visit_id, starts_at=new_at)
    note_audit(session, actor, visit, "visit.apology_signed")


def send_visit_apology(
    session: Session, actor: Actor, visit_id: UUID, *, expected_version: int, how: str
) -> None:
    """The family was told of the signed apology and the new time.

    Raises:
        NotFound: another unit's visit, or no apology for it.
        InvalidInput: no way chosen.
        Conflict: not signed yet, told already, or the page is stale.
    """
    visit = session.scalars(select(Visit).where(Visit.id == visit_id).with_for_update()).first()
    if visit is None or visit.unit_id not in actor.units(Permission.VISIT_VIEW):
        raise NotFound(NO_VISIT)
    actor.require(Permission.VISIT_WORK, visit.unit_id)
    apology = _hold(session, visit_id)
    if apology.state != "signed" or apology.version != expected_version:
        raise Conflict(_STALE)
    if how not in SENT_HOW:
        sentence = "Ông/bà chọn cách đã báo cho gia đình."
        raise InvalidInput(sentence, {"how": sentence})
    apology.state, apology.sent_how = "sent", how
    apology.sent_by, apology.sent_at = actor.user_id, clock.now()
    apology.version += 1
    note_audit(session, actor, visit, "visit.apology_sent", how=how)


def settle_visit_told_by_letter(session: Session, visit_id: UUID, asked: Callable[[], Told | None]) -> None:
    """Note that every family of a missed trip has its letter of apology, or not after all; see `settle_told_by_letter`."""
    visit = session.get_one(Visit, visit_id, with_for_update=True, populate_existing=True)
    told = asked()
    if settle_told(_hold(session, visit_id), told):
        action = "visit.apology_sent" if told else "visit.apology_told_taken_back"
        note_audit(session, SYSTEM, visit, action, how=BY_LETTER)


def _hold(session: Session, visit_id: UUID) -> VisitApology:
    apology = session.scalars(
        select(VisitApology)
        .where(VisitApology.visit_id == visit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if apology is None:
        raise NotFound("Chuyến này không có phiếu xin lỗi. Ông/bà mở lại chuyến đi để xem.")
    return apology
