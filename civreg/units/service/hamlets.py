"""Ấp, khóm: the editable list of hamlets of a commune, each with its old commune. The page asks who may edit."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.shared import audit
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.shared.text import fold, nfc
from civreg.units.models import Hamlet
from civreg.units.queries import unit_by_id

_LONGEST_NAME = 80


def add_hamlet(
    session: Session, unit_id: int, name: str, *, old_commune: str | None = None, by: UUID | None = None
) -> UUID:
    """Add a hamlet to a commune and return its id.

    Raises:
        InvalidInput: the name is empty or too long.
        Conflict: the commune has a hamlet of this name from the same old commune.
        NotFound: no such commune.
    """
    unit_by_id(session, unit_id)
    clean = _clean(name, "name")
    old = _clean(old_commune, "old_commune") if nfc(old_commune or "") else None
    _check_free(session, unit_id, clean, old)
    row = Hamlet(
        id=new_id(),
        unit_id=unit_id,
        name=clean,
        name_folded=fold(clean),
        old_commune=old,
    )
    session.add(row)
    _flush(session, clean)
    _record(session, "hamlet.added", row, by, name=clean)
    return row.id


def rename_hamlet(session: Session, hamlet_id: UUID, name: str, *, by: UUID | None = None) -> None:
    """Give a hamlet another name.

    Raises:
        InvalidInput: the name is empty or too long.
        Conflict: the commune has another hamlet of this name.
        NotFound: no such hamlet.
    """
    row = _load(session, hamlet_id)
    clean = _clean(name, "name")
    if clean == row.name:
        return
    _check_free(session, row.unit_id, clean, row.old_commune)
    before, row.name, row.name_folded = row.name, clean, fold(clean)
    _flush(session, clean)
    _record(session, "hamlet.renamed", row, by, before=before, name=clean)


def remove_hamlet(session: Session, hamlet_id: UUID, *, by: UUID | None = None) -> None:
    """Take a hamlet off the list; requests keep the words that the family typed.

    Raises:
        NotFound: no such hamlet.
    """
    row = _load(session, hamlet_id)
    session.delete(row)
    _record(session, "hamlet.removed", row, by, name=row.name)


def _load(session: Session, hamlet_id: UUID) -> Hamlet:
    row = session.get(Hamlet, hamlet_id, with_for_update=True)
    if row is None:
        raise NotFound("Không tìm thấy ấp, khóm này. Ông/bà mở lại danh sách.")
    return row


def _clean(name: str | None, field: str) -> str:
    clean = nfc(name or "")
    if not clean or len(clean) > _LONGEST_NAME:
        sentence = f"Ghi tên ấp, khóm, không quá {_LONGEST_NAME} chữ."
        raise InvalidInput(sentence, {field: sentence})
    return clean


def _taken(name: str) -> Conflict:
    return Conflict(f"Đã có {name} trong danh sách. Ghi tên khác hoặc dùng dòng đã có.")


def _check_free(session: Session, unit_id: int, name: str, old_commune: str | None) -> None:
    query = select(Hamlet.id).where(
        Hamlet.unit_id == unit_id,
        Hamlet.name == name,
        Hamlet.old_commune.is_not_distinct_from(old_commune),
    )
    if session.scalars(query.limit(1)).first() is not None:
        raise _taken(name)


def _flush(session: Session, name: str) -> None:
    """Write the row; somebody who wrote the same name a moment before wins."""
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise _taken(name) from error


def _record(session: Session, action: str, row: Hamlet, by: UUID | None, **details: object) -> None:
    session.flush()
    audit.record(
        session,
        action,
        unit_id=row.unit_id,
        actor_id=by,
        subject_type="hamlet",
        subject_id=row.id,
        **details,
    )
