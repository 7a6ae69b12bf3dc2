"""Thủ tục thành phần: each part goes its own way at its own agency; the registering part alone carries the case.

A part that another agency does is submitted on the national portal (Cổng DVCQG) or VNeID under somebody's
account, gets that agency's number, may come back with a reason, and ends done, refused or given up. The
registration stands whatever becomes of the others (Luật Hộ tịch 2014 arts 14.3, 16).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CasePart
from civreg.cases.rules import NOTE_LIMIT, PartAction, PartState, clean_line, next_part_state
from civreg.cases.service.codes import note_code
from civreg.cases.service.moves import load_case, note_audit, tell, version_of
from civreg.cases.service.outside import go_on
from civreg.cases.service.promised_days import show_promised_days
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.errors import InvalidInput, NotFound

ACCOUNTS: Mapping[str, str] = MappingProxyType(
    {"family": "tài khoản của gia đình", "officer": "tài khoản của công chức nộp hộ"}
)
"""Whose account the portal step was done under."""


def submit_part(
    session: Session,
    actor: Actor,
    case_id: UUID,
    part_code: str,
    *,
    expected_version: int,
    account: str,
    portal_code: str,
    submitted_at: datetime,
) -> None:
    """The part was submitted on Cổng DVCQG/VNeID; keep whose account and the portal's code.

    Raises:
        InvalidInput: no account chosen, no code, or a moment that cannot be.
        Conflict: the part is not at that step, or the page is stale.
    """
    case, part = _load(session, actor, case_id, part_code, expected_version)
    problems: dict[str, str] = {}
    if account not in ACCOUNTS:
        problems["account"] = "Ông/bà chọn nộp bằng tài khoản của ai."
    code = clean_line(portal_code, "portal_code", "Mã hồ sơ trên Cổng", 60)
    if not code:
        problems["portal_code"] = "Ông/bà chép mã hồ sơ mà Cổng dịch vụ công hoặc VNeID cấp."
    if submitted_at > clock.now():
        problems["submitted_at"] = "Ghi thời điểm nộp không muộn hơn bây giờ."
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    _move(case, part, PartAction.SUBMIT)
    part.submitted_at, part.submitted_by_account, part.returned_reason = submitted_at, account, None
    note_code(session, actor, case, "portal", part.id, code)
    go_on(session, case, clock.now())
    note_audit(session, actor, case, "case.part_submitted", part=part.code, account=account)


def return_part(
    session: Session, actor: Actor, case_id: UUID, part_code: str, *, expected_version: int, reason: str
) -> None:
    """The agency sent the part back with a reason; the commune or the family completes it and submits again."""
    case, part = _load(session, actor, case_id, part_code, expected_version)
    part.returned_reason = _reason(reason)
    _move(case, part, PartAction.RETURN)
    for subject_id in (part.id, case.id):
        deadlines.pause(session, case.id, clock.now(), deadlines.PAPERS, subject_id=subject_id)
    show_promised_days(session, case)
    note_audit(session, actor, case, "case.part_returned", part=part.code)


def finish_part(
    session: Session,
    actor: Actor,
    case_id: UUID,
    part_code: str,
    *,
    expected_version: int,
    result_number: str = "",
    done_at: datetime,
) -> None:
    """The agency's result is there (thẻ BHYT, xác nhận thường trú …).

    Raises:
        InvalidInput: a moment in the future, or before the papers were taken.
    """
    case, part = _load(session, actor, case_id, part_code, expected_version)
    if done_at > clock.now() or (case.received_at and done_at < case.received_at):
        sentence = "Ghi thời điểm có kết quả sau khi nhận hồ sơ, không muộn hơn bây giờ."
        raise InvalidInput(sentence, {"done_at": sentence})
    stood_still = part.state == PartState.RETURNED
    _move(case, part, PartAction.FINISH)
    if stood_still:
        go_on(session, case, clock.now())
    part.done_at = done_at
    if result_number.strip():
        note_code(
            session,
            actor,
            case,
            "result",
            part.id,
            clean_line(result_number, "result_number", "Số kết quả", 60),
        )
    deadlines.meet_deadline(session, part.id, "part", done_at)
    settle_whole(session, case, done_at)
    tell(session, case, "case.part_done", done_at.astimezone(clock.ZONE).date())
    note_audit(session, actor, case, "case.part_done", part=part.code)


def refuse_part(
    session: Session, actor: Actor, case_id: UUID, part_code: str, *, expected_version: int, reason: str
) -> None:
    """The agency refused the part; the registration stands."""
    _end(session, actor, case_id, part_code, expected_version, PartAction.REFUSE, reason)


def give_up_part(
    session: Session, actor: Actor, case_id: UUID, part_code: str, *, expected_version: int, reason: str
) -> None:
    """The family does without this part (thường trú later, no benefit to claim).

    Before the papers are taken the choice is that of the procedure; afterwards the family may stop any part.

    Raises:
        InvalidInput: no reason, or before reception a part that cannot be left out.
    """
    case, part = _load(session, actor, case_id, part_code, expected_version)
    rules = version_of(case)
    always = any(one.code == part.code and not one.optional for one in rules.parts)
    if always and rules.choice and case.received_at is None:
        sentence = rules.choice_problem([part.code])
        raise InvalidInput(sentence, {"reason": sentence})
    _end(session, actor, case_id, part_code, expected_version, PartAction.GIVE_UP, reason)


def note_part_checked(
    session: Session, actor: Actor, case_id: UUID, part_code: str, *, expected_version: int
) -> None:
    """Somebody called about a part that stands still; it leaves the call list for a week."""
    case, part = _load(session, actor, case_id, part_code, expected_version)
    part.checked_on = clock.today()
    case.version += 1
    note_audit(session, actor, case, "case.part_checked", part=part.code)


def tell_received(session: Session, case_id: UUID, part_code: str) -> None:
    """The family says it has the result ("đã nhận thẻ BHYT"); shown as told by the family, it proves nothing.

    The caller has checked tracking code and second fact.

    Raises:
        NotFound: the case has no such part.
    """
    part = session.scalars(
        select(CasePart).where(CasePart.case_id == case_id, CasePart.code == part_code).with_for_update()
    ).first()
    if part is None:
        raise NotFound()
    part.told_received_at = part.told_received_at or clock.now()


_ENDED = frozenset({PartState.DONE, PartState.REFUSED, PartState.ABANDONED})


def settle_whole(session: Session, case: Case, at: datetime) -> None:
    """Close the promise of the whole bundle when its last part has ended; a case without one is left alone."""
    session.flush()
    if not any(part.state not in _ENDED for part in _parts(session, case)):
        deadlines.meet_deadline(session, case.id, "whole", at)


def _parts(session: Session, case: Case) -> Sequence[CasePart]:
    return session.scalars(select(CasePart).where(CasePart.case_id == case.id)).all()


def _load(
    session: Session, actor: Actor, case_id: UUID, part_code: str, expected_version: int
) -> tuple[Case, CasePart]:
    """Load a part that another agency does; the registering part moves with the case alone."""
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    part = session.scalars(
        select(CasePart).where(CasePart.case_id == case.id, CasePart.code == part_code).with_for_update()
    ).first()
    if part is None or part.code == version_of(case).main_part.code:
        raise NotFound("Hồ sơ này không có thủ tục thành phần ấy. Ông/bà mở lại hồ sơ.")
    return case, part


def _move(case: Case, part: CasePart, action: PartAction) -> None:
    part.state = next_part_state(PartState(part.state), action).value
    case.version += 1


def _end(
    session: Session,
    actor: Actor,
    case_id: UUID,
    part_code: str,
    expected_version: int,
    action: PartAction,
    reason: str,
) -> None:
    case, part = _load(session, actor, case_id, part_code, expected_version)
    part.returned_reason = _reason(reason)
    stood_still = part.state == PartState.RETURNED
    _move(case, part, action)
    deadlines.cancel_deadline(session, part.id, "part")
    if stood_still:
        go_on(session, case, clock.now())
    settle_whole(session, case, clock.now())
    note_audit(session, actor, case, f"case.part_{part.state}", part=part.code)


def _reason(typed: str) -> str:
    words = clean_line(typed, "reason", "Lý do", NOTE_LIMIT)
    if not words:
        raise InvalidInput("Ông/bà ghi lý do.", {"reason": "Ghi lý do."})
    return words
