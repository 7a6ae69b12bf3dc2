"""Hoàn cảnh của hồ sơ: what was noted beside the form; the cause of death opens only with a line in the read log."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case
from civreg.cases.queries.access import visible_to
from civreg.cases.rules import Circumstances
from civreg.shared import audit, crypto
from civreg.shared.errors import NotFound


def codes_of(case: Case) -> frozenset[str]:
    """Return the circumstances of a case by their codes in the catalogue."""
    found = {
        "recognition": case.with_recognition,
        "abandoned": case.abandoned,
        "lived_under_a_day": case.lived_under_a_day,
        "death_paper_by_commune": case.death_paper_by_commune,
    }
    return frozenset(code for code, holds in found.items() if holds)


def circumstances_of(session: Session, actor: Actor, case_id: UUID) -> Circumstances:
    """Return what was noted about a case, for whoever works on it; an opened cause of death is written down.

    Raises:
        NotFound: no such case, another unit's, or one the actor does not work on.
    """
    case = session.scalars(select(Case).where(Case.id == case_id, visible_to(actor))).first()
    if case is None or not actor.may(Permission.CASE_WORK, case.current_unit_id):
        raise NotFound("Không tìm thấy hồ sơ này ở đơn vị của ông/bà.")
    if case.sealed_cause:
        audit.record_read(
            session, "cause_of_death", actor_id=actor.user_id, subject_type="case", subject_id=case.id
        )
    first, _, second = (case.recognition_witnesses or "").partition("\n")
    return Circumstances(
        evidence=case.recognition_evidence or "",
        witnesses=(first, second),
        abandoned=case.abandoned,
        lived_under_a_day=case.lived_under_a_day,
        stillborn_sibling=case.stillborn_sibling,
        parent_detained=case.parent_detained,
        registration_asked=case.registration_asked,
        death_paper_by_commune=case.death_paper_by_commune,
        cause=crypto.unseal(case.sealed_cause, "case_file", case.id, "sealed_cause"),
    )
