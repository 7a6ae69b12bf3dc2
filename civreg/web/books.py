"""Sổ hộ tịch: the register books of the unit, where each one is, opening, closing, taking out and bringing back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput
from civreg.units import queries as units
from civreg.visits import queries as visits
from civreg.visits import service
from civreg.visits.queries import BookRow
from civreg.visits.rules import BOOK_WORDS, FIRST_YEAR, MOST_WRITTEN, book_title
from civreg.visits.service.books import NO_TRIP
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.opened import typed_version

blueprint = Blueprint("books", __name__)

_BOOK = "/lich-den-nha/so/<uuid:book_id>"


@blueprint.get("/lich-den-nha/so")
@page(permission=Permission.VISIT_VIEW)
def index() -> ResponseReturnValue:
    """List the books: those that should be back first, then those that are out, at the office, closed."""
    actor, session = current_actor(), db.session()
    books = visits.books_of(session, actor, clock.today())
    return render_template(
        "books/index.html",
        late=[book for book in books if book.overdue],
        out=[book for book in books if book.loan and not book.overdue],
        here=[book for book in books if not book.loan and not book.closed_at],
        closed=[book for book in books if not book.loan and book.closed_at],
        works=actor.units(Permission.VISIT_WORK),
        units=units.units_by_ids(session, {book.unit_id for book in books}),
    )


@blueprint.route("/lich-den-nha/so/mo", methods=["GET", "POST"])
@page(permission=Permission.VISIT_WORK)
def open_book() -> ResponseReturnValue:
    """Open a book; the address may say which one is wanted."""
    offered = _units()
    if request.method == "GET":
        values = {
            "unit_id": offered[0][0] if offered else "",
            "kind": request.args.get("loai", ""),
            "year": request.args.get("nam", "") or str(clock.today().year),
        }
        return render_template("books/open.html", units=offered, values=values, errors={})
    answers = Answers(request.form)
    kind = answers.choice("kind", BOOK_WORDS, missing="Ông/bà chọn loại sổ: khai sinh, kết hôn hoặc khai tử.")
    last = clock.today().year + 1
    missing = f"Ông/bà ghi năm của sổ, từ {FIRST_YEAR} đến {last}."
    year = answers.whole("year", FIRST_YEAR, last, missing=missing)
    label = answers.text("label", missing="Ông/bà ghi số quyển như trên bìa sổ, ví dụ 01.")
    unit_id = answers.choice("unit_id", dict(offered), missing="Ông/bà chọn đơn vị giữ sổ.")
    if not answers.errors:
        try:
            with transaction(db.session()) as session:
                service.open_book(
                    session, current_actor(), unit_id=int(unit_id), kind=kind, year=year, label=label
                )
        except InvalidInput as refusal:
            answers.take(refusal)
        else:
            flash(f"Đã mở {book_title(kind, year or 0, label)}.", "success")
            return redirect(url_for("books.index"))
    return render_template(
        "books/open.html", units=offered, values=answers.values, errors=answers.errors
    ), 422


@blueprint.route(f"{_BOOK}/mang-di", methods=["GET", "POST"])
@page(permission=Permission.VISIT_WORK)
def take_out(book_id: UUID) -> ResponseReturnValue:
    """Write down who takes the book out of the office, and for which trip."""
    book = _book(book_id)
    if request.method == "GET":
        asked = request.args.get("chuyen", "")
        trip = next(
            (one for one in book.planned if str(one.visit_id) == asked), next(iter(book.planned), None)
        )
        carrier = trip.officer_id if trip else current_actor().user_id
        values = {"officer_id": str(carrier or ""), "visit_id": str(trip.visit_id) if trip else ""}
        return _take_out_page(book, values, {})
    answers = Answers(request.form)
    officer_id = answers.identity("officer_id")
    if officer_id is None:
        answers.refuse("officer_id", "Ông/bà chọn người mang sổ đi.")
    visit_id = answers.identity("visit_id")
    if visit_id is None and answers.values.get("visit_id"):
        answers.refuse("visit_id", NO_TRIP)

    def act(session: Session) -> None:
        if officer_id is not None:
            service.take_out(
                session,
                current_actor(),
                book_id,
                expected_version=typed_version(),
                officer_id=officer_id,
                visit_id=visit_id,
            )

    status = _run(answers, act)
    if status is None:
        flash("Đã ghi mang sổ đi. Khi sổ về trụ sở, ông/bà bấm “Ghi mang về”.", "success")
        return redirect(url_for("books.index"))
    return _take_out_page(_book(book_id), answers.values, answers.errors), status


@blueprint.post(f"{_BOOK}/mang-ve")
@page(permission=Permission.VISIT_WORK)
def bring_back(book_id: UUID) -> ResponseReturnValue:
    """Write down that the book is back at the office."""
    try:
        with transaction(db.session()) as session:
            service.bring_back(session, current_actor(), book_id, expected_version=typed_version())
    except Conflict as clash:
        flash(clash.sentence, "warning")  # nothing was typed: the list shows where the book is now
    else:
        flash("Đã ghi sổ về trụ sở.", "success")
    return redirect(url_for("books.index"))


@blueprint.route(f"{_BOOK}/khoa", methods=["GET", "POST"])
@page(permission=Permission.VISIT_WORK)
def close(book_id: UUID) -> ResponseReturnValue:
    """Close a book with what was written into it."""
    book = _book(book_id)
    if request.method == "GET":
        return _close_page(book, {}, {})
    answers = Answers(request.form)
    total_pages = answers.whole("total_pages", 0, MOST_WRITTEN)
    total_events = answers.whole("total_events", 0, MOST_WRITTEN)

    def act(session: Session) -> None:
        service.close_book(
            session,
            current_actor(),
            book_id,
            expected_version=typed_version(),
            full=answers.ticked("full"),
            total_pages=total_pages,
            total_events=total_events,
        )

    status = _run(answers, act)
    if status is None:
        flash(f"Đã khóa {book.book.title}.", "success")
        return redirect(url_for("books.index"))
    return _close_page(_book(book_id), answers.values, answers.errors), status


def _run(answers: Answers, act: Callable[[Session], None]) -> int | None:
    """Run one service; return the status of a refusal, whose words are then in `answers`."""
    if answers.errors:
        return 422
    try:
        with transaction(db.session()) as session:
            act(session)
    except (Conflict, InvalidInput) as refusal:
        answers.take(refusal)
        return refusal.status
    return None


def _book(book_id: UUID) -> BookRow:
    return visits.book_page(db.session(), current_actor(), book_id, clock.today())


def _units() -> list[tuple[str, str]]:
    """Return the units at which this person keeps books, by name."""
    own = units.units_by_ids(db.session(), current_actor().units(Permission.VISIT_WORK))
    return sorted(((str(unit.id), unit.name) for unit in own.values()), key=lambda one: one[1])


def _take_out_page(book: BookRow, values: dict[str, str], errors: dict[str, str]) -> str:
    officers = accounts.officers_at(db.session(), book.unit_id, clock.today())
    return render_template(
        "books/take_out.html",
        book=book,
        officers=[(str(officer.id), officer.full_name) for officer in officers],
        values=values,
        errors=errors,
    )


def _close_page(book: BookRow, values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("books/close.html", book=book, today=clock.today(), values=values, errors=errors)
