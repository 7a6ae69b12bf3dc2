"""Chuyển giao hồ sơ khi đơn vị kết thúc: open cases and their promises go to the unit that follows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.models import Apology, Case, CaseMove, Tiding
from civreg.cases.rules import ENDED, UNIT_CHANGED
from civreg.cases.service.moves import note_audit
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.units import queries as units
from civreg.units.rules import Heirs


def hand_over_cases(session: Session, actor: Actor, old_unit_id: int, heirs: Heirs) -> list[UUID]:
    """Give the open cases of a unit that ended each to the unit that takes it; return which.

    State, code, number and the unit that received the case stay; promises keep their days. A page that was opened
    before is stale. Ended cases stay where they ended: whoever took the unit over sees them there.
    """
    old, new = units.unit_by_id(session, old_unit_id), units.units_by_ids(session, heirs.units)
    cases = session.scalars(
        select(Case)
        .where(Case.current_unit_id == old_unit_id, Case.state.not_in([state.value for state in ENDED]))
        .order_by(Case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for case in cases:
        heir = new[heirs.of(case.id)]
        case.current_unit_id = heir.id
        case.version += 1
        session.add(
            CaseMove(
                id=new_id(),
                case_id=case.id,
                version=case.version,
                action=UNIT_CHANGED,
                from_state=case.state,
                to_state=case.state,
                at=clock.now(),
                actor_id=actor.user_id,
                note=f"{old.name} nay thuộc {heir.spoken}",
            )
        )
        deadlines.hand_deadlines_to(session, case.id, heir.id)
    session.flush()
    return [case.id for case in cases]


def note_handed_over(session: Session, actor: Actor, case_ids: Sequence[UUID], old_unit_id: int) -> None:
    """Append a row for each case to the new unit's audit chain; the caller does it when nothing is left to lock."""
    for case_id in case_ids:
        case = session.get_one(Case, case_id)
        note_audit(session, actor, case, "case.unit_changed", from_unit=old_unit_id)


def hand_over_apologies(session: Session, old_unit_id: int, heirs: Heirs) -> int:
    """Give the apologies that have not reached the family to the unit that takes the case; return how many."""
    waiting = session.scalars(
        select(Apology)
        .where(Apology.unit_id == old_unit_id, Apology.state != "sent")
        .order_by(Apology.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for apology in waiting:
        apology.unit_id = heirs.of(apology.case_id)
        apology.version += 1
    return len(waiting)


def hand_over_tidings(session: Session, old_unit_id: int, heirs: Heirs) -> int:
    """Give the tidings that nobody has settled each to the unit that takes it; return how many."""
    waiting = session.scalars(
        select(Tiding)
        .where(Tiding.unit_id == old_unit_id, Tiding.state == "new")
        .order_by(Tiding.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for tiding in waiting:
        tiding.unit_id = heirs.of(tiding.id)
        tiding.version += 1
    return len(waiting)
