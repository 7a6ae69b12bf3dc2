"""Không đăng ký cho người thân: an officer says that a family is their own, and colleagues register from then on.

The law forbids whoever may register to do it for themselves or their relatives (Luật Hộ tịch 2014 art 12.1.h). No
machine knows who is whose relative: a person says it, once, and it stands in the history of the case. A mis-tap is
taken back by the head with a reason, as a step of its own: what was said stays readable.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CaseMove
from civreg.cases.rules import (
    ENDED,
    NOTE_LIMIT,
    RELATIVE_DECLARED,
    RELATIVE_TAKEN_BACK,
    State,
    clean_line,
)
from civreg.cases.service.moves import load_case, note_audit, note_step, version_of
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed

OWN_FAMILY = (
    "Ông/bà đã khai hồ sơ này là của mình hoặc người thân thích nên không đăng ký hồ sơ này. Công chức khác của đơn vị "
    "làm tiếp; đơn vị không còn ai thì báo lãnh đạo phân công. Khai nhầm thì báo lãnh đạo bỏ lời khai."
)
OWN_DECLARATION = (
    "Ông/bà không tự bỏ lời khai của chính mình. Ông/bà báo lãnh đạo khác của đơn vị bỏ; đơn vị không có lãnh đạo khác "
    "thì đề nghị người quản trị giao vai trò Lãnh đạo đơn vị cho người được phân công."
)
TAKEN_BACK_ALREADY = (
    "Lời khai này không còn để bỏ: đã có người bỏ, hoặc hồ sơ đã kết thúc. Ông/bà mở lại hồ sơ."
)
NO_REASON = "Ông/bà ghi lý do bỏ lời khai."


def declare_relative(session: Session, actor: Actor, case_id: UUID, *, expected_version: int) -> None:
    """The officer is one of the family or a relative (khai là người thân thích); saying it twice changes nothing.

    Raises:
        Conflict: the case has ended, its procedure registers nothing, or the page is stale.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    if version_of(case).conflict is None or State(case.state) in ENDED:
        raise Conflict("Hồ sơ này không còn việc đăng ký nên không cần khai. Ông/bà mở lại hồ sơ.")
    if _declared(session, actor, case):
        return
    note_step(session, actor, case, RELATIVE_DECLARED)
    note_audit(session, actor, case, "case.relative_declared")


def take_back_relative(
    session: Session, actor: Actor, case_id: UUID, move_id: UUID, *, expected_version: int, reason: str
) -> None:
    """The head takes a mistaken declaration back (bỏ lời khai); whoever said it registers again.

    Args:
        session: the open transaction.
        actor: a head, but not about himself: nobody lifts his own bar.
        case_id: an open case.
        move_id: the step of the history by which it was said.
        expected_version: of the page.
        reason: for whoever checks later.

    Raises:
        NotAllowed: no head, or the head's own declaration.
        Conflict: it does not stand any more, the case has ended, or a stale page.
        InvalidInput: no reason.
    """
    case = load_case(session, actor, case_id, Permission.CASE_SIGN, expected_version)
    said = session.scalars(_standing(case).where(CaseMove.id == move_id)).first()
    if said is None or State(case.state) in ENDED:
        raise Conflict(TAKEN_BACK_ALREADY)
    if said.actor_id == actor.user_id:
        raise NotAllowed(OWN_DECLARATION)
    words = clean_line(reason, "reason", "Lý do", NOTE_LIMIT)
    if not words:
        raise InvalidInput(NO_REASON, {"reason": NO_REASON})
    note_step(session, actor, case, RELATIVE_TAKEN_BACK, words, takes_back_id=said.id)
    note_audit(session, actor, case, "case.relative_taken_back", declared_by=str(said.actor_id))


def refuse_own_family(session: Session, actor: Actor, case: Case) -> None:
    """Refuse a step of the registration to somebody who has said that the family is their own.

    Raises:
        NotAllowed: with who goes on.
    """
    if _declared(session, actor, case):
        raise NotAllowed(OWN_FAMILY)


def _declared(session: Session, actor: Actor, case: Case) -> bool:
    said = _standing(case).where(CaseMove.actor_id == actor.user_id)
    return actor.user_id is not None and session.scalar(select(said.exists())) is True


def _standing(case: Case) -> Select[CaseMove]:
    """Return the declarations of a case that nobody took back."""
    later = aliased(CaseMove)
    return select(CaseMove).where(
        CaseMove.case_id == case.id,
        CaseMove.action == RELATIVE_DECLARED,
        ~select(later.id).where(later.takes_back_id == CaseMove.id).exists(),
    )
