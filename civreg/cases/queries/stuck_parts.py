"""Thủ tục thành phần bị bỏ dở: registered at birth, yet no residence or insurance; whom to call about it.

140,175 children of one city had a birth certificate and no residence entry: nobody had a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.models import Case, CasePart, Party
from civreg.cases.queries.access import visible_to
from civreg.cases.queries.fields import phone_of
from civreg.cases.queries.frozen_rules import rules_of_each
from civreg.cases.queries.part_days import family_due_of
from civreg.cases.rules import PartState, State
from civreg.deadlines.rules import CitizenDue
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import audit, clock


@dataclass(frozen=True)
class StuckPart:
    """A part that stands still after the registration."""

    case_id: UUID
    case_code: str
    case_version: int
    part_code: str
    part_title: str
    agency: str
    state: str
    returned_reason: str | None
    due_on: date | None
    registered_at: datetime
    people: str
    requester: str
    phone: str
    hamlet: str
    told_received_at: datetime | None
    family: CitizenDue | None


def stuck_parts(session: Session, actor: Actor, quiet_days: int, limit: int = 200) -> list[StuckPart]:
    """Return the parts to call about, the longest waiting first; the numbers seen are written down.

    Args:
        session: the open transaction.
        actor: whose units.
        quiet_days: how many days a part may rest after the registration, or after the last call about it.
        limit: at most so many.
    """
    rest_until = clock.now() - timedelta(days=quiet_days)
    rows = session.execute(
        select(CasePart, Case)
        .join(Case, Case.id == CasePart.case_id)
        .where(
            visible_to(actor),
            Case.state.in_((State.REGISTERED.value, State.DELIVERED.value)),
            Case.registered_at < rest_until,
            CasePart.state.in_((PartState.OPEN.value, PartState.SUBMITTED.value, PartState.RETURNED.value)),
            or_(CasePart.checked_on.is_(None), CasePart.checked_on < rest_until.date()),
        )
        .order_by(Case.registered_at, CasePart.ordinal)
        .limit(limit)
    ).all()
    if not rows:
        return []
    audit.record_read(session, "stuck_parts", actor_id=actor.user_id, subject_type="case", subject_id=None)
    people = _people(session, {case.id for _, case in rows})
    rules = rules_of_each(session, (case for _, case in rows))
    return [_stuck(session, part, case, people[case.id], rules[case.id]) for part, case in rows]


def _people(session: Session, case_ids: set[UUID]) -> dict[UUID, dict[str, Party]]:
    found: dict[UUID, dict[str, Party]] = {case_id: {} for case_id in case_ids}
    for party in session.scalars(select(Party).where(Party.case_id.in_(case_ids)).order_by(Party.ordinal)):
        found[party.case_id].setdefault(party.role, party)
    return found


def _stuck(
    session: Session, part: CasePart, case: Case, people: dict[str, Party], rules: ProcedureVersion
) -> StuckPart:
    titles = {rule.code: rule.title_vi for rule in rules.parts}
    requester = people.get("requester")
    about = people.get("child") or people.get("deceased") or requester
    assert case.registered_at is not None
    return StuckPart(
        case_id=case.id,
        case_code=case.code,
        case_version=case.version,
        part_code=part.code,
        part_title=titles.get(part.code, part.code),
        agency=part.agency,
        state=part.state,
        returned_reason=part.returned_reason,
        due_on=part.due_on,
        registered_at=case.registered_at,
        people=about.full_name if about else "",
        requester=requester.full_name if requester else "",
        phone=phone_of(requester) if requester else "",
        hamlet=case.hamlet,
        told_received_at=part.told_received_at,
        family=family_due_of(session, case, part, rules),
    )
