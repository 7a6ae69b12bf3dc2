"""Mẫu giấy và người ký đang dùng: layout and signer of a unit on a day, its own or from above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.rules import officer_title
from civreg.letters.models import LetterLayout, LetterSigner
from civreg.letters.rules import (
    Border,
    LetterKind,
    PaperLayout,
    PaperSize,
    SigningWay,
    signature_lines,
    usual_layout,
)
from civreg.shared.errors import NotFound, Refusal
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.text import format_date_vi
from civreg.units import queries as units
from civreg.units.queries import UnitRow


@dataclass(frozen=True)
class LayoutInForce:
    """The layout letters of an occasion get on a day.

    Attributes:
        layout_id: None for the usual layout.
        unit: whose setting it is; None for the usual one.
        starts_on: from when it holds; None for the usual one.
        letterhead_file_id: the picture across the head, if there is one.
        from_unit: name of the ended unit it was copied from, in the list of a unit's layouts.
    """

    layout: PaperLayout
    layout_id: UUID | None = None
    unit: UnitRow | None = None
    starts_on: date | None = None
    letterhead_file_id: UUID | None = None
    from_unit: str = ""


@dataclass(frozen=True)
class SignerRow:
    """Who signs from a day on.

    Attributes:
        lines: as they print on that day.
        agency: the unit whose heading the letters carry: its own, or the unit that prints and signs for it.
    """

    unit: UnitRow
    starts_on: date
    way: SigningWay
    position: str
    name: str
    agency: UnitRow


@dataclass(frozen=True)
class Letterhead:
    """Heading, place and signature of a letter of a unit on a day."""

    heading: Heading
    place: str
    signature: Signature


def layout_in_force(session: Session, chain: list[UnitRow], kind: LetterKind, on: date) -> LayoutInForce:
    """Return the layout of the nearest unit that set one for the day (the one set last wins), else the usual one."""
    rows = session.scalars(
        select(LetterLayout)
        .where(
            LetterLayout.unit_id.in_([unit.id for unit in chain]),
            LetterLayout.kind == kind.value,
            LetterLayout.starts_on <= on,
        )
        .order_by(LetterLayout.starts_on.desc(), LetterLayout.id.desc())
    ).all()
    for unit in chain:
        row = next((row for row in rows if row.unit_id == unit.id), None)
        if row is not None:
            return LayoutInForce(_layout(row), row.id, unit, row.starts_on, row.letterhead_file_id)
    return LayoutInForce(usual_layout(kind))


def _layout(row: LetterLayout) -> PaperLayout:
    return PaperLayout(
        size=PaperSize(row.size),
        border=Border(row.border),
        show_number=row.show_number,
        show_code=row.show_code,
        receivers=tuple(row.receivers.splitlines()),
        preprinted=row.preprinted,
        right_tenths_mm=row.right_tenths_mm,
        down_tenths_mm=row.down_tenths_mm,
    )


def layouts_of(session: Session, actor: Actor, unit_id: int) -> list[tuple[LetterKind, LayoutInForce]]:
    """Return every layout set at a unit, the latest day first.

    Raises:
        NotFound: not one of the actor's units.
    """
    _refuse_unseen(actor, unit_id)
    unit = units.unit_by_id(session, unit_id)
    rows = session.scalars(
        select(LetterLayout)
        .where(LetterLayout.unit_id == unit_id)
        .order_by(LetterLayout.starts_on.desc(), LetterLayout.id.desc())
    ).all()
    ended = units.units_by_ids(session, {row.from_unit_id for row in rows if row.from_unit_id is not None})
    return [
        (
            LetterKind(row.kind),
            LayoutInForce(
                _layout(row),
                row.id,
                unit,
                row.starts_on,
                row.letterhead_file_id,
                ended[row.from_unit_id].name if row.from_unit_id else "",
            ),
        )
        for row in rows
    ]


def signers_of(session: Session, actor: Actor, unit_id: int) -> list[SignerRow]:
    """Return everybody who signs or signed for a unit, the latest day first.

    Raises:
        NotFound: not one of the actor's units.
    """
    _refuse_unseen(actor, unit_id)
    rows = session.scalars(
        select(LetterSigner)
        .where(LetterSigner.unit_id == unit_id)
        .order_by(LetterSigner.starts_on.desc(), LetterSigner.id.desc())
    ).all()
    ids = {unit_id, *(row.signing_unit_id for row in rows if row.signing_unit_id is not None)}
    known = units.units_by_ids(session, ids)
    return [
        SignerRow(
            known[unit_id],
            row.starts_on,
            SigningWay(row.way),
            row.position,
            row.name,
            known[row.signing_unit_id or unit_id],
        )
        for row in rows
    ]


def _refuse_unseen(actor: Actor, unit_id: int) -> None:
    if not actor.may(Permission.LETTER_VIEW, unit_id):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")


def letterhead_of(session: Session, unit: UnitRow, on: date) -> Letterhead:
    """Return whose heading and whose signature a letter of the unit carries on a day.

    A letter is headed by the agency that signs it, with no agency above it, before and after 1/7/2025; what the day
    changes is the unit itself, who signs, and the officer's title. Without an own setting the unit's terms say who.

    Raises:
        Refusal: the unit that was to sign has ended by that day.
    """
    row = session.scalars(
        select(LetterSigner)
        .where(LetterSigner.unit_id == unit.id, LetterSigner.starts_on <= on)
        .order_by(LetterSigner.starts_on.desc(), LetterSigner.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return Letterhead(Heading.of_commune(unit.spoken), unit.bare, _usual_signature(session, unit, on))
    agency = units.unit_by_id(session, row.signing_unit_id) if row.signing_unit_id else unit
    if agency.id != unit.id and not agency.holds_on(on):
        raise Refusal(
            f"{agency.name} đã kết thúc trước ngày {format_date_vi(on)} nên không ký thư được. "
            "Ông/bà chọn người ký mới ở trang Mẫu giấy."
        )
    way = SigningWay(row.way)
    position = row.position or (
        officer_title(on) if way in (SigningWay.BY_ORDER, SigningWay.DELEGATED) else ""
    )
    return Letterhead(
        Heading.of_commune(agency.spoken),
        agency.bare,
        Signature(lines=signature_lines(way, position), name=row.name),
    )


def _usual_signature(session: Session, unit: UnitRow, on: date) -> Signature:
    terms = units.participation_of(session, unit.id, on)
    if terms is None:
        return Signature.of_chair()
    lines = (*terms.signer_prefix.splitlines(), *terms.signer_title.splitlines())
    return Signature(lines=lines, name=terms.signer_name or "")
