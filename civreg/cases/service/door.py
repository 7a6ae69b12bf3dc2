"""Ở cửa nhà: why the registration is mobile, and who signed the declaration or the register and how."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, Signing
from civreg.cases.rules import DOOR_OPEN, DoorForm, Moment, SigningForm, State, clean_door
from civreg.cases.service.moves import load_case, note_audit, version_of
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict

SETTLED = "Hồ sơ chưa nhận đủ giấy tờ hoặc đã đăng ký xong nên không sửa được lý do và chữ ký."


def change_door(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, door: DoorForm
) -> None:
    """Put right why the registration is mobile and how the declaration was signed, until it is registered.

    Raises:
        InvalidInput: no reason, or a thumb-print that was not read back; by field.
        Conflict: a stale page, or a step at which nothing of it can be changed.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    if State(case.state) not in DOOR_OPEN:
        raise Conflict(SETTLED)
    keep_door(session, actor, case, clean_door(door, version_of(case)))
    case.version += 1
    note_audit(session, actor, case, "case.door_changed")


def keep_door(session: Session, actor: Actor, case: Case, door: DoorForm) -> None:
    """Write down what was stated; the reason is sealed, because it tells of health or of detention."""
    reason = door.eligibility.packed()
    case.sealed_eligibility = (
        crypto.seal(reason, "case_file", case.id, "sealed_eligibility") if reason else ""
    )
    keep_signings(session, actor, case, Moment.DECLARATION, door.signings)


def keep_signings(
    session: Session, actor: Actor, case: Case, moment: Moment, signings: Sequence[SigningForm]
) -> None:
    """Write down how each person signed; what stood there for this moment is replaced."""
    session.execute(delete(Signing).where(Signing.case_id == case.id, Signing.moment == moment.value))
    session.add_all(
        Signing(
            id=new_id(),
            case_id=case.id,
            moment=moment.value,
            role=one.role,
            way=one.way,
            read_back=one.read_back,
            witness=one.witness,
            noted_at=clock.now(),
            noted_by=actor.user_id,
        )
        for one in signings
    )
