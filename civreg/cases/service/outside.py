"""Chờ cơ quan khác trả lời: another body is asked by letter, the clocks stand still, its answer starts them again.

Luật Hộ tịch has other communes answer questions of marital status within three working days; whoever is asked, the family's
promised day cannot be kept meanwhile, and is counted afresh from what was left of the term.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CasePaper, CasePart, OutsideWait
from civreg.cases.rules import DOOR_OPEN, LINE_LIMIT, STOPPED, PartState, State, clean_line
from civreg.cases.service.moves import load_case, note_audit
from civreg.cases.service.promised_days import show_promised_days
from civreg.deadlines import service as deadlines
from civreg.deadlines.queries import deadlines_of
from civreg.deadlines.rules import moment_words
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound

_BODY_LIMIT = 120


def ask_outside(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    expected_version: int,
    body: str,
    letter: str,
    asked_at: datetime,
) -> None:
    """Note that another body has to answer first; the clocks of the case stand still from that moment on.

    Args:
        session: the open transaction.
        actor: who works on the case.
        case_id: a case whose papers were taken and that is not registered yet.
        expected_version: of the page.
        body: who is asked.
        letter: number and day of the letter that asks.
        asked_at: when it went out.

    Raises:
        InvalidInput: no body, no letter, or a moment that cannot be.
        Conflict: it is not at such a step, one is asked already, or the page is stale.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    if State(case.state) not in DOOR_OPEN:
        raise Conflict("Hồ sơ chưa nhận đủ giấy tờ hoặc đã đăng ký xong nên không ghi chờ cơ quan khác được.")
    if open_wait(session, case.id) is not None:
        raise Conflict("Hồ sơ đang chờ một cơ quan trả lời. Ông/bà ghi trả lời ấy trước.")
    problems: dict[str, str] = {}
    whom = clean_line(body, "body", "Cơ quan được hỏi", _BODY_LIMIT)
    by_letter = clean_line(letter, "letter", "Văn bản hỏi", LINE_LIMIT)
    if not whom:
        problems["body"] = "Ông/bà ghi cơ quan được hỏi, ví dụ Ủy ban nhân dân xã Long Hiệp."
    if not by_letter:
        problems["letter"] = "Ông/bà ghi số và ngày của văn bản hỏi."
    since = _clocks_changed(session, case)
    if asked_at > clock.now():
        problems["asked_at_day"] = "Ghi thời điểm gửi không muộn hơn bây giờ."
    elif asked_at < since.replace(second=0, microsecond=0):
        problems["asked_at_day"] = f"Ghi từ {moment_words(since.astimezone(clock.ZONE))} trở đi."
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    stops_at = max(asked_at, since)
    session.add(
        OutsideWait(
            id=new_id(),
            case_id=case.id,
            body=whom,
            letter=by_letter,
            asked_at=stops_at,
            asked_by=actor.user_id,
        )
    )
    deadlines.pause(session, case.id, stops_at, deadlines.OUTSIDE)
    show_promised_days(session, case)
    case.version += 1
    session.flush()
    note_audit(session, actor, case, "case.outside_asked")


def note_answer(
    session: Session,
    actor: Actor,
    case_id: UUID,
    wait_id: UUID,
    *,
    expected_version: int,
    answer: str,
    answered_at: datetime,
) -> None:
    """Note that the other body answered; the clocks go on unless papers are still missing.

    Raises:
        NotFound: the case waits for no such answer.
        InvalidInput: no answer, or a moment that cannot be.
        Conflict: it was answered or the case ended meanwhile, or the page is stale.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    wait = session.get(OutsideWait, wait_id, with_for_update=True)
    if wait is None or wait.case_id != case.id:
        raise NotFound("Hồ sơ này không chờ cơ quan ấy trả lời. Ông/bà mở lại hồ sơ.")
    if wait.answered_at is not None:
        raise Conflict("Trả lời này đã có người ghi. Ông/bà mở lại hồ sơ.")
    if case.state in STOPPED:
        raise Conflict("Hồ sơ đã kết thúc, không còn chờ trả lời nữa. Ông/bà mở lại hồ sơ.")
    problems: dict[str, str] = {}
    words = clean_line(answer, "answer", "Trả lời", LINE_LIMIT)
    if not words:
        problems["answer"] = "Ông/bà ghi số, ngày và ý chính của văn bản trả lời."
    if answered_at > clock.now():
        problems["answered_at_day"] = "Ghi thời điểm nhận trả lời không muộn hơn bây giờ."
    elif answered_at < wait.asked_at.replace(second=0, microsecond=0):
        asked = moment_words(wait.asked_at.astimezone(clock.ZONE))
        problems["answered_at_day"] = f"Ghi từ lúc gửi văn bản hỏi ({asked}) trở đi."
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    wait.answered_at, wait.answered_by = max(answered_at, wait.asked_at), actor.user_id
    wait.answer = words
    case.version += 1
    session.flush()
    go_on(session, case, max(wait.answered_at, _papers_came(session, case.id) or wait.answered_at))
    note_audit(session, actor, case, "case.outside_answered")


def go_on(session: Session, case: Case, at: datetime) -> None:
    """Start the clocks of a case again that nothing stops any more, and promise afresh.

    All stand still while papers or another body's answer are missing; that of a part that was sent back, and with it that
    of the whole, until the part goes on or ends.
    """
    session.flush()
    if case.state != State.PAPERS_REQUESTED and open_wait(session, case.id) is None:
        returned = set(
            session.scalars(
                select(CasePart.id).where(CasePart.case_id == case.id, CasePart.state == PartState.RETURNED)
            )
        )
        waiting = returned | {case.id} if returned else returned
        stopped = {row.subject_id for row in deadlines_of(session, case.id) if row.paused}
        for subject_id in sorted(stopped - waiting):
            deadlines.resume(session, case.id, at, subject_id=subject_id)
    show_promised_days(session, case)


def open_wait(session: Session, case_id: UUID) -> OutsideWait | None:
    """Return the body that a case waits for, or None."""
    return session.scalars(
        select(OutsideWait).where(OutsideWait.case_id == case_id, OutsideWait.answered_at.is_(None))
    ).first()


def _clocks_changed(session: Session, case: Case) -> datetime:
    """Return when the clocks of the case's results last started, stopped or went on."""
    rows = [row for row in deadlines_of(session, case.id) if row.kind != "call"]
    moments = [segment.at for row in rows for segment in row.segments]
    return max(moments, default=case.received_at or case.requested_at)


def _papers_came(session: Session, case_id: UUID) -> datetime | None:
    """Return when the last paper that was asked for came: the clock could not run before."""
    return session.scalar(
        select(func.max(CasePaper.seen_at)).where(
            CasePaper.case_id == case_id, CasePaper.asked_at.is_not(None)
        )
    )
