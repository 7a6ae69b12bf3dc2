"""Thư thay thư: which letter was written in place of which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civreg.letters.models import Letter
from civreg.letters.queries.sheets import number_text


@dataclass(frozen=True)
class Twin:
    """The letter at the other end of a replacement; `words` name it by its number, or say that it has none yet."""

    id: UUID
    words: str


def replacements(session: Session, letters: Collection[Letter]) -> tuple[dict[UUID, Twin], dict[UUID, Twin]]:
    """Return for these letters which letter took the place of each, and which letter each took the place of."""
    ids = {letter.id for letter in letters}
    wanted = {letter.replaces_id for letter in letters if letter.replaces_id is not None}
    if not ids:
        return {}, {}
    rows = session.execute(
        select(Letter.id, Letter.replaces_id, Letter.number, Letter.year).where(
            or_(Letter.replaces_id.in_(ids), Letter.id.in_(wanted))
        )
    ).all()
    found = {row.id: Twin(row.id, _words(row.number, row.year)) for row in rows}
    after = {row.replaces_id: found[row.id] for row in rows if row.replaces_id in ids}
    before = {one.id: found[one.replaces_id] for one in letters if one.replaces_id is not None}
    return after, before


def _words(number: int | None, year: int | None) -> str:
    return f"thư số {number_text(number, year)}" if number and year else "thư mới chưa có số"
