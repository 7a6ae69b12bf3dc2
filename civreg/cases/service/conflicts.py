"""Không đăng ký cho người thân: an officer says that a family is their own, and colleagues register from then on.

The law forbids whoever may register to do it for themselves or their relatives (Luật Hộ tịch 2014 art 12.1.h). No
machine knows who is whose relative: a person says it, once, and it stands in the history of the case.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CaseMove
from civreg.cases.rules import ENDED, RELATIVE_DECLARED, State
from civreg.cases.service.moves import load_case, note_audit, note_step, version_of
from civreg.shared.errors import Conflict, NotAllowed

OWN_FAMILY = (
    "Ông/bà đã khai hồ sơ này là của mình hoặc người thân thích nên không đăng ký hồ sơ này. Công chức khác của đơn vị "
    "làm tiếp; đơn vị không còn ai thì báo lãnh đạo phân công."
)


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


def refuse_own_family(session: Session, actor: Actor, case: Case) -> None:
    """Refuse a step of the registration to somebody who has said that the family is their own.

    Raises:
        NotAllowed: with who goes on.
    """
    if _declared(session, actor, case):
        raise NotAllowed(OWN_FAMILY)


def _declared(session: Session, actor: Actor, case: Case) -> bool:
    said = select(CaseMove.id).where(
        CaseMove.case_id == case.id,
        CaseMove.action == RELATIVE_DECLARED,
        CaseMove.actor_id == actor.user_id,
    )
    return actor.user_id is not None and session.scalar(select(said.exists())) is True
