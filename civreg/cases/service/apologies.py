"""Xin lỗi và hẹn lại: the machine drafts while the date can still be kept, a person signs, one new date per promise.

The draft is there from the morning of the promised day, for what came in the same day an hour before the office closes,
or as soon as an officer says that the day cannot be kept (NĐ 61/2018: at the latest one day before). When the result is
signed in time after all, an unsigned draft is no longer asked for.

The registration still counts as late: what is judged is the first promise (NĐ 61/2018: re-appointment at most
once; DVCQG 1.001193: phiếu xin lỗi và hẹn lại ngày trả kết quả).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM, Actor, Permission
from civreg.cases.models import Apology, Case, CasePart
from civreg.cases.rules import ENDED, NOTE_LIMIT, State, clean_line
from civreg.cases.service.moves import STALE, load_case, note_audit, version_of
from civreg.cases.service.promised_days import show_promised_days
from civreg.deadlines import service as deadlines
from civreg.deadlines.queries import DeadlineRow, deadline_by_id, deadlines_of
from civreg.deadlines.rules import CalendarMissing, Due, Reason, add_working_days, is_working_day
from civreg.shared import clock, outbox
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.shared.text import format_date_vi

SENT_HOW = {"handed": "đưa tận tay", "phone": "gọi điện", "message": "nhắn tin"}
"""How a person tells the family of the apology."""
BY_LETTER = "letter"
"""It was told by its letter: written down with the hand-over, never chosen on a form."""
TOLD_HOW = {**SENT_HOW, BY_LETTER: "trao thư xin lỗi"}
"""How the apology reached the family."""


@dataclass(frozen=True)
class Told:
    """Who handed an apology to the family, and when."""

    by: UUID | None
    at: datetime


PROPOSED_AFTER = 2
"""Working days from the promised day to the new date that a draft proposes; the head sets another one freely."""

_WHY = "Ông/bà ghi lý do để gia đình hiểu vì sao trễ."
_SO_FAR = {
    State.DOSSIER_RECEIVED: "Hồ sơ chưa giải quyết xong.",
    State.PERSONAL_NUMBER_PENDING: "Cơ sở dữ liệu quốc gia về dân cư chưa trả số định danh.",
    State.AWAITING_SIGNATURE: "Hồ sơ còn chờ ký.",
    State.REGISTERED: "Thủ tục sau cùng chưa có kết quả.",
}
"""The reason a draft starts from, by where the case stands; the head rewrites it."""


def draft_apology(session: Session, deadline_id: UUID) -> UUID | None:
    """Draft the apology for a result date that is here or was missed, once, with a reason and one new date to start from.

    Work that follows from `deadline.due_today` and `deadline.breached`. A missed call is put right by calling, and a case
    that has ended or was signed meanwhile needs no new date.
    """
    deadline = deadline_by_id(session, deadline_id)
    if deadline is None or deadline.kind == "call" or deadline.state != "open" or deadline.due_on is None:
        return None
    case = session.get_one(Case, deadline.case_id)
    if State(case.state) in ENDED or _stands_behind_the_whole(session, case, deadline):
        return None
    return _draft(session, SYSTEM, case, deadline, _SO_FAR.get(State(case.state), ""))


def foresee_late(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, reason: str
) -> None:
    """An officer sees that a promised day cannot be kept: the apology is drafted now, for the head to sign.

    Raises:
        InvalidInput: no reason.
        Conflict: nothing is promised that is still to come, or its apology stands already.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    words = clean_line(reason, "reason", "Lý do", NOTE_LIMIT)
    if not words:
        raise InvalidInput(_WHY, {"reason": _WHY})
    promised = [row for row in deadlines_of(session, case.id) if row.kind != "call" and row.state == "open"]
    first = min((row for row in promised if row.due_on), key=lambda row: row.due_on or date.max, default=None)
    if first is None:
        raise Conflict("Hồ sơ này không có ngày hẹn nào đang chạy nên chưa cần phiếu xin lỗi.")
    if _draft(session, actor, case, first, words) is None:
        raise Conflict("Phiếu xin lỗi của ngày hẹn này đã có. Ông/bà mở lại hồ sơ để xem.")
    case.version += 1


def _stands_behind_the_whole(session: Session, case: Case, deadline: DeadlineRow) -> bool:
    """Tell whether a part is another agency's step of a bundle that was promised as a whole: that promise counts."""
    if deadline.kind != "part":
        return False
    whole = any(row.kind == "whole" for row in deadlines_of(session, case.id))
    main = version_of(case).main_part.code
    return whole and session.get_one(CasePart, deadline.subject_id).code != main


