"""Chuyển giao lịch và sổ khi đơn vị kết thúc: bookings go to the unit that follows, register books are closed."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.shared import clock
from civreg.units.rules import Heirs
from civreg.visits.models import RegisterBook, Visit, VisitCase


def hand_over_visits(session: Session, old_unit_id: int, heirs: Heirs) -> int:
    """Give the bookings of a unit that ended to the unit that takes the case, of a shared trip the first; return how many.

    Officer, hour and place stay, and so does the register book to be carried: what was entered in it before the
    unit ended is signed in it.
    """
    planned = session.scalars(
        select(Visit)
        .where(Visit.unit_id == old_unit_id, Visit.state == "planned")
        .order_by(Visit.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    carried = select(VisitCase.visit_id, func.array_agg(VisitCase.case_id)).group_by(VisitCase.visit_id)
    of_visit = {
        visit_id: min(case_ids)
        for visit_id, case_ids in session.execute(
            carried.where(VisitCase.visit_id.in_([visit.id for visit in planned]))
        )
    }
    for visit in planned:
        visit.unit_id = heirs.of(of_visit[visit.id]) if visit.id in of_visit else heirs.main
        visit.version += 1
    return len(planned)


def close_books_of(session: Session, unit_id: int) -> int:
    """Close the open register books of a unit that ended (khóa sổ, Luật Hộ tịch 2014 art 58); return how many.

    A book belongs to the unit that wrote it and is kept for ever; the unit that follows opens its own. A closed
    book still travels to families who have to sign in it, and one that is out is brought back as usual.
    """
    books = session.scalars(
        select(RegisterBook)
        .where(RegisterBook.unit_id == unit_id, RegisterBook.closed_at.is_(None))
        .order_by(RegisterBook.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for book in books:
        book.closed_at = clock.now()
        book.version += 1
    return len(books)
