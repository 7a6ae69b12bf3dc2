"""Lời thư đang dùng: which text an occasion has at a unit today, from itself, from above, or as shipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter, LetterWording
from civreg.letters.queries.access import visible_to
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.naming import names_text
from civreg.letters.rules import (
    Language,
    LetterFacts,
    LetterKind,
    LetterState,
    LetterWords,
    hard_cases,
    latest_template,
    words_for,
)
from civreg.shared import audit, clock
from civreg.shared.errors import NotFound, Refusal
from civreg.units import queries as units
from civreg.units.queries import UnitRow

WRITERS = (Permission.LETTER_PRINT, Permission.LETTER_APPROVE)
"""Whoever prints letters or approves them may write a text; only who approves letters approves it."""

_REAL_CASES = 3
"""Letters that wait, shown with a text while it is written."""
NO_WORDS_WITH_KHMER = (
    "Chưa có lời thư song ngữ Việt – Khmer đã duyệt cho dịp này. "
    "Ông/bà chọn thư tiếng Việt, hoặc nhờ người đọc tiếng Khmer duyệt ở trang Lời thư."
)


@dataclass(frozen=True)
class WordingInForce:
    """The text letters of an occasion are written with.

    Attributes:
        body: the text.
        label: the version as letters keep it.
        wording_id: None for the shipped text.
        unit: whose text it is; None for the shipped one.
    """

    body: str
    label: str
    wording_id: UUID | None = None
    unit: UnitRow | None = None


@dataclass(frozen=True)
class WordingRow:
    """One version as pages show it.

    Attributes:
        reader: who read the Khmer half, with the role; empty for a text without one, or nobody yet.
        from_unit: name of the ended unit it was copied from.
    """

    id: UUID
    unit_id: int
    unit_name: str
    kind: LetterKind
    language: Language
    number: int
    body: str
    state: str
    written_by: str
    written_at: datetime
    approved_by: str
    approved_at: datetime | None
    reader: str
    from_unit: str
    version: int
    may_write: bool
    may_approve: bool


def chain_of(session: Session, unit_id: int, on: date) -> list[UnitRow]:
    """Return a unit and all above it, itself first: where its words, paper and signers are looked for."""
    unit = units.unit_by_id(session, unit_id)
    return [unit, *units.parents(session, unit, on)]


def wording_in_force(
    session: Session,
    chain: list[UnitRow],
    kind: LetterKind,
    language: Language,
    shipped: Path,
    *,
    at: datetime | None = None,
) -> WordingInForce:
    """Return the newest approved text of the nearest unit that has one, else the shipped one.

    With `at` the text that was in force at that moment: what was signed then is printed again in its own words.

    A shipped text with Khmer is a draft until a named reader has approved it at a unit, so it is never in force.

    Raises:
        Refusal: no text with Khmer was approved for the unit.
    """
    found = session.scalars(
        select(LetterWording).where(
            LetterWording.unit_id.in_([unit.id for unit in chain]),
            LetterWording.kind == kind.value,
            LetterWording.language == language.value,
            LetterWording.approved_at <= (at or clock.now()),
            or_(LetterWording.withdrawn_at.is_(None), LetterWording.withdrawn_at > (at or clock.now())),
        )
    ).all()
    for unit in chain:
        own = [row for row in found if row.unit_id == unit.id]
        if own:
            newest = max(own, key=lambda row: row.number)
            return WordingInForce(newest.body, str(newest.number), newest.id, unit)
    if language is not Language.VIETNAMESE:
        raise Refusal(NO_WORDS_WITH_KHMER)
    return shipped_wording(kind, language, shipped)


def shipped_wording(kind: LetterKind, language: Language, shipped: Path) -> WordingInForce:
    """Return the text the software brings along.

    Raises:
        Refusal: when there is none.
    """
    name, version = latest_template(kind, (path.name for path in shipped.glob("*.txt")), language)
    return WordingInForce((shipped / name).read_text(encoding="utf-8"), version)


def wordings_of(session: Session, actor: Actor, unit_id: int) -> list[WordingRow]:
    """Return every version written at a unit, the newest first.

    Raises:
        NotFound: not one of the actor's units.
    """
    if not actor.may(Permission.LETTER_VIEW, unit_id):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    found = session.scalars(
        select(LetterWording).where(LetterWording.unit_id == unit_id).order_by(LetterWording.id.desc())
    ).all()
    return _rows(session, actor, list(found))


def wordings_waiting(session: Session, actor: Actor) -> list[tuple[UnitRow, int]]:
    """Return the units that have drafts of texts for the actor to read and approve, each with how many."""
    mine = actor.units(Permission.LETTER_APPROVE)
    query = (
        select(LetterWording.unit_id, func.count())
        .where(LetterWording.state == "draft", LetterWording.unit_id.in_(mine))
        .group_by(LetterWording.unit_id)
        .order_by(LetterWording.unit_id)
    )
    counts = {row[0]: row[1] for row in session.execute(query)}
    known = units.units_by_ids(session, counts)
    return [
        (known[unit_id], count) for unit_id, count in counts.items() if known[unit_id].holds_on(clock.today())
    ]


def wording(session: Session, actor: Actor, wording_id: UUID) -> WordingRow:
    """Return one version.

    Raises:
        NotFound: no such version, or of a unit that is not the actor's.
    """
    found = session.get(LetterWording, wording_id)
    if found is None or not actor.may(Permission.LETTER_VIEW, found.unit_id):
        raise NotFound("Không tìm thấy lời thư này ở đơn vị của ông/bà.")
    return _rows(session, actor, [found])[0]


def _rows(session: Session, actor: Actor, found: list[LetterWording]) -> list[WordingRow]:
    places = {one for row in found for one in (row.unit_id, row.from_unit_id) if one is not None}
    names = units.units_by_ids(session, places)
    people = accounts.names_of(
        session, {who for row in found for who in (row.written_by, row.approved_by) if who is not None}
    )
    return [
        WordingRow(
            id=row.id,
            unit_id=row.unit_id,
            unit_name=names[row.unit_id].name,
            kind=LetterKind(row.kind),
            language=Language(row.language),
            number=row.number,
            body=row.body,
            state=row.state,
            written_by=people.get(row.written_by, "") if row.written_by else "",
            written_at=row.written_at,
            approved_by=people.get(row.approved_by, "") if row.approved_by else "",
            approved_at=row.approved_at,
            reader=", ".join(filter(None, (row.reader, row.reader_role))),
            from_unit=names[row.from_unit_id].name if row.from_unit_id else "",
            version=row.version,
            may_write=any(actor.may(one, row.unit_id) for one in WRITERS),
            may_approve=actor.may(Permission.LETTER_APPROVE, row.unit_id),
        )
        for row in found
    ]


@dataclass(frozen=True)
class Preview:
    """A text on one family: its words, or the sentence that says why there are none.

    Attributes:
        key: of a hard case, as addresses carry it; empty for a real one.
        title: what the case is.
        is_real: a letter that waits at the unit, not an invented family.
    """

    key: str
    title: str
    words: LetterWords | None
    problem: str
    is_real: bool


def previews(session: Session, actor: Actor, unit_id: int, kind: LetterKind, body: str) -> list[Preview]:
    """Return what a text says to the families whose letters wait, and on every hard case; names read are logged."""
    shown = [
        _preview("", names_text(facts), kind, facts, body, is_real=True)
        for facts in (facts_of(letter) for letter in _waiting(session, actor, unit_id, kind))
    ]
    if shown:
        audit.record_read(
            session, "letters.list", actor_id=actor.user_id, subject_type="letter", subject_id=None
        )
    return shown + [
        _preview(case.key, case.title, kind, case.facts, body, is_real=False) for case in hard_cases(kind)
    ]


def _waiting(session: Session, actor: Actor, unit_id: int, kind: LetterKind) -> list[Letter]:
    """Return the newest letters of the kind that nobody approved yet, at the unit and those below it."""
    today = clock.today()
    query = (
        select(Letter)
        .where(
            visible_to(actor),
            Letter.unit_id.in_(units.descendant_ids(session, unit_id, today, today)),
            Letter.kind == kind.value,
            Letter.state.in_([LetterState.DRAFT.value, LetterState.HELD.value]),
        )
        .order_by(Letter.id.desc())
        .limit(_REAL_CASES)
    )
    return list(session.scalars(query))


def _preview(
    key: str, title: str, kind: LetterKind, facts: LetterFacts, body: str, *, is_real: bool
) -> Preview:
    try:
        return Preview(key, title, words_for(kind, facts, body), "", is_real)
    except Refusal as refusal:
        return Preview(key, title, None, refusal.sentence, is_real)
