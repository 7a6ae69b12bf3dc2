"""Thư xin lỗi: the signed apology for a missed date or a missed trip, in the office's own words of the day it was signed.

The apology itself is a row of the case or of the visit, with its reason, its one new promise and who signed; the
letter only says it. It has no number of its own: printed again, it is the same words of the same day.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases import queries as cases
from civreg.letters.queries.papers import layout_in_force
from civreg.letters.queries.sheets import sheet_of
from civreg.letters.queries.wordings import chain_of, wording_in_force
from civreg.letters.rules import ApologyFacts, Language, LetterKind, Missed, words_for
from civreg.shared import clock
from civreg.shared.errors import Conflict, NotFound
from civreg.shared.paper.letter import render_letter
from civreg.shared.paper.merging import merge
from civreg.units import queries as units
from civreg.visits import queries as visits

_UNSIGNED = "Thư xin lỗi này chưa được ký nên chưa in được. Ông/bà nhờ lãnh đạo ký trước."


def apology_for_date(session: Session, actor: Actor, case_id: UUID, apology_id: UUID, shipped: Path) -> bytes:
    """Return the letter for a missed day of a result.

    Raises:
        NotFound: another unit's case, or no such apology.
        Conflict: it is not signed yet.
    """
    case = cases.case_page(session, actor, case_id)
    found = next((row for row in cases.apologies_of(session, actor, case_id) if row.id == apology_id), None)
    if found is None:
        raise NotFound("Không tìm thấy lời xin lỗi này ở đơn vị của ông/bà.")
    if found.signed_at is None or found.new_due_on is None:
        raise Conflict(_UNSIGNED)
    facts = ApologyFacts(
        unit=units.unit_by_id(session, case.unit_id).spoken,
        recipient=f"ông/bà {case.requester.full_name}",
        matter=_in_sentence(case.rules.title_vi),
        missed=Missed.RESULT,
        missed_on=found.missed_on,
        reason=_in_sentence(found.reason),
        promised_on=found.new_due_on,
        hotline=_hotline(session, case.unit_id, found.signed_at),
    )
    return _drawn(session, case.unit_id, facts, found.signed_at, shipped)


def apologies_for_trip(session: Session, actor: Actor, visit_id: UUID, shipped: Path) -> bytes:
    """Return the letters for a trip nobody made, one for each family it was to serve, in one file.

    Raises:
        NotFound: another unit's visit, or nothing to apologise for.
        Conflict: it is not signed yet.
    """
    visit = visits.visit_page(session, actor, visit_id)
    found = visits.apology_of_visit(session, visit_id)
    if found is None:
        raise NotFound("Chuyến này không có lời xin lỗi nào. Ông/bà mở lại chuyến.")
    if found.signed_at is None or found.new_at is None:
        raise Conflict(_UNSIGNED)
    papers = []
    for one in visit.cases:
        case = cases.case_page(session, actor, one.case_id)
        facts = ApologyFacts(
            unit=units.unit_by_id(session, visit.unit_id).spoken,
            recipient=f"ông/bà {one.requester_name}",
            matter=_in_sentence(case.rules.title_vi),
            missed=Missed.VISIT,
            missed_on=found.missed_at.date(),
            missed_hour=_hour(found.missed_at),
            reason=_in_sentence(found.reason),
            promised_on=found.new_at.date(),
            promised_hour=_hour(found.new_at),
            hotline=_hotline(session, visit.unit_id, found.signed_at),
        )
        papers.append(_drawn(session, visit.unit_id, facts, found.signed_at, shipped))
    return merge(papers, title="Thư xin lỗi")


def _drawn(session: Session, unit_id: int, facts: ApologyFacts, signed_at: datetime, shipped: Path) -> bytes:
    """Return the sheet in the words and on the paper that held when it was signed."""
    day, kind = signed_at.astimezone(clock.ZONE).date(), LetterKind.APOLOGY
    chain = chain_of(session, unit_id, day)
    text = wording_in_force(session, chain, kind, Language.VIETNAMESE, shipped, at=signed_at)
    words = words_for(kind, facts, text.body)
    return render_letter(
        sheet_of(session, chain[0], words, layout_in_force(session, chain, kind, day), day, None)
    )


def _hotline(session: Session, unit_id: int, at: datetime) -> str:
    terms = units.terms_near(session, unit_id, at.astimezone(clock.ZONE).date())
    return terms.hotline if terms else ""


def _hour(at: datetime) -> str:
    return f"{at.astimezone(clock.ZONE):%H giờ %M}"


def _in_sentence(text: str) -> str:
    """Return a title or a sentence as it stands inside another one; a name in capitals stays."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
