"""Xin lỗi và hẹn lại: the machine drafts when a date is missed, a person signs, one new date per promise.

The registration still counts as late: what is judged is the first promise (NĐ 61/2018: re-appointment at most
once; DVCQG 1.001193: phiếu xin lỗi và hẹn lại ngày trả kết quả).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM, Actor, Permission
from civreg.cases.models import Apology, Case
from civreg.cases.rules import ENDED, NOTE_LIMIT, State, clean_line
from civreg.cases.service.moves import STALE, note_audit
from civreg.deadlines import service as deadlines
from civreg.deadlines.queries import deadline_by_id
from civreg.deadlines.rules import Due, Reason, is_working_day
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound

SENT_HOW = {"handed": "đưa tận tay", "phone": "gọi điện", "message": "nhắn tin"}
"""How the apology reached the family."""


def draft_apology(session: Session, deadline_id: UUID) -> UUID | None:
    """Draft the apology for a missed result date, once; work that follows from `deadline.breached`.

    A missed call is put right by calling, and a case that has ended or was signed meanwhile needs no new date.
    """
    deadline = deadline_by_id(session, deadline_id)
    if deadline is None or deadline.kind != "part" or deadline.state != "open" or deadline.due_on is None:
        return None
    case = session.get_one(Case, deadline.case_id)
    if State(case.state) in ENDED:
        return None
    apology_id = new_id()
    drafted = session.scalar(
        insert(Apology)
        .values(
            id=apology_id,
            deadline_id=deadline_id,
            case_id=case.id,
            unit_id=case.current_unit_id,
            state="draft",
            missed_on=deadline.due_on,
            reason="",
            drafted_at=clock.now(),
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(Apology.id)
    )
    if drafted is not None:
        note_audit(session, SYSTEM, case, "apology.drafted", apology=str(apology_id))
    return drafted


def sign_apology(
    session: Session,
    actor: Actor,
    apology_id: UUID,
    *,
    expected_version: int,
    reason: str,
    new_due_on: date,
) -> None:
    """The head signs the apology: why, and the one new date, which the family sees from now on.

    Raises:
        InvalidInput: no reason, or a day that is past or no working day.
        Conflict: signed already, or the page is stale.
    """
    apology, case = _load(session, actor, apology_id, expected_version, Permission.CASE_SIGN)
    if apology.state != "draft":
        raise Conflict("Phiếu xin lỗi này đã ký. Mỗi lần hẹn chỉ được hẹn lại một ngày.")
    problems: dict[str, str] = {}
    words = clean_line(reason, "reason", "Lý do", NOTE_LIMIT)
    if not words:
        problems["reason"] = "Ông/bà ghi lý do để gia đình hiểu vì sao trễ."
    if new_due_on < clock.today():
        problems["new_due_on"] = "Ông/bà chọn ngày hẹn mới từ hôm nay trở đi."
    elif not is_working_day(new_due_on, deadlines.calendar(session)):
        problems["new_due_on"] = "Ngày hẹn mới là ngày nghỉ. Ông/bà chọn một ngày làm việc."
    if problems:
        raise InvalidInput("Chưa ký được. Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    now = clock.now()
    apology.state, apology.reason, apology.new_due_on = "signed", words, new_due_on
    apology.signed_by, apology.signed_at = actor.user_id, now
    apology.version += 1
    deadline = deadline_by_id(session, apology.deadline_id)
    if deadline is not None and deadline.state == "open":
        why = Reason("new_date", {"signed": now.date().isoformat(), "missed": apology.missed_on.isoformat()})
        deadlines.change_due(session, deadline.subject_id, "part", Due(new_due_on, (why,)), now)
    case.promised_on = new_due_on
    case.version += 1
    note_audit(session, actor, case, "apology.signed", apology=str(apology.id), day=new_due_on.isoformat())


def send_apology(
    session: Session, actor: Actor, apology_id: UUID, *, expected_version: int, how: str
) -> None:
    """The signed apology reached the family (đưa tận tay, gọi điện, nhắn tin).

    Raises:
        InvalidInput: no way chosen.
        Conflict: not signed yet, or sent already.
    """
    apology, case = _load(session, actor, apology_id, expected_version, Permission.CASE_WORK)
    if apology.state != "signed":
        raise Conflict("Phiếu xin lỗi cần lãnh đạo ký trước, và chỉ gửi một lần. Ông/bà mở lại để xem.")
    if how not in SENT_HOW:
        raise InvalidInput("Ông/bà chọn cách đã báo cho gia đình.", {"how": "Chọn cách đã báo cho gia đình."})
    apology.state, apology.sent_how = "sent", how
    apology.sent_by, apology.sent_at = actor.user_id, clock.now()
    apology.version += 1
    note_audit(session, actor, case, "apology.sent", apology=str(apology.id), how=how)


def _load(
    session: Session, actor: Actor, apology_id: UUID, expected_version: int, permission: Permission
) -> tuple[Apology, Case]:
    """Load an apology with its case, the case held first (lock order)."""
    case_id = session.scalar(select(Apology.case_id).where(Apology.id == apology_id))
    case = session.get(Case, case_id, with_for_update=True, populate_existing=True) if case_id else None
    if case is None or not actor.may(Permission.CASE_VIEW, case.current_unit_id):
        raise NotFound("Không tìm thấy phiếu xin lỗi này ở đơn vị của ông/bà.")
    actor.require(permission, case.current_unit_id)
    apology = session.get_one(Apology, apology_id, with_for_update=True, populate_existing=True)
    if apology.version != expected_version:
        raise Conflict(STALE)
    return apology, case
