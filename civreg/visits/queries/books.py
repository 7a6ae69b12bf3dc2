"""Đọc sổ hộ tịch: the books of the actor's units, where each one is, and which trips carry it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor, Permission
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.visits.models import BookLoan, RegisterBook, Visit, VisitBook
from civreg.visits.rules import Book, BookNeed, is_overdue

NO_BOOK = "Không tìm thấy quyển sổ này ở đơn vị của ông/bà."


@dataclass(frozen=True)
class LoanRow:
    """Sổ đang ở ngoài trụ sở: who has it since when, for which trip, and whether it should have been back.

    Attributes:
        due_on: the day of the trip, else the day on which it was taken out.
    """

    taken_by: UUID
    officer_name: str
    out_at: datetime
    visit_id: UUID | None
    visit_starts_at: datetime | None
    due_on: date
    overdue: bool


@dataclass(frozen=True)
class CarriedOn:
    """A planned trip that is to carry the book."""

    visit_id: UUID
    officer_id: UUID
    officer_name: str
    starts_at: datetime


@dataclass(frozen=True)
class BookRow:
    """Một quyển sổ hộ tịch.

    Attributes:
        loan: where it is; None at the office.
        planned: the trips that are to carry it, the next one first.
        used: how many recorded trips brought it to a family.
        used_at: when it was last brought to one.
    """

    id: UUID
    unit_id: int
    book: Book
    opened_at: datetime
    closed_at: datetime | None
    total_pages: int | None
    total_events: int | None
    version: int
    loan: LoanRow | None
    planned: tuple[CarriedOn, ...]
    used: int
    used_at: datetime | None

    @property
    def overdue(self) -> bool:
        """Tell whether the book should have been back."""
        return self.loan is not None and self.loan.overdue


def books_of(session: Session, actor: Actor, today: date) -> list[BookRow]:
    """Return the books of the actor's units: those due back first, then those that are out, the open, the closed."""
    seen = RegisterBook.unit_id.in_(actor.units(Permission.VISIT_VIEW))
    found = _rows(session, session.scalars(select(RegisterBook).where(seen)).all(), today)
    return sorted(found, key=_order)


def books_late(session: Session, actor: Actor, today: date) -> list[BookRow]:
    """Return the books that should have been back at the office (sổ chưa mang về), the longest away first."""
    query = (
        select(RegisterBook)
        .join(BookLoan, BookLoan.register_book_id == RegisterBook.id)
        .where(RegisterBook.unit_id.in_(actor.units(Permission.VISIT_VIEW)), BookLoan.back_at.is_(None))
    )
    late = [row for row in _rows(session, session.scalars(query).all(), today) if row.overdue]
    return sorted(late, key=lambda row: (row.loan.due_on if row.loan else today, row.book.title))


def book_page(session: Session, actor: Actor, book_id: UUID, today: date) -> BookRow:
    """Return one book.

    Raises:
        NotFound: no such book, or another unit's.
    """
    book = session.get(RegisterBook, book_id, populate_existing=True)
    if book is None or book.unit_id not in actor.units(Permission.VISIT_VIEW):
        raise NotFound(NO_BOOK)
    return _rows(session, [book], today)[0]


def books_for(session: Session, unit_id: int, need: BookNeed) -> list[Book]:
    """Return the unit's books that would do, the newest first; closed ones too, which families still sign in."""
    query = select(RegisterBook).where(RegisterBook.unit_id == unit_id, RegisterBook.kind == need.kind)
    if need.year is not None:
        query = query.where(RegisterBook.year == need.year)
    newest = query.order_by(RegisterBook.closed_at.is_not(None), RegisterBook.year.desc(), RegisterBook.label)
    return [book_of(row) for row in session.scalars(newest)]


def books_of_visits(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, tuple[Book, ...]]:
    """Return which books each of these trips carries."""
    if not visit_ids:
        return {}
    rows = session.execute(
        select(VisitBook.visit_id, RegisterBook)
        .join(RegisterBook, RegisterBook.id == VisitBook.register_book_id)
        .where(VisitBook.visit_id.in_(visit_ids))
        .order_by(RegisterBook.kind, RegisterBook.year, RegisterBook.label)
    )
    found: dict[UUID, tuple[Book, ...]] = {}
    for row in rows:
        found[row.visit_id] = (*found.get(row.visit_id, ()), book_of(row.RegisterBook))
    return found


