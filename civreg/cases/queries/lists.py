"""Danh sách hồ sơ: search that forgives missing accents, keyset paging, and what waits on the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.models import Case, ExternalCode, Party
from civreg.cases.queries.access import visible_to
from civreg.cases.rules import State
from civreg.procedures import catalogue
from civreg.shared import crypto
from civreg.shared.text import fold_joined, nfc, phone_digits

PAGE_SIZE = 50


@dataclass(frozen=True)
class CaseRow:
    """A case as a list shows it; `people` are the names of those it is about."""

    id: UUID
    code: str
    procedure: str
    procedure_title: str
    state: str
    unit_id: int
    people: str
    requester: str
    hamlet: str
    requested_at: datetime
    call_by: date | None
    promised_on: date | None
    citizen_due_on: date | None
    keep_for_call: str | None
    callback_only: bool
    version: int


@dataclass(frozen=True)
class CasePageOfRows:
    """One page of a list: its rows, the whole count, and the key of the next page."""

    rows: tuple[CaseRow, ...]
    total: int
    next_after: str | None


def _named(text: str) -> ColumnElement[bool]:
    """Return the condition for a name or a part of it; joined, so that Sa Rết and Sarết are one."""
    return exists().where(Party.case_id == Case.id, Party.joined.contains(fold_joined(text), autoescape=True))


def _matching(text: str) -> ColumnElement[bool]:
    """Return the condition for a search: code, number of the register, phone, personal number, or name."""
    plain = nfc(text)
    digits = "".join(letter for letter in plain if letter.isdigit())
    conditions = [Case.code == plain.upper(), _named(plain)]
    conditions.append(exists().where(ExternalCode.case_id == Case.id, ExternalCode.code == plain))
    phone = phone_digits(plain)
    if phone:
        conditions.append(
            exists().where(Party.case_id == Case.id, Party.phone_index == crypto.blind(phone, "phone"))
        )
    if len(digits) == 12:
        index = crypto.blind(digits, "personal_number")
        conditions.append(exists().where(Party.case_id == Case.id, Party.personal_number_index == index))
    return or_(*conditions)


def find_cases(
    session: Session,
    actor: Actor,
    *,
    text: str = "",
    states: Sequence[str] = (),
    procedure: str = "",
    after: str = "",
    limit: int = PAGE_SIZE,
) -> CasePageOfRows:
    """Return one page of the actor's cases, newest request first.

    Args:
        session: the open session.
        actor: who looks.
        text: part of a name with or without accents, a code, a phone or personal number.
        states: only these states.
        procedure: only this procedure.
        after: the `next_after` of the page before.
        limit: rows of a page.
    """
    wanted = [visible_to(actor)]
    if nfc(text):
        wanted.append(_matching(text))
    if states:
        wanted.append(Case.state.in_(states))
    if procedure:
        wanted.append(Case.procedure == procedure)
    total = session.scalar(select(func.count()).select_from(Case).where(*wanted)) or 0
    key = _key_of(after)
    if key:
        wanted.append(tuple_(Case.requested_at, Case.id) < tuple_(*key))
    query = select(Case).where(*wanted).order_by(Case.requested_at.desc(), Case.id.desc()).limit(limit + 1)
    rows = _rows(session, query)
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return CasePageOfRows(
        tuple(rows[:limit]), total, f"{last.requested_at.isoformat()}~{last.id}" if last else None
    )


def _key_of(after: str) -> tuple[datetime, UUID] | None:
    try:
        moment, _, case_id = after.partition("~")
        return datetime.fromisoformat(moment), UUID(case_id)
    except ValueError:
        return None


def _rows(session: Session, query: Select[Case]) -> list[CaseRow]:
    cases = session.scalars(query).all()
    names: dict[UUID, dict[str, str]] = {case.id: {} for case in cases}
    if names:
        people = select(Party.case_id, Party.role, Party.full_name).where(Party.case_id.in_(names))
        for case_id, role, full_name in session.execute(people.order_by(Party.role, Party.ordinal)):
            names[case_id].setdefault(role, full_name)
    return [_row(case, names[case.id]) for case in cases]


def _row(case: Case, names: dict[str, str]) -> CaseRow:
    about = [names[role] for role in ("child", "deceased", "groom", "bride") if role in names]
    version = catalogue.version_by_id(case.procedure_version)
    return CaseRow(
        id=case.id,
        code=case.code,
        procedure=case.procedure,
        procedure_title=version.title_vi,
        state=case.state,
        unit_id=case.current_unit_id,
        people=" và ".join(about) or names.get("requester", ""),
        requester=names.get("requester", ""),
        hamlet=case.hamlet,
        requested_at=case.requested_at,
        call_by=case.call_by,
        promised_on=case.promised_on,
        citizen_due_on=case.citizen_due_on,
        keep_for_call=case.keep_for_call,
        callback_only=case.callback_only,
        version=case.version,
    )


def rows_of(session: Session, actor: Actor, case_ids: Sequence[UUID]) -> dict[UUID, CaseRow]:
    """Return the visible ones of these cases, by id (visits, letters and notices name their cases with it)."""
    if not case_ids:
        return {}
    rows = _rows(session, select(Case).where(Case.id.in_(case_ids), visible_to(actor)))
    return {row.id: row for row in rows}


@dataclass(frozen=True)
class Desk:
    """What lies on an officer's desk, apart from today's visits and the notices.

    Attributes:
        calls: requests nobody called yet, the nearest legal day first.
        to_book: called, but no visit booked.
        waiting: state → cases that wait for others (papers, personal number, signature).
        to_return: registered, not yet in the family's hands.
        in_work: dossiers taken whose next step is the officer's own.
    """

    calls: tuple[CaseRow, ...]
    to_book: tuple[CaseRow, ...]
    in_work: tuple[CaseRow, ...]
    waiting: dict[str, tuple[CaseRow, ...]]
    to_return: tuple[CaseRow, ...]


WAITING = (State.PAPERS_REQUESTED, State.PERSONAL_NUMBER_PENDING, State.AWAITING_SIGNATURE)


def desk(session: Session, actor: Actor, limit: int = 100) -> Desk:
    """Return what the actor's units have to do, most pressing first."""
    mine = visible_to(actor)
    urgency = (func.least(Case.citizen_due_on, Case.call_by).asc().nulls_last(), Case.requested_at)

    def pick(*conditions: ColumnElement[bool]) -> tuple[CaseRow, ...]:
        return tuple(
            _rows(session, select(Case).where(mine, and_(*conditions)).order_by(*urgency).limit(limit))
        )

    requested = Case.state == State.REQUESTED.value
    return Desk(
        calls=pick(requested, Case.called_at.is_(None)),
        to_book=pick(requested, Case.called_at.is_not(None)),
        in_work=pick(Case.state == State.DOSSIER_RECEIVED.value),
        waiting={state.value: pick(Case.state == state.value) for state in WAITING},
        to_return=pick(Case.state == State.REGISTERED.value),
    )
