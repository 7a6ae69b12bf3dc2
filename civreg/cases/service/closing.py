"""Ba cách nói không, và rút yêu cầu: each with its reason, and who may say it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case
from civreg.cases.rules import NOTE_LIMIT, Action, clean_line
from civreg.cases.service.moves import load_case, note_audit, step, tell
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.errors import InvalidInput
from civreg.units import queries as units


def decline_home_service(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, reason: str
) -> None:
    """Invite the family to the office instead (mời đến trụ sở): the officer's word."""
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    _close(session, actor, case, Action.DECLINE_HOME_SERVICE, reason)


def transfer(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, unit_id: int, reason: str
) -> None:
    """Send the request to the commune that has the authority (chuyển xã có thẩm quyền).

    The case stays with this unit as closed; the other commune calls the family and takes a new request.

    Raises:
        InvalidInput: an unknown unit, or this unit itself.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    unit = units.unit_by_id(session, unit_id)
    if unit is None or unit.id == case.current_unit_id:
        raise InvalidInput("Ông/bà chọn xã, phường có thẩm quyền.", {"unit": "Chọn xã, phường khác."})
    _close(session, actor, case, Action.TRANSFER, f"{unit.name}: {reason.strip()}")


def refuse(session: Session, actor: Actor, case_id: UUID, *, expected_version: int, reason: str) -> None:
    """Refuse registration in writing with the reason: the head only (Luật Hộ tịch 2014 art 5.2)."""
    case = load_case(session, actor, case_id, Permission.CASE_REFUSE, expected_version)
    _close(session, actor, case, Action.REFUSE, reason)


def withdraw(session: Session, actor: Actor, case_id: UUID, *, expected_version: int, reason: str) -> None:
    """The family withdraws its request."""
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    _close(session, actor, case, Action.WITHDRAW, reason)


def _close(session: Session, actor: Actor, case: Case, action: Action, reason: str) -> None:
    words = clean_line(reason, "reason", "Lý do", NOTE_LIMIT)
    if not words:
        raise InvalidInput("Ông/bà ghi lý do để gia đình hiểu.", {"reason": "Ghi lý do."})
    case.closing_reason = words
    step(session, actor, case, action, words)
    deadlines.cancel_deadlines(session, case.id)
    tell(session, case, "case.closed", clock.today())
    note_audit(session, actor, case, f"case.{case.state}")
