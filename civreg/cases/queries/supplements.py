"""Các lần yêu cầu bổ sung: of one case, those that wait for the head, and their count by unit and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, Supplement
from civreg.cases.queries.access import visible_to
from civreg.cases.queries.frozen_rules import rules_of_each
from civreg.cases.rules import AskKind, Stage, State
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import clock

_BEFORE_DOSSIER = (State.REQUESTED.value, State.VISIT_SCHEDULED.value)
_APPRAISED = (State.DOSSIER_RECEIVED.value, State.PAPERS_REQUESTED.value)


@dataclass(frozen=True)
class SupplementRow:
    """One asking for papers.

    Attributes:
        papers: their titles.
        decided_reason: what the head wrote.
    """

    id: UUID
    case_id: UUID
    case_code: str
    case_version: int
    stage: str
    kind: str
    state: str
    codes: tuple[str, ...]
    papers: tuple[str, ...]
    reason: str
    basis: str
    asked_by: UUID | None
    asked_at: datetime
    decided_by: UUID | None
    decided_reason: str | None
    sent_at: datetime | None
    slip_out_at: datetime | None


@dataclass(frozen=True)
class SupplementCount:
    """How often one unit asked for papers in one month.

    Attributes:
        month: its first day.
        intake, appraisal: first rounds at each stage.
        second: new papers on the head's word.
        beside: repeated, corrected or another agency's; no round of this office.
    """

    unit_id: int
    month: date
    intake: int
    appraisal: int
    second: int
    beside: int


def supplements_of(session: Session, actor: Actor, case_id: UUID) -> tuple[SupplementRow, ...]:
    """Return the askings of a case, the newest first."""
    return _rows(session, actor, Supplement.case_id == case_id)


def supplements_waiting(session: Session, actor: Actor) -> tuple[SupplementRow, ...]:
    """Return the second rounds that wait for this head's word; nothing for whoever may not give it."""
    still_wanted = or_(
        and_(Supplement.stage == Stage.INTAKE.value, Case.state.in_(_BEFORE_DOSSIER)),
        and_(Supplement.stage == Stage.APPRAISAL.value, Case.state.in_(_APPRAISED)),
    )
    mine = Case.current_unit_id.in_(actor.units(Permission.CASE_REFUSE))
    return _rows(session, actor, and_(Supplement.state == "proposed", still_wanted, mine))


def supplement_counts(session: Session, actor: Actor, since: date) -> tuple[SupplementCount, ...]:
    """Return the counts of the units this head answers for, the newest month first."""
    month = func.date_trunc("month", Supplement.sent_at).label("month")

    def how_many(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(*wanted)

    first = Supplement.kind == AskKind.FIRST.value
    second = Supplement.kind == AskKind.SECOND.value
    rows = session.execute(
        select(
            Supplement.unit_id,
            month,
            how_many(first, Supplement.stage == Stage.INTAKE.value),
            how_many(first, Supplement.stage == Stage.APPRAISAL.value),
            how_many(second),
            how_many(~first, ~second),
        )
        .where(
            Supplement.unit_id.in_(actor.units(Permission.CASE_REFUSE)),
            Supplement.state == "sent",
            Supplement.sent_at >= datetime.combine(since, datetime.min.time(), clock.ZONE),
        )
        .group_by(Supplement.unit_id, month)
        .order_by(month.desc(), Supplement.unit_id)
    )
    return tuple(
        SupplementCount(unit_id, moment.astimezone(clock.ZONE).date(), *counts)
        for unit_id, moment, *counts in rows
    )


def newest_sent(session: Session, case_id: UUID) -> Supplement | None:
    """Return the asking that went out last; None when none did."""
    return session.scalars(
        select(Supplement)
        .where(Supplement.case_id == case_id, Supplement.state == "sent")
        .order_by(Supplement.sent_at.desc(), Supplement.id.desc())
        .limit(1)
    ).first()


def open_to_edit(session: Session, case: Case) -> Supplement | None:
    """Return the asking that may still be edited: today's first round, its papers awaited, its slip not out yet."""
    stage = Stage.INTAKE if case.received_at is None else Stage.APPRAISAL
    if stage is Stage.APPRAISAL and case.state != State.PAPERS_REQUESTED:
        return None
    newest = newest_sent(session, case.id)
    if newest is None or newest.sent_at is None or newest.slip_out_at is not None:
        return None
    same_day = newest.sent_at.astimezone(clock.ZONE).date() == clock.today()
    first = newest.kind == AskKind.FIRST.value and newest.stage == stage.value
    return newest if same_day and first else None


def _rows(session: Session, actor: Actor, condition: ColumnElement[bool]) -> tuple[SupplementRow, ...]:
    found = session.execute(
        select(Supplement, Case)
        .join(Case, Case.id == Supplement.case_id)
        .where(visible_to(actor), condition)
        .order_by(Supplement.asked_at.desc(), Supplement.id.desc())
    ).all()
    rules = rules_of_each(session, (case for _, case in found))
    return tuple(
        SupplementRow(
            id=row.id,
            case_id=row.case_id,
            case_code=case.code,
            case_version=case.version,
            stage=row.stage,
            kind=row.kind,
            state=row.state,
            codes=tuple(row.papers),
            papers=_titles(rules[case.id], row.papers),
            reason=row.reason,
            basis=row.basis,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            decided_by=row.decided_by,
            decided_reason=row.decided_reason,
            sent_at=row.sent_at,
            slip_out_at=row.slip_out_at,
        )
        for row, case in found
    )


def _titles(version: ProcedureVersion, codes: list[str]) -> tuple[str, ...]:
    titles = {paper.code: paper.title for paper in (*version.special_papers, *version.papers)}
    return tuple(titles.get(code, code) for code in codes)