def _draft(session: Session, actor: Actor, case: Case, deadline: DeadlineRow, reason: str) -> UUID | None:
    """Write the draft unless this promise has its apology."""
    apology_id = new_id()
    drafted = session.scalar(
        insert(Apology)
        .values(
            id=apology_id,
            deadline_id=deadline.id,
            case_id=case.id,
            unit_id=case.current_unit_id,
            state="draft",
            missed_on=deadline.due_on,
            reason=reason,
            new_due_on=proposed_day(session, deadline.due_on),
            drafted_at=clock.now(),
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(Apology.id)
    )
    if drafted is not None:
        note_audit(session, actor, case, "apology.drafted", apology=str(apology_id))
    return drafted


def proposed_day(session: Session, missed_on: date | None) -> date | None:
    """Return a new date to start from, as things stand today; none where the calendar ends: the head then chooses alone."""
    day = max(missed_on or clock.today(), clock.today())
    try:
        return add_working_days(day, PROPOSED_AFTER, deadlines.calendar(session))
    except CalendarMissing:
        return None


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
    deadline = deadline_by_id(session, apology.deadline_id)
    _refuse_needless(apology, deadline)
    if deadline is not None and deadline.state == "open" and deadline.due_on:
        apology.missed_on = (
            deadline.due_on
        )  # it may have moved since the draft: papers came, the calendar changed
    problems: dict[str, str] = {}
    words = clean_line(reason, "reason", "Lý do", NOTE_LIMIT)
    if not words:
        problems["reason"] = _WHY
    if new_due_on < clock.today():
        problems["new_due_on"] = "Ông/bà chọn ngày hẹn mới từ hôm nay trở đi."
    elif new_due_on <= apology.missed_on:
        problems["new_due_on"] = f"Ông/bà chọn ngày hẹn mới sau ngày {format_date_vi(apology.missed_on)}."
    elif not is_working_day(new_due_on, deadlines.calendar(session)):
        problems["new_due_on"] = "Ngày hẹn mới là ngày nghỉ. Ông/bà chọn một ngày làm việc."
    if problems:
        raise InvalidInput("Chưa ký được. Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    now = clock.now()
    apology.state, apology.reason, apology.new_due_on = "signed", words, new_due_on
    apology.signed_by, apology.signed_at = actor.user_id, now
    apology.version += 1
    missed = {
        "missed_hour": deadline.due_hour if deadline is not None else "",
        "ahead": now < deadline.due_at if deadline and deadline.due_at else now.date() <= apology.missed_on,
    }
    if deadline is not None and deadline.state == "open":
        said = {"signed": now.date(), "missed": apology.missed_on, "day": new_due_on}
        why = Reason("new_date", {name: one.isoformat() for name, one in said.items()})
        deadlines.change_due(session, deadline.subject_id, deadline.kind, Due(new_due_on, (why,)), now)
    show_promised_days(session, case)
    case.version += 1
    outbox.publish(session, "apology.signed", case.id, apology_id=str(apology.id), **missed)
    note_audit(session, actor, case, "apology.signed", apology=str(apology.id), day=new_due_on.isoformat())


def _refuse_needless(apology: Apology, deadline: DeadlineRow | None) -> None:
    if apology.state != "draft":
        raise Conflict("Phiếu xin lỗi này đã ký. Mỗi lần hẹn chỉ được hẹn lại một ngày.")
    if deadline is not None and deadline.met_on_time:
        raise Conflict("Kết quả đã ký đúng ngày hẹn nên không cần phiếu xin lỗi nữa.")
    if deadline is not None and deadline.state == "cancelled":
        raise Conflict("Hồ sơ đã dừng nên không cần phiếu xin lỗi nữa. Ông/bà mở lại hồ sơ.")


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


def settle_told_by_letter(
    session: Session, case_id: UUID, missed_on: date, new_due_on: date, asked: Callable[[], Told | None]
) -> None:
    """Note that the letter of an apology is in the family's hands, or that it is not after all.

    `asked` says who told, None for nobody; it is asked behind the lock, so that of a hand-over and a take-back at once
    the later one counts.
    An apology that a person has told of otherwise stays as that person wrote it down: it waits for no letter.
    """
    case = session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
    found = session.scalars(
        select(Apology)
        .where(
            Apology.case_id == case_id,
            Apology.missed_on == missed_on,
            Apology.new_due_on == new_due_on,
            Apology.state != "draft",
        )
        .order_by(Apology.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    told = asked()
    for apology in found:
        if settle_told(apology, told):
            action = "apology.sent" if told else "apology.told_taken_back"
            note_audit(session, SYSTEM, case, action, apology=str(apology.id), how=BY_LETTER)


class Tellable(Protocol):
    """An apology for a date or for a trip, as far as the telling goes."""

    state: Any
    sent_how: Any
    sent_by: Any
    sent_at: Any
    version: Any


def settle_told(apology: Tellable, told: Told | None) -> bool:
    """Bring a signed apology in line with its letter; return whether anything changed."""
    if told and apology.state == "signed":
        apology.state, apology.sent_how = "sent", BY_LETTER
        apology.sent_by, apology.sent_at = told.by, told.at
    elif told is None and apology.sent_how == BY_LETTER:
        apology.state, apology.sent_how = "signed", None
        apology.sent_by, apology.sent_at = None, None
    else:
        return False
    apology.version += 1
    return True


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
