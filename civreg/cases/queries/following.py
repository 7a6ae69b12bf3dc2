"""Tra cứu của gia đình: by code and a second fact; "no such code" and "not yours" are one answer."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.models import Case, CasePaper, CasePart, Party
from civreg.cases.queries.circumstances import codes_of
from civreg.cases.queries.fields import phone_of
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.queries.part_days import family_due_of
from civreg.cases.rules import plain_tracking_code
from civreg.deadlines.rules import CitizenDue
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import clock, crypto
from civreg.units import queries as units

PHONE_TAIL = 4
"""How many last digits of the phone open a case."""


@dataclass(frozen=True)
class FollowingPart:
    """A part that another agency does, as the family sees it; the agency's number is not shown."""

    code: str
    title: str
    result_paper: str
    agency: str
    state: str
    due_on: date | None
    done_at: datetime | None
    told_received_at: datetime | None
    family: CitizenDue | None


@dataclass(frozen=True)
class Following:
    """What a family sees of its case: no names, no address, no numbers of people.

    Attributes:
        papers_wanted: title and reason of each paper asked for.
        papers_to_have: titles of what the visit needs, for before the papers were taken.
        parts: what other agencies do, once the papers were taken; none where there is one procedure.
    """

    case_id: UUID
    code: str
    procedure_title: str
    flow: str
    state: str
    unit_name: str
    hotline: str
    requested_at: datetime
    call_by: date | None
    called_at: datetime | None
    received_at: datetime | None
    registered_at: datetime | None
    delivered_at: datetime | None
    promised_on: date | None
    citizen_due_on: date | None
    closing_reason: str | None
    papers_wanted: tuple[tuple[str, str], ...]
    papers_to_have: tuple[str, ...]
    cost: str
    occasion: str
    parts: tuple[FollowingPart, ...]


def follow(session: Session, tracking_code: str, second_fact: str) -> Following | None:
    """Return the case for a code with the last digits of the phone, or the PIN of the slip.

    The same work is done for a wrong code as for a wrong second fact.
    """
    digest = crypto.blind(plain_tracking_code(tracking_code), "tracking")
    case = session.scalars(select(Case).where(Case.tracking_digest == digest)).first()
    fact = "".join(letter for letter in second_fact if letter.isascii() and letter.isdigit())
    pin, tail = "", ""
    if case is not None:
        pin = crypto.unseal(case.sealed_pin, "case_file", case.id, "sealed_pin")
        requester = session.scalars(
            select(Party).where(Party.case_id == case.id, Party.role == "requester")
        ).first()
        tail = phone_of(requester)[-PHONE_TAIL:] if requester else ""
    known = _same(fact, pin) | _same(fact, tail)
    return _following(session, case) if case is not None and known else None


def _same(given: str, right: str) -> bool:
    return bool(right) and hmac.compare_digest(given.encode(), right.encode())


def _following(session: Session, case: Case) -> Following:
    rules = rules_of(session, case)
    titles = {paper.code: paper.title for paper in rules.papers_when(codes_of(case))}
    wanted = session.scalars(
        select(CasePaper).where(
            CasePaper.case_id == case.id, CasePaper.asked_at.is_not(None), CasePaper.seen_at.is_(None)
        )
    )
    unit = units.unit_by_id(session, case.current_unit_id)
    office = units.terms_near(session, case.current_unit_id, case.requested_at.date())
    return Following(
        case_id=case.id,
        code=case.code,
        procedure_title=rules.title_vi,
        flow=rules.flow,
        state=case.state,
        unit_name=unit.name,
        hotline=office.hotline if office else "",
        requested_at=case.requested_at,
        call_by=case.call_by,
        called_at=case.called_at,
        received_at=case.received_at,
        registered_at=case.registered_at,
        delivered_at=case.delivered_at,
        promised_on=case.promised_on,
        citizen_due_on=case.citizen_due_on,
        closing_reason=case.closing_reason,
        papers_wanted=tuple((titles.get(row.code, row.code), row.asked_reason or "") for row in wanted),
        papers_to_have=tuple(paper.title for paper in rules.papers_when(codes_of(case)) if paper.from_family),
        cost=" ".join(rules.costs_on(clock.today())),
        occasion=rules.occasion,
        parts=_parts(session, case, rules) if case.received_at else (),
    )


def _parts(session: Session, case: Case, rules: ProcedureVersion) -> tuple[FollowingPart, ...]:
    known = {part.code: part for part in rules.parts}
    rows = session.scalars(select(CasePart).where(CasePart.case_id == case.id).order_by(CasePart.ordinal))
    return tuple(
        FollowingPart(
            code=row.code,
            title=known[row.code].title_vi,
            result_paper=known[row.code].result_paper,
            agency=row.agency,
            state=row.state,
            due_on=row.due_on,
            done_at=row.done_at,
            told_received_at=row.told_received_at,
            family=family_due_of(session, case, row, rules),
        )
        for row in rows
        if row.code in known and row.code != rules.main_part.code
    )


def following_of(session: Session, case_id: UUID) -> Following:
    """Return the case of a family that has already proved that it is theirs (its ticket)."""
    return _following(session, session.get_one(Case, case_id))
