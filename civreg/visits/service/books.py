"""Sổ hộ tịch: open and close a book, write down that it left the office with an officer and that it came back.

The book is the legal register on paper: it is kept at the office and leaves it only for a family that signs in it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor, Permission
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.shared.text import format_moment_vi
from civreg.visits.models import BookLoan, RegisterBook, Visit, VisitBook
from civreg.visits.queries import NO_BOOK, visit_page
from civreg.visits.rules import book_title, check_book, check_closing
from civreg.visits.service.carrying import books_on, carry, check_books, constraint_of, hold_books
from civreg.visits.service.holding import check_officer, hold_visit
from civreg.visits.service.holding import note_audit as note_visit_audit

STALE_BOOK = "Quyển sổ này vừa có người khác ghi. Ông/bà xem lại sổ đang ở đâu rồi bấm lại."
AT_OFFICE = "Quyển sổ này đang ở trụ sở. Ông/bà tải lại trang để xem."
NO_TRIP = "Ông/bà chọn chuyến đã hẹn mang quyển sổ này, hoặc chọn “Không theo chuyến nào”."


def open_book(
    session: Session, actor: Actor, *, unit_id: int, kind: str, year: int | None, label: str
) -> UUID:
    """Open a register book (mở sổ) of a kind and year at a unit and return its id.

    Args:
        session: the open transaction.
        actor: an officer or the head of the unit.
        unit_id: whose book it is.
        kind: birth, marriage or death.
        year: the year of its entries.
        label: số quyển as on the cover ("01").

    Raises:
        NotFound: another unit.
        InvalidInput: each field with what to do; a book that is open already.
    """
    if unit_id not in actor.units(Permission.VISIT_VIEW):
        raise NotFound
    actor.require(Permission.VISIT_WORK, unit_id)
    of_year, number = check_book(kind, year, label, clock.today())
    book = RegisterBook(
        id=new_id(),
        unit_id=unit_id,
        kind=kind,
        year=of_year,
        label=number,
        opened_at=clock.now(),
        closed_at=None,
        total_pages=None,
        total_events=None,
    )
    try:
        with session.begin_nested():
            session.add(book)
            session.flush()
    except IntegrityError as error:
        if constraint_of(error) != "uq_register_book_unit_id_kind_year_label":
            raise
        sentence = f"{book_title(kind, of_year, number)} đã có trong danh sách. Ông/bà ghi số quyển khác."
        raise InvalidInput(sentence, {"label": sentence}) from error
    _note_audit(session, actor, book, "book.opened", kind=kind, year=of_year)
    return book.id


def close_book(
    session: Session,
    actor: Actor,
    book_id: UUID,
    *,
    expected_version: int | None,
    full: bool = False,
    total_pages: int | None = None,
    total_events: int | None = None,
) -> None:
    """Close a book (khóa sổ) on its year's last day, or earlier when its last page is written (Luật art 58).

    Args:
        session: the open transaction.
        actor: an officer or the head of the unit.
        book_id: the book.
        expected_version: of the page.
        full: its pages are used up before the year ends.
        total_pages: pages written, when counted.
        total_events: entries written, when counted.

    Raises:
        NotFound: another unit's book.
        InvalidInput: the year has not ended, or totals that cannot be.
        Conflict: the book is out or closed already, or the page is stale.
    """
    book = _hold_book(session, actor, book_id, expected_version)
    if book.closed_at is not None:
        raise Conflict("Quyển sổ này đã khóa rồi. Ông/bà tải lại trang để xem.")
    loan = _open_loan(session, book_id)
    if loan is not None:
        raise Conflict(f"{_whereabouts(session, loan)} Ông/bà ghi mang về trụ sở trước, rồi khóa sổ.")
    check_closing(
        book.year, full=full, total_pages=total_pages, total_events=total_events, today=clock.today()
    )
    book.closed_at, book.total_pages, book.total_events = clock.now(), total_pages, total_events
    book.version += 1
    reason = "year_ended" if clock.today() >= date(book.year, 12, 31) else "full"
    _note_audit(session, actor, book, "book.closed", reason=reason)


def take_out(
    session: Session,
    actor: Actor,
    book_id: UUID,
    *,
    expected_version: int | None,
    officer_id: UUID,
    visit_id: UUID | None = None,
) -> UUID:
    """Write down that the book leaves the office (ghi mang sổ đi) and return the id of the loan.

    Args:
        session: the open transaction.
        actor: who writes it down.
        book_id: the book.
        expected_version: of the page.
        officer_id: who carries it.
        visit_id: the booked trip it is for; it is due back on that day.

    Raises:
        NotFound: another unit's book.
        InvalidInput: somebody who is not sent out by the unit, or a trip that does not carry the book.
        Conflict: the book is out already, or the page is stale.
    """
    book = _hold_book(session, actor, book_id, expected_version)
    loan = _open_loan(session, book_id)
    if loan is not None:
        raise Conflict(f"{_whereabouts(session, loan)} Ông/bà ghi mang về trước, rồi ghi lần mang đi mới.")
    check_officer(session, book.unit_id, officer_id, clock.today())
    if visit_id is not None and not _is_planned_with(session, visit_id, book_id):
        raise InvalidInput(NO_TRIP, {"visit_id": NO_TRIP})
    loan = BookLoan(
        id=new_id(),
        register_book_id=book_id,
        visit_id=visit_id,
        taken_by=officer_id,
        out_at=clock.now(),
        back_at=None,
        back_to=None,
    )
    session.add(loan)
    book.version += 1
    trip = {"visit_id": str(visit_id)} if visit_id else {}
    _note_audit(session, actor, book, "book.taken_out", officer_id=str(officer_id), **trip)
    return loan.id


def bring_back(session: Session, actor: Actor, book_id: UUID, *, expected_version: int | None) -> None:
    """Write down that the book is back at the office (ghi mang sổ về).

    Raises:
        NotFound: another unit's book.
        Conflict: it is at the office already, or the page is stale.
    """
    book = _hold_book(session, actor, book_id, expected_version)
    loan = _open_loan(session, book_id)
    if loan is None:
        raise Conflict(AT_OFFICE)
    loan.back_at, loan.back_to = clock.now(), actor.user_id
    book.version += 1
    _note_audit(session, actor, book, "book.brought_back")


def choose_books(
    session: Session,
    actor: Actor,
    visit_id: UUID,
    book_ids: Collection[UUID],
    *,
    expected_version: int | None = None,
) -> None:
    """Choose the register books that a booked trip carries (chọn sổ mang theo); those chosen before are left behind.

    Raises:
        NotFound: another unit's visit.
        InvalidInput: a book that none of the trip's families signs in.
        Conflict: it is no booking any more, or the page is stale.
        BookTaken: another trip carries a book then; carries the trip to join.
    """
    visit = hold_visit(session, actor, visit_id, expected_version)
    books = hold_books(session, book_ids)
    check_books(books, book_ids, visit.unit_id, visit_page(session, actor, visit_id).needs)
    chosen = {book.id for book in books}
    session.execute(
        delete(VisitBook).where(VisitBook.visit_id == visit_id, VisitBook.register_book_id.not_in(chosen))
    )
    already = set(books_on(session, visit_id))
    carry(session, visit, [book for book in books if book.id not in already])
    visit.version += 1
    session.flush()
    note_visit_audit(session, actor, visit, "visit.books_chosen", books=[str(book.id) for book in books])


def _hold_book(session: Session, actor: Actor, book_id: UUID, expected_version: int | None) -> RegisterBook:
    book = next(iter(hold_books(session, [book_id])), None)
    if book is None or book.unit_id not in actor.units(Permission.VISIT_VIEW):
        raise NotFound(NO_BOOK)
    actor.require(Permission.VISIT_WORK, book.unit_id)
    if expected_version is not None and book.version != expected_version:
        raise Conflict(STALE_BOOK)
    return book


def _open_loan(session: Session, book_id: UUID) -> BookLoan | None:
    return session.scalars(
        select(BookLoan).where(BookLoan.register_book_id == book_id, BookLoan.back_at.is_(None))
    ).first()


def _is_planned_with(session: Session, visit_id: UUID, book_id: UUID) -> bool:
    query = (
        select(Visit.id)
        .join(VisitBook, VisitBook.visit_id == Visit.id)
        .where(Visit.id == visit_id, Visit.state == "planned", VisitBook.register_book_id == book_id)
    )
    return session.scalar(query) is not None


def _whereabouts(session: Session, loan: BookLoan) -> str:
    officer = names_of(session, [loan.taken_by]).get(loan.taken_by, "Một cán bộ")
    out_at = format_moment_vi(loan.out_at.astimezone(clock.ZONE))
    return f"{officer} đang giữ quyển sổ này, mang đi lúc {out_at}."


def _note_audit(session: Session, actor: Actor, book: RegisterBook, action: str, **details: Any) -> None:
    audit.record(
        session,
        action,
        unit_id=book.unit_id,
        actor_id=actor.user_id,
        subject_type="register_book",
        subject_id=book.id,
        **details,
    )
