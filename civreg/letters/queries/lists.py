"""Danh sách giao, nhận thư: the paper with a column for signatures that goes with a pile of letters."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.queries import places
from civreg.letters.models import Letter
from civreg.letters.queries.access import visible_to
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.naming import names_text
from civreg.letters.queries.run_papers import place_text
from civreg.letters.queries.sheets import number_text
from civreg.letters.rules import KIND_WORDS, LetterKind
from civreg.shared import audit, clock
from civreg.shared.errors import NotFound
from civreg.shared.paper.heading import Heading
from civreg.shared.paper.listing import HandOverList, HandOverRow, render_list
from civreg.units import queries as units


def hand_over_list(
    session: Session, actor: Actor, letter_ids: Collection[UUID], *, officer_name: str = ""
) -> bytes:
    """Return the PDF of the list for these letters, in the order of their numbers; writes the read log.

    Raises:
        NotFound: when one of them is not there or not open to the actor.
    """
    found = session.scalars(
        select(Letter)
        .where(visible_to(actor), Letter.id.in_(letter_ids))
        .order_by(Letter.unit_id, Letter.year, Letter.number)
    ).all()
    if not found or len(found) != len(set(letter_ids)):
        raise NotFound("Không tìm thấy đủ các thư đã chọn ở đơn vị của ông/bà. Ông/bà chọn lại.")
    unit = units.unit_by_id(session, found[0].unit_id)
    where = places(session, {letter.case_id for letter in found})
    rows = []
    for letter in found:
        audit.record_read(
            session,
            "letter.hand_over_list",
            actor_id=actor.user_id,
            subject_type="letter",
            subject_id=letter.id,
        )
        place = place_text(where[letter.case_id])
        number = number_text(letter.number, letter.year) if letter.number and letter.year else ""
        kind = KIND_WORDS[LetterKind(letter.kind)]
        rows.append(HandOverRow(number, kind, names_text(facts_of(letter)), place))
    return render_list(
        HandOverList(
            heading=Heading.of_commune(unit.spoken),
            place=unit.bare,
            dated_on=clock.today(),
            rows=tuple(rows),
            clerk=actor.full_name,
            officer=officer_name,
        )
    )
