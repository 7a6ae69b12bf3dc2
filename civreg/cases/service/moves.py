"""Bước của hồ sơ: load a case under lock, check version and right, move it, write history, outbox and audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CaseMove, CasePart
from civreg.cases.rules import ENDED, Action, State, next_state
from civreg.procedures import catalogue
from civreg.procedures.rules import PartRule, ProcedureVersion
from civreg.shared import audit, clock, outbox
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, NotFound
from civreg.units import queries as units

STALE = (
    "Hồ sơ vừa có người khác cập nhật. Ông/bà xem lại thông tin mới dưới đây rồi bấm lại; chưa có gì bị mất."
)


def load_case(
    session: Session,
    actor: Actor,
    case_id: UUID,
    permission: Permission,
    expected_version: int | None = None,
) -> Case:
    """Load a case and hold it until the transaction ends.

    Raises:
        NotFound: no such case, or another unit's.
        NotAllowed: the actor sees the case but may not do this.
        Conflict: the page was opened before somebody else's change.
    """
    case = session.scalars(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if case is None or not actor.may(Permission.CASE_VIEW, case.current_unit_id):
        raise NotFound("Không tìm thấy hồ sơ này ở đơn vị của ông/bà.")
    actor.require(permission, case.current_unit_id)
    if expected_version is not None and case.version != expected_version:
        raise Conflict(STALE)
    return case


def version_of(case: Case) -> ProcedureVersion:
    """Return the version this case goes by: of its request until reception, of the reception day from then on.

    As shipped; days, which an office may correct, are asked of `queries.frozen_rules`.
    """
    return catalogue.version_by_id(case.procedure_version)


def new_part(case_id: UUID, ordinal: int, part: PartRule) -> CasePart:
    """Return the row of a part that nobody has worked on yet."""
    return CasePart(
        id=new_id(), case_id=case_id, ordinal=ordinal, code=part.code, agency=part.agency, state="open"
    )


def step(session: Session, actor: Actor, case: Case, action: Action, note: str | None = None) -> None:
    """Move the case along the state table and write the move into its history.

    Raises:
        Conflict: when the action does not fit the state.
    """
    before = case.state
    to = next_state(version_of(case).flow, before, action)
    case.state = to.value
    case.version += 1
    if to in ENDED:
        case.closed_at = clock.now()
    _write_move(session, actor, case, action.value, before, note)


def note_step(
    session: Session,
    actor: Actor,
    case: Case,
    step_name: str,
    note: str | None = None,
    *,
    takes_back_id: UUID | None = None,
) -> None:
    """Write a step into the history that leaves the state as it is; it may take an earlier step back."""
    case.version += 1
    _write_move(session, actor, case, step_name, case.state, note, takes_back_id)


def _write_move(
    session: Session,
    actor: Actor,
    case: Case,
    action: str,
    from_state: str,
    note: str | None,
    takes_back_id: UUID | None = None,
) -> None:
    session.add(
        CaseMove(
            id=new_id(),
            case_id=case.id,
            version=case.version,
            action=action,
            from_state=from_state,
            to_state=case.state,
            at=clock.now(),
            actor_id=actor.user_id,
            note=note,
            takes_back_id=takes_back_id,
        )
    )


def tell(session: Session, case: Case, topic: str, day: date) -> None:
    """Publish what happened to the case, with ids and days only."""
    outbox.publish(
        session,
        topic,
        case.id,
        unit_id=units.counted_at(session, case.current_unit_id, day, before=case.received_unit_id),
        procedure=case.procedure,
        version=case.procedure_version,
        day=day.isoformat(),
        occasion=version_of(case).occasion,
        on_time=case.on_time,
        late=case.late_registration,
    )


def note_audit(session: Session, actor: Actor, case: Case, action: str, **details: Any) -> None:
    """Append the change to the unit's audit chain; the last step of a service."""
    audit.record(
        session,
        action,
        unit_id=case.current_unit_id,
        actor_id=actor.user_id,
        subject_type="case",
        subject_id=case.id,
        version=case.version,
        **details,
    )


def note_audit_of_many(session: Session, actor: Actor, cases: Sequence[Case], action: str) -> None:
    """Append one change of many cases to the chains of their units, see `note_audit`."""
    of_unit: dict[int, list[Case]] = {}
    for case in cases:
        of_unit.setdefault(case.current_unit_id, []).append(case)
    for unit_id in sorted(of_unit):
        audit.record_many(
            session,
            action,
            unit_id=unit_id,
            actor_id=actor.user_id,
            subject_type="case",
            subjects=[(case.id, {"version": case.version}) for case in of_unit[unit_id]],
        )


def is_before_dossier(case: Case) -> bool:
    """Say whether the case is still a request (no complete papers yet)."""
    return case.state in (State.REQUESTED, State.VISIT_SCHEDULED)