def open_books_by_unit(session: Session) -> dict[int, int]:
    """Return for each unit how many register books nobody has closed."""
    open_books = select(RegisterBook.unit_id, func.count()).where(RegisterBook.closed_at.is_(None))
    return {row[0]: row[1] for row in session.execute(open_books.group_by(RegisterBook.unit_id))}


def book_of(row: RegisterBook) -> Book:
    """Return what choices and titles need of a stored book."""
    return Book(row.id, row.kind, row.year, row.label, row.closed_at is not None)


def _order(row: BookRow) -> tuple[bool, bool, bool, int, str]:
    return (not row.overdue, row.loan is None, row.book.closed, -row.book.year, row.book.title)


def _rows(session: Session, books: Sequence[RegisterBook], today: date) -> list[BookRow]:
    ids = [book.id for book in books]
    loans = _loans(session, ids, today)
    planned = _planned(session, ids)
    used = _used(session, ids)
    return [
        BookRow(
            id=book.id,
            unit_id=book.unit_id,
            book=book_of(book),
            opened_at=book.opened_at,
            closed_at=book.closed_at,
            total_pages=book.total_pages,
            total_events=book.total_events,
            version=book.version,
            loan=loans.get(book.id),
            planned=planned.get(book.id, ()),
            used=used.get(book.id, (0, None))[0],
            used_at=used.get(book.id, (0, None))[1],
        )
        for book in books
    ]


def _loans(session: Session, book_ids: Iterable[UUID], today: date) -> dict[UUID, LoanRow]:
    rows = session.execute(
        select(
            BookLoan.register_book_id, BookLoan.taken_by, BookLoan.out_at, BookLoan.visit_id, Visit.starts_at
        )
        .outerjoin(Visit, Visit.id == BookLoan.visit_id)
        .where(BookLoan.register_book_id.in_(book_ids), BookLoan.back_at.is_(None))
    ).all()
    names = names_of(session, {row.taken_by for row in rows})
    found = {}
    for row in rows:
        due_on = (row.starts_at or row.out_at).astimezone(clock.ZONE).date()
        found[row.register_book_id] = LoanRow(
            taken_by=row.taken_by,
            officer_name=names.get(row.taken_by, ""),
            out_at=row.out_at,
            visit_id=row.visit_id,
            visit_starts_at=row.starts_at,
            due_on=due_on,
            overdue=is_overdue(due_on, today),
        )
    return found


def _planned(session: Session, book_ids: Iterable[UUID]) -> dict[UUID, tuple[CarriedOn, ...]]:
    rows = session.execute(
        select(VisitBook.register_book_id, Visit.id, Visit.officer_id, Visit.starts_at)
        .join(Visit, Visit.id == VisitBook.visit_id)
        .where(VisitBook.register_book_id.in_(book_ids), Visit.state == "planned")
        .order_by(Visit.starts_at, Visit.id)
    ).all()
    names = names_of(session, {row.officer_id for row in rows})
    found: dict[UUID, tuple[CarriedOn, ...]] = {}
    for row in rows:
        trip = CarriedOn(row.id, row.officer_id, names.get(row.officer_id, ""), row.starts_at)
        found[row.register_book_id] = (*found.get(row.register_book_id, ()), trip)
    return found


def _used(session: Session, book_ids: Iterable[UUID]) -> dict[UUID, tuple[int, datetime | None]]:
    """Return how often and when last a recorded trip brought each book to a family."""
    rows = session.execute(
        select(VisitBook.register_book_id, func.count(), func.max(Visit.starts_at))
        .join(Visit, Visit.id == VisitBook.visit_id)
        .where(VisitBook.register_book_id.in_(book_ids), Visit.state == "done")
        .group_by(VisitBook.register_book_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
