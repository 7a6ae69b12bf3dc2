"""Sổ thư và cách làm: the letter book of a unit and year, and what its head sets for the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import export, service
from civreg.letters import queries as letters
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotAllowed, NotFound, Refusal
from civreg.units import queries as units
from civreg.units.rules import name_sort_key
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.letters.blueprint import blueprint, pdf

_DAY = timedelta(days=1)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/thu/so")
@page(permission=Permission.LETTER_VIEW)
def books() -> ResponseReturnValue:
    """List the units whose letter book is open to the actor; with one unit, lead to its book."""
    session, actor, today = db.session(), current_actor(), clock.today()
    own = units.participating_ids(session, today) & actor.units(Permission.LETTER_VIEW)
    known = units.units_by_ids(session, own | letters.units_of_letters(session, actor))
    found = sorted(known.values(), key=lambda unit: (not unit.holds_on(today), name_sort_key(unit.name)))
    if len(found) == 1:
        return redirect(url_for("letters.book", unit_id=found[0].id))
    last_days = {unit.id: unit.valid_to - _DAY for unit in found if unit.valid_to and unit.valid_to <= today}
    return render_template("letters_pages/books.html", units=found, last_days=last_days, year=today.year)


@blueprint.get("/thu/so/<int:unit_id>")
@page(permission=Permission.LETTER_VIEW)
def book(unit_id: int) -> ResponseReturnValue:
    """Show the book of a year, every number with its letter."""
    return _book_page(unit_id)


@blueprint.get("/thu/so/<int:unit_id>.pdf")
@page(permission=Permission.LETTER_VIEW)
def book_pdf(unit_id: int) -> Response:
    """Give the book of a year as paper."""
    return pdf(export.book_pdf(_book(unit_id)), "so-thu.pdf")


@blueprint.get("/thu/so/<int:unit_id>.xlsx")
@page(permission=Permission.LETTER_VIEW)
def book_xlsx(unit_id: int) -> Response:
    """Give the book of a year as a workbook."""
    response = Response(export.book_xlsx(_book(unit_id)), mimetype=_XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="so-thu.xlsx"'
    return response


@blueprint.post("/thu/so/<int:unit_id>/so-dau")
@page(permission=Permission.LETTER_APPROVE)
def start_book(unit_id: int) -> ResponseReturnValue:
    """Let this year's numbers begin after those of the book on paper."""
    answers = Answers(request.form)
    first = _number(answers, "first_number", "Ông/bà ghi số đầu từ 1 đến 100.000.")
    year = clock.today().year

    def act() -> None:
        with transaction(db.session()) as session:
            service.start_book(session, current_actor(), unit_id, year=year, first_number=first)

    return _done(unit_id, answers, act, f"Sổ thư năm {year} bắt đầu từ số {first:02d}/{year}.")


@blueprint.post("/thu/so/<int:unit_id>/cach-lam")
@page(permission=Permission.LETTER_APPROVE)
def set_desk(unit_id: int) -> ResponseReturnValue:
    """Set after how many days letters wait too long, and how long after a death a person decides."""
    answers = Answers(request.form)
    mourning = _number(answers, "mourning_days", "Ông/bà ghi số ngày từ 1 đến 730.")
    waiting = _number(answers, "waiting_days", "Ông/bà ghi số ngày từ 1 đến 365.")

    def act() -> None:
        with transaction(db.session()) as session:
            service.set_desk(session, current_actor(), unit_id, mourning_days=mourning, waiting_days=waiting)

    return _done(unit_id, answers, act, "Đã đổi cách làm của bàn thư.")


def _done(unit_id: int, answers: Answers, act: Callable[[], None], sentence: str) -> ResponseReturnValue:
    status = 422
    if not answers.errors:
        try:
            act()
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            answers.take(refusal)
            status = refusal.status
        else:
            flash(sentence, "success")
            return redirect(url_for("letters.book", unit_id=unit_id))
    return _book_page(unit_id, answers.values, answers.errors), status


def _number(answers: Answers, field: str, missing: str) -> int:
    typed = answers.text(field, missing=missing)
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 7):
        answers.refuse(field, missing)
        return 0
    return int(typed or 0)


def _year() -> int:
    asked = request.args.get("nam", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else clock.today().year


def _book(unit_id: int) -> letters.LetterBook:
    with transaction(db.session()) as session:
        return letters.letter_book(session, current_actor(), unit_id, _year())


def _book_page(
    unit_id: int, values: dict[str, str] | None = None, errors: dict[str, str] | None = None
) -> str:
    found = _book(unit_id)
    settings = letters.settings_of(db.session(), unit_id)
    stored = {
        "mourning_days": str(settings.mourning_days),
        "waiting_days": str(settings.waiting_days),
        "first_number": str(found.state.first_number),
    }
    return render_template(
        "letters_pages/book.html",
        book=found,
        settings=settings,
        values={**stored, **(values or {})},
        errors=errors or {},
        may_set=current_actor().may(Permission.LETTER_APPROVE, unit_id),
        this_year=clock.today().year,
    )
