"""Sổ mang theo: which register books a trip carries; two planned trips never carry one book at the same time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.cases.models import Case
from civreg.procedures import catalogue
from civreg.shared.errors import InvalidInput
from civreg.visits.models import RegisterBook, Visit, VisitBook
from civreg.visits.queries import first_visit_of
from civreg.visits.queries.books import book_of
from civreg.visits.rules import BookNeed, BookTaken, Purpose, Slot, book_need

BOOK_CLASH = "ex_visit_book_period"
NOT_OFFERED = "Ông/bà chọn sổ trong danh sách sổ của đơn vị, đúng loại và đúng năm đăng ký."


def need_of(case: Case) -> BookNeed | None:
    """Return which book the visit that brings the result of this case carries."""
    return book_need(catalogue.version_by_id(case.procedure_version), case.registered_at)


def bind(session: Session, case: Case, purpose: Purpose) -> UUID | None:
    """Return the first visit that a second one of mobile registration is bound to; None for every other visit."""
    if purpose != "return" or need_of(case) is None:
        return None
    return first_visit_of(session, case.id)


def hold_books(session: Session, book_ids: Collection[UUID]) -> list[RegisterBook]:
    """Load books and hold them, in one order for everybody: trips with one book are decided one after the other."""
    query = (
        select(RegisterBook)
        .where(RegisterBook.id.in_(book_ids))
        .order_by(RegisterBook.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query)) if book_ids else []


def check_books(
    books: Collection[RegisterBook], asked: Collection[UUID], unit_id: int, needs: Collection[BookNeed]
) -> None:
    """Refuse a book of another unit, or one in which nobody on this trip signs.

    Args:
        books: those that were found.
        asked: the ids that were asked for.
        unit_id: of the trip.
        needs: what its families sign in.

    Raises:
        InvalidInput: with what to choose.
    """
    fitting = {
        book.id
        for book in books
        if book.unit_id == unit_id and any(need.met_by(book.kind, book.year) for need in needs)
    }
    if fitting != set(asked):
        raise InvalidInput(NOT_OFFERED, {"book_id": NOT_OFFERED})


def books_on(session: Session, visit_id: UUID) -> list[UUID]:
    """Return the ids of the books that a trip carries."""
    return list(session.scalars(select(VisitBook.register_book_id).where(VisitBook.visit_id == visit_id)))


def carry(session: Session, visit: Visit, books: Iterable[RegisterBook]) -> None:
    """Put held books on a trip.

    Raises:
        BookTaken: with the trip that carries one of them then.
    """
    for book in books:
        try:
            with session.begin_nested():
                session.add(
                    VisitBook(
                        visit_id=visit.id,
                        register_book_id=book.id,
                        visit_state=visit.state,
                        period=visit.period,
                    )
                )
                session.flush()
        except IntegrityError as error:
            if constraint_of(error) != BOOK_CLASH:
                raise
            raise book_taken(session, [book.id], Slot(visit.starts_at, visit.ends_at), visit.id) from error


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the constraint that was in the way."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""


def book_taken(session: Session, book_ids: Collection[UUID], slot: Slot, visit_id: UUID) -> BookTaken:
    """Return the refusal that names the other trip with one of these books."""
    clash = session.execute(
        select(RegisterBook, Visit.id, Visit.starts_at, Visit.officer_id, Visit.place)
        .join(VisitBook, VisitBook.register_book_id == RegisterBook.id)
        .join(Visit, Visit.id == VisitBook.visit_id)
        .where(
            RegisterBook.id.in_(book_ids),
            Visit.id != visit_id,
            Visit.state == "planned",
            Visit.period.op("&&")(Range(slot.starts_at, slot.ends_at, bounds="[)")),
        )
        .order_by(Visit.starts_at)
        .limit(1)
    ).one()
    officer = names_of(session, [clash.officer_id]).get(clash.officer_id, "một cán bộ")
    return BookTaken(book_of(clash.RegisterBook).title, clash.id, clash.starts_at, officer, clash.place)
