"""Lời thư: a text is written as a draft, tried on every hard case, and approved by a person; then it never changes."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import LetterWording
from civreg.letters.queries.wordings import WRITERS, chain_of, wording_in_force
from civreg.letters.rules import Language, LetterKind, LetterState, check_text, hard_cases, words_for
from civreg.letters.rules.templates import clean_line
from civreg.letters.service.steps import load_letter, note_audit
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refusal
from civreg.shared.paper.fonts import drawable
from civreg.shared.text import nfc
from civreg.units import service as units_service

LONGEST_TEXT = 12_000
"""Characters of a text with all its variants; the shipped ones have 1,500 to 5,000."""

_STALE = (
    "Lời thư này vừa có người khác sửa. Ông/bà xem bản mới rồi sửa lại; chữ ông/bà vừa gõ vẫn còn trong ô."
)
_NOT_DRAFT = "Lời thư đã duyệt thì không sửa được nữa. Ông/bà soạn bản mới."
_NO_READER = {
    "reader": "Ghi họ tên người đọc tiếng Khmer đã đọc và đồng ý với phần chữ Khmer.",
    "reader_role": "Ghi chức vụ hoặc công việc của người đọc, ví dụ giáo viên Ngữ văn Khmer.",
}
_LONGEST_NAME = 120
_LONG_READER = f"Ông/bà ghi ngắn lại, nhiều nhất {_LONGEST_NAME} ký tự."


def write_wording(
    session: Session, actor: Actor, unit_id: int, kind: LetterKind, language: Language, body: str
) -> UUID:
    """Keep a new text of an occasion as a draft (soạn lời thư) and return its id.

    Raises:
        NotFound, NotAllowed: not the actor's unit, or not the actor's work.
        InvalidInput: the text cannot be used; says what to mend.
    """
    _require_writer(actor, unit_id)
    clean = _checked(kind, language, body)
    row = add_draft(session, unit_id, kind.value, language.value, clean, actor.user_id)
    note_wording(session, actor, row, "wording.written")
    return row.id


def add_draft(
    session: Session,
    unit_id: int,
    kind: str,
    language: str,
    body: str,
    written_by: UUID | None,
    from_unit_id: int | None = None,
) -> LetterWording:
    """Add a draft under the next number of the unit; two who write at once get two numbers, one after the other."""
    units_service.hold_unit(session, unit_id)
    last = session.scalar(
        select(func.max(LetterWording.number)).where(
            LetterWording.unit_id == unit_id,
            LetterWording.kind == kind,
            LetterWording.language == language,
        )
    )
    row = LetterWording(
        id=new_id(),
        unit_id=unit_id,
        kind=kind,
        language=language,
        number=(last or 0) + 1,
        body=body,
        state="draft",
        from_unit_id=from_unit_id,
        written_by=written_by,
        written_at=clock.now(),
        version=1,
    )
    session.add(row)
    session.flush()
    return row


def change_wording(
    session: Session, actor: Actor, wording_id: UUID, *, expected_version: int, body: str
) -> None:
    """Change a draft.

    Raises:
        Conflict: it is approved already, or somebody changed it meanwhile.
        InvalidInput: the text cannot be used; says what to mend.
    """
    row = _load(session, actor, wording_id, expected_version)
    _require_writer(actor, row.unit_id)
    if row.state != "draft":
        raise Conflict(_NOT_DRAFT)
    row.body = _checked(LetterKind(row.kind), Language(row.language), body)
    row.written_by, row.written_at = actor.user_id, clock.now()
    row.version += 1
    note_wording(session, actor, row, "wording.changed")


def approve_wording(
    session: Session,
    actor: Actor,
    wording_id: UUID,
    *,
    expected_version: int,
    reader: str = "",
    reader_role: str = "",
) -> None:
    """The head approves a draft (duyệt lời thư): letters issued from now on at the unit and below it use it.

    Args:
        session: the caller's transaction.
        actor: a head of the unit.
        wording_id: the draft.
        expected_version: of the page it was read on.
        reader: who has read the Khmer half and agrees; asked for a text with Khmer only.
        reader_role: what they are: teacher of Khmer, officer of ethnic affairs, monk.

    Raises:
        InvalidInput: no reader of Khmer is named, or the text fails on a hard case.
        Conflict: it is no draft any more, or was changed meanwhile.
    """
    row = _load(session, actor, wording_id, expected_version)
    actor.require(Permission.LETTER_APPROVE, row.unit_id)
    if row.state != "draft":
        raise Conflict(_NOT_DRAFT)
    _checked(LetterKind(row.kind), Language(row.language), row.body)
    if row.language == Language.WITH_KHMER:
        row.reader, row.reader_role = _named_reader(reader, reader_role)
    row.state, row.approved_by, row.approved_at = "approved", actor.user_id, clock.now()
    row.version += 1
    note_wording(session, actor, row, "wording.approved")


def _named_reader(reader: str, role: str) -> tuple[str, str]:
    """Return who vouches for the Khmer half, by name and role.

    Raises:
        InvalidInput: one of them is missing or too long, by field.
    """
    named = {"reader": nfc(reader), "reader_role": nfc(role)}
    problems = {field: _NO_READER[field] for field, words in named.items() if not words}
    problems |= {field: _LONG_READER for field, words in named.items() if len(words) > _LONGEST_NAME}
    if problems:
        raise InvalidInput("Chưa duyệt được. Sửa mục được đánh dấu.", problems)
    return named["reader"], named["reader_role"]


def withdraw_wording(session: Session, actor: Actor, wording_id: UUID, *, expected_version: int) -> None:
    """The head takes an approved text out of use (thôi dùng): the one before it, or from above, is used again.

    Raises:
        Conflict: it is not in use, or was changed meanwhile.
    """
    row = _load(session, actor, wording_id, expected_version)
    actor.require(Permission.LETTER_APPROVE, row.unit_id)
    if row.state != "approved":
        raise Conflict("Lời thư này không dùng nữa. Ông/bà tải lại trang để xem.")
    row.state, row.withdrawn_at = "withdrawn", clock.now()
    row.version += 1
    note_wording(session, actor, row, "wording.withdrawn")


def choose_language(
    session: Session,
    actor: Actor,
    letter_id: UUID,
    templates: Path,
    *,
    expected_version: int,
    language: Language,
) -> None:
    """Say in which language a letter that is not approved yet goes to the family (chọn ngôn ngữ).

    Raises:
        Conflict: it is approved already, or changed meanwhile.
        Refusal: no text in this language was approved for the unit.
    """
    letter = load_letter(session, actor, letter_id, Permission.CASE_WORK, expected_version)
    if letter.state not in (LetterState.DRAFT, LetterState.HELD):
        raise Conflict("Thư đã duyệt nên không đổi ngôn ngữ được nữa. Ông/bà tải lại trang để xem.")
    if letter.language == language.value:
        return
    chain = chain_of(session, letter.unit_id, clock.today())
    wording_in_force(session, chain, LetterKind(letter.kind), language, templates)
    letter.language = language.value
    letter.version += 1
    note_audit(session, actor, letter, "letter.language_chosen", language=language.value)


def _checked(kind: LetterKind, language: Language, body: str) -> str:
    """Return a text as it is stored, tried on every hard case and against the faces.

    Raises:
        InvalidInput: at the field `body`, with what to mend.
    """
    clean = "\n".join(clean_line(line) for line in body.splitlines()).strip()
    try:
        if len(clean) > LONGEST_TEXT:
            raise Refusal(f"Lời thư dài {len(clean)} ký tự, nhiều nhất {LONGEST_TEXT}. Ông/bà viết ngắn lại.")
        check_text(kind, language, clean)
        for case in hard_cases(kind):
            words = words_for(kind, case.facts, clean)
            for half in filter(None, (words, words.khmer)):
                for text in (half.title, half.subtitle, half.salutation, *half.paragraphs, half.closing):
                    drawable(text)
    except Refusal as refusal:
        raise InvalidInput("Chưa lưu được. Sửa mục được đánh dấu.", {"body": refusal.sentence}) from refusal
    return clean


def _require_writer(actor: Actor, unit_id: int) -> None:
    if not actor.may(Permission.LETTER_VIEW, unit_id):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    if not any(actor.may(one, unit_id) for one in WRITERS):
        raise NotAllowed("Người phụ trách in, giao thư hoặc lãnh đạo đơn vị soạn lời thư.")


def _load(session: Session, actor: Actor, wording_id: UUID, expected_version: int) -> LetterWording:
    row = session.get(LetterWording, wording_id, with_for_update=True, populate_existing=True)
    if row is None or not actor.may(Permission.LETTER_VIEW, row.unit_id):
        raise NotFound("Không tìm thấy lời thư này ở đơn vị của ông/bà.")
    if row.version != expected_version:
        raise Conflict(_STALE)
    return row


def note_wording(session: Session, actor: Actor, row: LetterWording, action: str, **words: str) -> None:
    """Append to the log what was done to a text."""
    audit.record(
        session,
        action,
        unit_id=row.unit_id,
        actor_id=actor.user_id,
        subject_type="letter_wording",
        subject_id=row.id,
        kind=row.kind,
        language=row.language,
        number=row.number,
        **words,
    )
