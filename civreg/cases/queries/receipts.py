"""Biên nhận của gia đình: code, who calls by when, hotline, cost, last day to be on time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.cases.models import Case
from civreg.cases.queries.frozen_rules import rules_of
from civreg.shared import crypto
from civreg.units import queries as units


@dataclass(frozen=True)
class Receipt:
    """What a family keeps after sending its request."""

    case_id: UUID
    code: str
    tracking_code: str
    pin: str
    procedure: str
    procedure_title: str
    unit_name: str
    hotline: str
    call_by: date | None
    cost: str
    citizen_due_on: date | None
    keep_for_call: str | None
    callback_only: bool


def receipt_of(session: Session, case_id: UUID) -> Receipt:
    """Return the receipt of a request; only for whoever just sent it, or an officer who sees the case."""
    case = session.get_one(Case, case_id)
    version = rules_of(session, case)
    unit = units.unit_by_id(session, case.current_unit_id)
    office = units.terms_near(session, case.current_unit_id, case.requested_at.date())
    return Receipt(
        case_id=case.id,
        code=case.code,
        tracking_code=crypto.unseal(case.sealed_tracking, "case_file", case.id, "sealed_tracking"),
        pin=crypto.unseal(case.sealed_pin, "case_file", case.id, "sealed_pin"),
        procedure=case.procedure,
        procedure_title=version.title_vi,
        unit_name=unit.name if unit else "",
        hotline=office.hotline if office else "",
        call_by=case.call_by,
        cost=version.cost,
        citizen_due_on=case.citizen_due_on,
        keep_for_call=case.keep_for_call,
        callback_only=case.callback_only,
    )
