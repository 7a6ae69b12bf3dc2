"""Hạn của gia đình cho một thủ tục thành phần (thường trú: 60 ngày từ ngày đăng ký khai sinh)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from civreg.cases.models import Case, CasePart
from civreg.deadlines.queries import calendar
from civreg.deadlines.rules import CitizenDue, part_family_due
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import clock


def family_due_of(session: Session, case: Case, part: CasePart, rules: ProcedureVersion) -> CitizenDue | None:
    """Return until when the family should ask for a part, and how late it was asked for, or is by today."""
    rule = next((rule.family_deadline for rule in rules.parts if rule.code == part.code), None)
    if rule is None or case.registered_at is None:
        return None
    asked_at = part.submitted_at or part.done_at or clock.now()
    registered_on = case.registered_at.astimezone(clock.ZONE).date()
    return part_family_due(rule, registered_on, asked_at.astimezone(clock.ZONE).date(), calendar(session))
