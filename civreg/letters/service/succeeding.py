"""Chuyển giao khi đơn vị kết thúc: letters without a number, the words and the layouts go to the unit that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.letters.models import Letter, LetterLayout, LetterSetting, LetterWording
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.held import layouts_left, settings_left, wordings_left
from civreg.letters.rules import UNNUMBERED, pack_facts
from civreg.letters.service.papers import note_layout
from civreg.letters.service.settings import audit_settings
from civreg.letters.service.wordings import add_draft, note_wording
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.units import queries as units
from civreg.units.rules import Heirs


def hand_over_letters(session: Session, old_unit_id: int, heirs: Heirs) -> int:
    """Give the letters that have no number yet to the unit that takes the case; return how many.

    Their words name the new unit, their number will be of its letter book. A numbered letter keeps number, words
    and unit; the staff of the new unit hand it over.
    """
    new = units.units_by_ids(session, heirs.units)
    letters = session.scalars(
        select(Letter)
        .where(Letter.unit_id == old_unit_id, Letter.state.in_([state.value for state in UNNUMBERED]))
        .order_by(Letter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for letter in letters:
        heir = new[heirs.of(letter.case_id)]
        facts = replace(facts_of(letter), unit=heir.spoken)
        letter.sealed_facts = crypto.seal(pack_facts(facts), "letter", letter.id, "sealed_facts")
        letter.unit_id = heir.id
        letter.version += 1
    return len(letters)


@dataclass(frozen=True, slots=True)
class PapersMoved:
    """How many texts, layouts and desk settings of the ended unit were settled, copied or left because the new has its own."""

    wordings: int
    layouts: int
    settings: int


def hand_over_papers(
    session: Session, actor: Actor, old_unit_id: int, new_unit_id: int, on: date
) -> PapersMoved:
    """Copy words and layouts of an ended unit to the one that keeps what it left (chuyển giao lời thư, mẫu giấy).

    A text arrives as a draft: it was approved by a head of another unit and may name that one, so a head of this unit
    reads it first. A layout holds from the day on, unless the unit has one for the occasion: without the old letterhead,
    receivers and offsets, and on blank paper, for stock printed before bears the old name. Who signs never goes over, nor
    where the letter book begins: the new unit's book is its own. The desk's days hold on where the unit has set none.
    """
    old = units.unit_by_id(session, old_unit_id)
    texts = wordings_left(session).get(old_unit_id, ())
    layouts = layouts_left(session, on).get(old_unit_id, ())
    for text in session.scalars(
        select(LetterWording).where(LetterWording.id.in_(texts)).order_by(LetterWording.id)
    ).all():
        copy = add_draft(
            session, new_unit_id, text.kind, text.language, text.body, text.written_by, old_unit_id
        )
        note_wording(session, actor, copy, "wording.copied", from_unit=old.code)
    own = set(session.scalars(select(LetterLayout.kind).where(LetterLayout.unit_id == new_unit_id)))
    for layout in session.scalars(
        select(LetterLayout)
        .where(LetterLayout.id.in_(layouts), LetterLayout.kind.not_in(own))
        .order_by(LetterLayout.id)
    ).all():
        plain = LetterLayout(
            id=new_id(),
            unit_id=new_unit_id,
            kind=layout.kind,
            starts_on=max(on, layout.starts_on),
            size=layout.size,
            border=layout.border,
            show_number=layout.show_number,
            show_code=layout.show_code,
            receivers="",
            preprinted=False,
            right_tenths_mm=0,
            down_tenths_mm=0,
            from_unit_id=old_unit_id,
            set_by=actor.user_id,
            set_at=clock.now(),
        )
        session.add(plain)
        session.flush()
        note_layout(session, actor, plain, "layout.copied", from_unit=old.code)
    return PapersMoved(len(texts), len(layouts), _copy_settings(session, actor, old, new_unit_id))


def _copy_settings(session: Session, actor: Actor, old: units.UnitRow, new_unit_id: int) -> int:
    """Let the days of the old desk hold at the new one unless it has set its own; return how many settings there were."""
    row = session.get(LetterSetting, old.id)
    if row is None or old.id not in settings_left(session):
        return 0
    days = {"mourning_days": row.mourning_days, "waiting_days": row.waiting_days}
    written = session.scalar(
        insert(LetterSetting)
        .values(unit_id=new_unit_id, changed_at=clock.now(), changed_by=actor.user_id, **days)
        .on_conflict_do_nothing()
        .returning(LetterSetting.unit_id)
    )
    if written is not None:
        audit_settings(session, actor, new_unit_id, "letter.settings_copied", from_unit=old.code, **days)
    return 1
