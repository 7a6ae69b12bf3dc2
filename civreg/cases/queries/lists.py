"""Danh sách hồ sơ: search that forgives missing accents, keyset paging, and what waits on the desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    bindparam,
    exists,
    false,
    func,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
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
    received_unit_id: int
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
    """One page of a list.

    Attributes:
        rows: the cases.
        total: how many there are on all pages.
        next_after: key of the next page, None on the last.
        whole: the text that was searched is exactly a name, code or number; names that contain it were not searched.
    """

    rows: tuple[CaseRow, ...]
    total: int
    next_after: str | None
    whole: bool = False


def _exactly(text: str) -> ColumnElement[bool]:
    """Return the condition for a code, a number of the register, a phone, a personal number or a whole name.

    Each is one look-up in an index of its own; joined by OR they would be tried on every case.
    """
    plain = nfc(text)
    digits = "".join(letter for letter in plain if letter.isdigit())
    found = [select(Party.case_id).where(Party.joined == fold_joined(plain))]
    if digits:  # no name has any, every code and number has
        found.append(select(Case.id).where(Case.code == plain.upper()))
        found.append(select(ExternalCode.case_id).where(ExternalCode.code == plain))
    phone = phone_digits(plain)
    if phone:
        found.append(select(Party.case_id).where(Party.phone_index == crypto.blind(phone, "phone")))
    if len(digits) == 12:
        index = crypto.blind(digits, "personal_number")
        found.append(select(Party.case_id).where(Party.personal_number_index == index))
    return Case.id.in_(union_all(*found))


def _named_with(text: str) -> ColumnElement[bool]:
    """Return the condition for a part of a name; joined, so that Sa Rết and Sarết are one."""
    key = fold_joined(text)
    if not key:  # marks only: every name would contain it
        return false()
    return Case.id.in_(select(Party.case_id).where(Party.joined.contains(key, autoescape=True)))


def find_cases(
    session: Session,
    actor: Actor,
    *,
    text: str = "",
    partly: bool = False,
    states: Sequence[str] = (),
    procedure: str = "",
    received_at_units: Collection[int] = (),
    after: str = "",
    limit: int = PAGE_SIZE,
) -> CasePageOfRows:
    """Return one page of the actor's cases, newest request first.

    What is typed is first taken as a whole: a full name, a code, a phone. Only when nobody of the actor's cases has
    it are names searched that contain it.

    Args:
        session: the open session.
        actor: who looks.
        text: a name or part of it with or without accents, a code, a phone or personal number.
        partly: search names that contain the text even when somebody has exactly this name.
        states: only these states.
        procedure: only this procedure.
        received_at_units: only what these units received, wherever it lies now.
        after: the `next_after` of the page before.
        limit: rows of a page.
    """
    wanted = [visible_to(actor)]
    if states:
        wanted.append(Case.state.in_(states))
    if procedure:
        wanted.append(Case.procedure == procedure)
    if received_at_units:
        wanted.append(Case.received_unit_id.in_(received_at_units))
    key = _key_of(after)
    if not nfc(text):
        return _page(session, wanted, key, limit)
    if not partly:
        found = _page(session, [*wanted, _exactly(text)], key, limit, few=True)
        if found.total:
            return replace(found, whole=True)
    return _page(session, [*wanted, _named_with(text)], key, limit)


def receiving_units(session: Session, actor: Actor) -> set[int]:
    """Return the units that received the cases the actor sees: those of today, and the ended ones they took over."""
    ids = bindparam("covered", sorted(actor.units(Permission.CASE_VIEW)), type_=ARRAY(BigInteger))
    one = (
        func.unnest(ids).table_valued("unit_id").render_derived()
    )  # a probe of the index each, instead of reading every case
    received = exists().where(Case.received_unit_id == one.c.unit_id, visible_to(actor))
    return set(session.scalars(select(one.c.unit_id).where(received)))


def _page(
    session: Session,
    wanted: list[ColumnElement[bool]],
    key: tuple[datetime, UUID] | None,
    limit: int,
    *,
    few: bool = False,
) -> CasePageOfRows:
    """Return the rows after the key, and how many there are in all, in one statement.

    Where `few` are to be expected they are all read and counted on the way; else the page stops at its last row, and
    the count goes a way of its own.
    """
    counted: ColumnElement[int]
    if few and not key:
        counted, shown = func.count().over(), wanted
    else:
        counted = select(func.count()).select_from(Case).where(*wanted).scalar_subquery()
        shown = [*wanted, tuple_(Case.requested_at, Case.id) < tuple_(*key)] if key else wanted
    newest = (Case.requested_at.desc(), Case.id.desc())
    query = select(*_COLUMNS, counted.label("total")).where(*shown).order_by(*newest)
    found = session.execute(query.limit(limit + 1)).all()
    rows = tuple(_row(row) for row in found[:limit])
    total = found[0].total if found else (session.scalar(select(counted)) or 0) if key else 0
    more = f"{rows[-1].requested_at.isoformat()}~{rows[-1].id}" if len(found) > limit else None
    return CasePageOfRows(rows, total, more)


def _key_of(after: str) -> tuple[datetime, UUID] | None:
    try:
        moment, _, case_id = after.partition("~")
        return datetime.fromisoformat(moment), UUID(case_id)
    except ValueError:
        return None


_NAMES = (
    select(func.jsonb_object_agg(Party.role, aggregate_order_by(Party.full_name, Party.ordinal.desc())))
    .where(Party.case_id == Case.id)
    .scalar_subquery()
)
"""Role → name of its first person (a later key replaces an earlier one)."""

_COLUMNS = (
    Case.id,
    Case.code,
    Case.procedure,
    Case.procedure_version,
    Case.state,
    Case.current_unit_id,
    Case.received_unit_id,
    Case.hamlet,
    Case.requested_at,
    Case.call_by,
    Case.promised_on,
    Case.citizen_due_on,
    Case.keep_for_call,
    Case.callback_only,
    Case.version,
    _NAMES.label("names"),
)
"""What a list needs of a case: a quarter of its columns, so that fifty rows cost little."""


def _row(case: Row[Any]) -> CaseRow:
    names: dict[str, str] = case.names or {}
    about = [names[role] for role in ("child", "deceased", "groom", "bride") if role in names]
    version = catalogue.version_by_id(case.procedure_version)
    return CaseRow(
        id=case.id,
        code=case.code,
        procedure=case.procedure,
        procedure_title=version.title_vi,
        state=case.state,
        unit_id=case.current_unit_id,
        received_unit_id=case.received_unit_id,
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
    rows = session.execute(select(*_COLUMNS).where(Case.id.in_(case_ids), visible_to(actor)))
    return {row.id: _row(row) for row in rows}


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
    urgency = (
        func.least(Case.citizen_due_on, Case.call_by).asc().nulls_last(),
        Case.citizen_due_on,
        Case.requested_at,
    )

    def pick(*conditions: ColumnElement[bool]) -> tuple[CaseRow, ...]:
        query = select(*_COLUMNS).where(mine, *conditions).order_by(*urgency).limit(limit)
        return tuple(_row(row) for row in session.execute(query))

    requested = Case.state == State.REQUESTED.value
    return Desk(
        calls=pick(requested, Case.called_at.is_(None)),
        to_book=pick(requested, Case.called_at.is_not(None)),
        in_work=pick(Case.state == State.DOSSIER_RECEIVED.value),
        waiting={state.value: pick(Case.state == state.value) for state in WAITING},
        to_return=pick(Case.state == State.REGISTERED.value),
    )
