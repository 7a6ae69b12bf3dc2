"""Mẫu giấy, người ký: an office sets how its letters are laid out and who signs them, from a day on.

Rows are only added: what a day had stays known. A letter that has its number keeps its paper.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import LetterLayout, LetterSigner
from civreg.letters.queries.wordings import WRITERS, chain_of
from civreg.letters.rules import (
    MOST_SHIFT_TENTHS,
    NEEDS_POSITION,
    Border,
    LetterKind,
    PaperLayout,
    SigningWay,
)
from civreg.shared import audit, clock, files
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput, NotAllowed, NotFound, Refusal
from civreg.shared.imaging import Picture
from civreg.shared.paper.fonts import drawable
from civreg.shared.text import nfc
from civreg.units import queries as units

_FIELDS_WRONG = "Chưa lưu được. Sửa các mục được đánh dấu."
_LONGEST_LINE = 100
_MOST_RECEIVERS = 6
_MOST_LETTERHEAD = 400_000
"""Bytes of a letterhead: every letter carries it, and a letter is kept in one file of a megabyte."""


def set_layout(
    session: Session,
    actor: Actor,
    unit_id: int,
    kind: LetterKind,
    starts_on: date,
    layout: PaperLayout,
    *,
    letterhead: Picture | None = None,
    keep_letterhead: UUID | None = None,
) -> UUID:
    """Set the layout of an occasion at a unit, and below it where none is set, from a day on (đặt mẫu giấy).

    Args:
        session: the caller's transaction.
        actor: who prints or approves letters there.
        unit_id: the unit.
        kind: the occasion.
        starts_on: first day of letters with it.
        layout: how they are laid out.
        letterhead: a new picture across the head.
        keep_letterhead: the file of a picture that is in use already.

    Raises:
        NotFound, NotAllowed: not the actor's unit, or not the actor's work.
        InvalidInput: a setting that cannot be.
    """
    _require_setter(actor, unit_id)
    _check_layout(kind, layout, letterhead)
    file_id = keep_letterhead
    if letterhead is not None:
        file_id, _sha256 = files.store(session, letterhead.content, "image/jpeg")
        session.flush()
    row = LetterLayout(
        id=new_id(),
        unit_id=unit_id,
        kind=kind.value,
        starts_on=starts_on,
        letterhead_file_id=file_id,
        set_by=actor.user_id,
        set_at=clock.now(),
        **asdict(layout) | {"receivers": "\n".join(layout.receivers)},
    )
    session.add(row)
    session.flush()
    note_layout(session, actor, row, "layout.set")
    return row.id


def note_layout(session: Session, actor: Actor, row: LetterLayout, action: str, **words: str) -> None:
    """Append to the log that a layout was set."""
    audit.record(
        session,
        action,
        unit_id=row.unit_id,
        actor_id=actor.user_id,
        subject_type="letter_layout",
        subject_id=row.id,
        kind=row.kind,
        starts_on=row.starts_on.isoformat(),
        **words,
    )


def _check_layout(kind: LetterKind, layout: PaperLayout, letterhead: Picture | None) -> None:
    """Refuse a layout that cannot be, with a sentence for each setting."""
    wrong: dict[str, str] = {}
    if layout.border is Border.LOTUS and not kind.congratulates:
        wrong["border"] = "Thư chia buồn, thư xin lỗi luôn để trơn. Chọn “Để trơn”."
    if max(abs(layout.right_tenths_mm), abs(layout.down_tenths_mm)) > MOST_SHIFT_TENTHS:
        wrong["right_mm"] = "Dời nhiều nhất 30 mm. Đo lại trên tờ in thử."
    if len(layout.receivers) > _MOST_RECEIVERS or any(len(line) > _LONGEST_LINE for line in layout.receivers):
        wrong["receivers"] = f"Ghi nhiều nhất {_MOST_RECEIVERS} dòng, mỗi dòng không quá {_LONGEST_LINE} chữ."
    for line in layout.receivers:
        _refuse_undrawable(line, "receivers", wrong)
    if letterhead is not None and len(letterhead.content) > _MOST_LETTERHEAD:
        wrong["letterhead"] = (
            "Ảnh tiêu đề có quá nhiều chi tiết. Chọn ảnh chỉ gồm dải tiêu đề, rộng không quá 2000 điểm ảnh."
        )
    if wrong:
        raise InvalidInput(_FIELDS_WRONG, wrong)


def set_signer(
    session: Session,
    actor: Actor,
    unit_id: int,
    starts_on: date,
    way: SigningWay,
    *,
    position: str = "",
    name: str = "",
    signing_unit_id: int | None = None,
) -> UUID:
    """Set who signs the letters of a unit from a day on (đặt người ký thư).

    Args:
        session: the caller's transaction.
        actor: a head of the unit.
        unit_id: the unit.
        starts_on: first day of letters with this signature.
        way: in whose place it is signed.
        position: chức vụ of the signer; asked for TL. and TUQ.
        name: họ và tên; empty leaves room for it.
        signing_unit_id: the unit above that prints and signs for this one; None when it signs itself.

    Raises:
        NotFound, NotAllowed: not the actor's unit, or not a head of it.
        InvalidInput: a setting that cannot be.
    """
    if not actor.may(Permission.LETTER_VIEW, unit_id):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    actor.require(Permission.LETTER_APPROVE, unit_id)
    own, named = nfc(position), nfc(name)
    _check_signer(session, unit_id, starts_on, way, own, named, signing_unit_id)
    row = LetterSigner(
        id=new_id(),
        unit_id=unit_id,
        starts_on=starts_on,
        way=way.value,
        position=own,
        name=named,
        signing_unit_id=None if signing_unit_id == unit_id else signing_unit_id,
        set_by=actor.user_id,
        set_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "signer.set",
        unit_id=unit_id,
        actor_id=actor.user_id,
        subject_type="letter_signer",
        subject_id=row.id,
        way=way.value,
        starts_on=starts_on.isoformat(),
    )
    return row.id


def _check_signer(
    session: Session,
    unit_id: int,
    starts_on: date,
    way: SigningWay,
    position: str,
    name: str,
    signing_unit_id: int | None,
) -> None:
    """Refuse a signature that cannot be, with a sentence for each setting."""
    wrong: dict[str, str] = {}
    if way in NEEDS_POSITION and not position:
        wrong["position"] = "Ghi chức vụ của người ký, ví dụ Chánh Văn phòng."
    for field, line in (("position", position), ("name", name)):
        if len(line) > _LONGEST_LINE:
            wrong[field] = f"Viết ngắn lại, không quá {_LONGEST_LINE} chữ."
        _refuse_undrawable(line, field, wrong)
    if signing_unit_id is not None:
        above = {unit.id for unit in chain_of(session, unit_id, starts_on)}
        if signing_unit_id not in above:
            wrong["signing_unit"] = "Đơn vị in và ký thay phải ở trên đơn vị này vào ngày đó. Chọn lại."
    if not units.unit_by_id(session, unit_id).holds_on(starts_on):
        wrong["starts_on_day"] = "Ngày này đơn vị chưa có hoặc đã kết thúc. Chọn ngày khác."
    if wrong:
        raise InvalidInput(_FIELDS_WRONG, wrong)


def _refuse_undrawable(line: str, field: str, wrong: dict[str, str]) -> None:
    try:
        drawable(line)
    except Refusal as refusal:
        wrong.setdefault(field, refusal.sentence)


def _require_setter(actor: Actor, unit_id: int) -> None:
    if not actor.may(Permission.LETTER_VIEW, unit_id):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    if not any(actor.may(one, unit_id) for one in WRITERS):
        raise NotAllowed("Người phụ trách in, giao thư hoặc lãnh đạo đơn vị đặt mẫu giấy.")
