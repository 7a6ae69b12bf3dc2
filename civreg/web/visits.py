"""Lịch đến nhà: the plan of a day, booking in two taps, recording what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Permission, Role
from civreg.cases.queries import CasePage
from civreg.cases.rules import Action, State, open_actions
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput
from civreg.visits import queries as visits
from civreg.visits import service
from civreg.visits.rules import Book, BookNeed, BookTaken, SlotTaken, book_need, likely_book, purpose_for
from civreg.visits.service.carrying import NOT_OFFERED
from civreg.web.access import current_actor, page
from civreg.web.days import day_off_words
from civreg.web.filters import weekday
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import day_of, moment_of, moment_values, read_hour, read_moment
from civreg.web.opened import open_case, typed_version

blueprint = Blueprint("visits", __name__)

OUTCOMES = ("done", "nobody_home")
SLOTS_SHOWN = 24


@blueprint.get("/lich-den-nha")
@page(permission=Permission.VISIT_VIEW)
def index() -> ResponseReturnValue:
    """Show the plan of a day; opens on the next working day when today is off, and says why."""
    actor, session = current_actor(), db.session()
    today = clock.today()
    asked = day_of(request.args.get("ngay", ""))
    day = asked or visits.opening_day(session, today)
    return render_template(
        "visits/index.html",
        day=day,
        today=today,
        day_off=day_off_words(session, day),
        skipped=day_off_words(session, today) if day != today and asked is None else "",
        plan=visits.day_plan(session, actor, day),
        to_record=visits.visits_to_record(session, actor, clock.now()),
        week=[day + timedelta(days=offset - day.weekday()) for offset in range(7)],
        before=day - timedelta(days=7),
        after=day + timedelta(days=7),
    )


@blueprint.get("/ho-so/<uuid:case_id>/lich-den-nha")
@page(permission=Permission.VISIT_WORK)
def book(case_id: UUID) -> ResponseReturnValue:
    """Offer the next free slots: one tap opens this page, one tap books."""
    return _booking_page(case_id, {}, {})


@blueprint.post("/ho-so/<uuid:case_id>/lich-den-nha")
@page(permission=Permission.VISIT_WORK)
def create(case_id: UUID) -> ResponseReturnValue:
    """Book a slot that was tapped, or a time that was typed."""
    answers = Answers(request.form)
    starts_at = moment_of(request.form.get("slot", "")) or read_moment(answers, "starts_at")
    officer_id = answers.identity("officer_id")
    if officer_id is None:
        answers.refuse("officer_id", "Ông/bà chọn người đi.")
    book_id = answers.identity("book_id")
    if book_id is None and answers.values.get("book_id"):
        answers.refuse("book_id", NOT_OFFERED)
    if answers.errors or starts_at is None or officer_id is None:
        return _booking_page(case_id, answers.values, answers.errors), 422
    purpose = purpose_for(open_case(case_id).state)
    try:
        with transaction(db.session()) as session:
            service.book_visit(
                session,
                current_actor(),
                case_id=case_id,
                expected_version=typed_version(),
                officer_id=officer_id,
                starts_at=starts_at,
                purpose=purpose,
                register_book_id=book_id,
            )
    except (SlotTaken, BookTaken) as taken:
        return _booking_page(case_id, answers.values, {"": taken.sentence}, taken), 409
    except Conflict as clash:
        return _booking_page(case_id, answers.values, {"": clash.sentence}), 409
    except InvalidInput as refusal:
        answers.take(refusal)
        return _booking_page(case_id, answers.values, answers.errors), 422
    when = starts_at.astimezone(clock.ZONE)
    flash(f"Đã hẹn {when:%H:%M} {weekday(when.date())}. Gia đình tra cứu sẽ thấy giờ hẹn này.", "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/lich-den-nha/<uuid:visit_id>/ghep/<uuid:case_id>")
@page(permission=Permission.VISIT_WORK)
def join(visit_id: UUID, case_id: UUID) -> ResponseReturnValue:
    """Put the case into a trip that is booked already (ghép chuyến)."""
    try:
        with transaction(db.session()) as session:
            service.join_visit(session, current_actor(), visit_id, case_id, typed_version())
    except Conflict as clash:
        return _booking_page(case_id, {}, {"": clash.sentence}), 409
    flash("Đã ghép vào chuyến đã hẹn.", "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.get("/lich-den-nha/<uuid:visit_id>")
@page(permission=Permission.VISIT_VIEW)
def show(visit_id: UUID) -> ResponseReturnValue:
    """Show one trip with whom to call, and what can be done with it."""
    return _visit_page(visit_id, {}, {})


@blueprint.post("/lich-den-nha/<uuid:visit_id>/ket-qua")
@page(permission=Permission.VISIT_WORK)
def record(visit_id: UUID) -> ResponseReturnValue:
    """Record what came of a booked trip, then lead to what is next: the papers, or the call."""
    answers = Answers(request.form)
    outcome = answers.choice("outcome", OUTCOMES, missing="Ông/bà chọn: đã gặp hay không gặp gia đình.")
    visit = visits.visit_page(db.session(), current_actor(), visit_id)

    def act(session: Session) -> None:
        service.record_visit(
            session,
            current_actor(),
            visit_id,
            "done" if outcome == "done" else "nobody_home",
            request.form.get("note", ""),
            expected_version=typed_version(),
        )

    refused = _change_visit(visit_id, answers, act)
    if refused is not None:
        return refused
    if outcome == "nobody_home":
        flash("Đã ghi không gặp gia đình. Ông/bà gọi để hẹn lại.", "success")
    elif len(visit.cases) == 1:
        return _after_meeting(visit.cases[0].case_id, min(visit.ends_at, clock.now()))
    else:
        flash("Đã ghi kết quả chuyến đi.", "success")
    return redirect(url_for("visits.show", visit_id=visit_id))


@blueprint.post("/lich-den-nha/<uuid:visit_id>/huy")
@page(permission=Permission.VISIT_WORK)
def cancel(visit_id: UUID) -> ResponseReturnValue:
    """Cancel a booking; the family is called again."""

    def act(session: Session) -> None:
        service.cancel_visit(
            session,
            current_actor(),
            visit_id,
            request.form.get("reason", ""),
            expected_version=typed_version(),
        )

    refused = _change_visit(visit_id, Answers(request.form), act)
    if refused is not None:
        return refused
    flash("Đã huỷ lịch. Ông/bà gọi cho gia đình để hẹn lại.", "success")
    return redirect(url_for("visits.show", visit_id=visit_id))


@blueprint.post("/lich-den-nha/<uuid:visit_id>/so")
@page(permission=Permission.VISIT_WORK)
def choose_books(visit_id: UUID) -> ResponseReturnValue:
    """Choose the register books that a booked trip carries."""
    answers = Answers(request.form)
    chosen: set[UUID] = set()
    visit = visits.visit_page(db.session(), current_actor(), visit_id)
    for need in visit.needs:
        offered = {str(book.id) for book in visits.books_for(db.session(), visit.unit_id, need)}
        typed = answers.values.get(book_field(need), "")
        if typed in offered:
            chosen.add(UUID(typed))
        elif typed:
            answers.refuse(book_field(need), NOT_OFFERED)

    def act(session: Session) -> None:
        service.choose_books(session, current_actor(), visit_id, chosen, expected_version=typed_version())

    refused = _change_visit(visit_id, answers, act)
    if refused is not None:
        return refused
    flash("Đã ghi sổ mang theo chuyến này." if chosen else "Chuyến này chưa chọn sổ.", "success")
    return redirect(url_for("visits.show", visit_id=visit_id))


def book_field(need: BookNeed) -> str:
    """Return the name of the choice among the books that would do for a need."""
    return f"book_{need.kind}_{need.year or 'nay'}"


@blueprint.route("/lich-den-nha/<uuid:visit_id>/doi-gio", methods=["GET", "POST"])
@page(permission=Permission.VISIT_WORK)
def move(visit_id: UUID) -> ResponseReturnValue:
    """Move a booking to another time."""
    visit = visits.visit_page(db.session(), current_actor(), visit_id)
    if request.method == "GET":
        return render_template(
            "visits/move.html", visit=visit, values=moment_values("starts_at", visit.starts_at), errors={}
        )
    answers, status = Answers(request.form), 422
    starts_at = read_moment(answers, "starts_at")
    if starts_at is not None and not answers.errors:
        try:
            with transaction(db.session()) as session:
                service.move_visit(
                    session, current_actor(), visit_id, starts_at=starts_at, expected_version=typed_version()
                )
        except (Conflict, InvalidInput) as refusal:
            answers.take(refusal)
            status = refusal.status
        else:
            flash("Đã đổi giờ. Ông/bà báo lại cho gia đình.", "success")
            return redirect(url_for("visits.show", visit_id=visit_id))
    visit = visits.visit_page(db.session(), current_actor(), visit_id)
    return render_template(
        "visits/move.html", visit=visit, values=answers.values, errors=answers.errors
    ), status


@blueprint.route("/ho-so/<uuid:case_id>/chuyen-da-di", methods=["GET", "POST"])
@page(permission=Permission.VISIT_WORK)
def record_past(case_id: UUID) -> ResponseReturnValue:
    """Record a trip that was made without a booking, then take the papers in one go."""
    case = open_case(case_id)
    officers = _officers(case.unit_id)
    if request.method == "GET":
        start = moment_values("starts_at", clock.now() - timedelta(hours=1))
        values = {"officer_id": _default_officer(officers), "outcome": "done", **start}
        values["ends_at_time"] = f"{clock.now():%H:%M}"
        return render_template(
            "visits/record_past.html", case=case, officers=officers, values=values, errors={}
        )
    answers = Answers(request.form)
    ends_at = _record_past(case_id, answers)
    if ends_at is not None:
        if answers.values["outcome"] == "done":
            return _after_meeting(case_id, ends_at)
        flash("Đã ghi chuyến đi: không gặp gia đình.", "success")
        return redirect(url_for("cases.show", case_id=case_id))
    return render_template(
        "visits/record_past.html", case=case, officers=officers, values=answers.values, errors=answers.errors
    ), 422


@blueprint.route("/lich-den-nha/<uuid:visit_id>/xin-loi", methods=["GET", "POST"])
@page(permission=Permission.CASE_SIGN)
def sign_apology(visit_id: UUID) -> ResponseReturnValue:
    """Sign the apology for a trip that nobody made: why, and the one new time."""
    answers, status = Answers(request.form), 200
    visit = visits.visit_page(db.session(), current_actor(), visit_id)
    apology = visits.apology_of_visit(db.session(), visit_id)
    if apology is None or (request.method == "GET" and apology.state != "draft"):
        flash("Chuyến này không còn phiếu xin lỗi chờ ký.", "quiet")
        return redirect(url_for("visits.show", visit_id=visit_id))
    if request.method == "POST":
        status, new_at = 422, read_moment(answers, "starts_at")
        try:
            if new_at is not None and not answers.errors:
                with transaction(db.session()) as session:
                    service.sign_visit_apology(
                        session,
                        current_actor(),
                        visit_id,
                        expected_version=typed_version(),
                        reason=answers.values.get("reason", ""),
                        new_at=new_at,
                    )
                flash(
                    "Đã ký, chuyến đi đã đổi giờ. Gia đình tra cứu thấy lời xin lỗi; công chức báo cho gia đình.",
                    "success",
                )
                return redirect(url_for("visits.show", visit_id=visit_id))
        except (Conflict, InvalidInput) as refusal:
            answers.take(refusal)
            status = refusal.status
    return render_template(
        "visits/sign_apology.html", visit=visit, apology=apology, values=answers.values, errors=answers.errors
    ), status


@blueprint.post("/lich-den-nha/<uuid:visit_id>/xin-loi/da-bao")
@page(permission=Permission.VISIT_WORK)
def send_apology(visit_id: UUID) -> ResponseReturnValue:
    """Note how the family was told of the apology and the new time."""
    answers = Answers(request.form)

    def act(session: Session) -> None:
        service.send_visit_apology(
            session,
            current_actor(),
            visit_id,
            expected_version=typed_version(),
            how=answers.values.get("how", ""),
        )

    refused = _change_visit(visit_id, answers, act)
    if refused is not None:
        return refused
    flash("Đã ghi là đã báo cho gia đình.", "success")
    return redirect(url_for("visits.show", visit_id=visit_id))


def _record_past(case_id: UUID, answers: Answers) -> datetime | None:
    """Write the trip down and return when it ended; None with what to correct in `answers`."""
    officer_id = answers.identity("officer_id")
    if officer_id is None:
        answers.refuse("officer_id", "Ông/bà chọn người đã đi.")
    starts_at = read_moment(answers, "starts_at", not_after=clock.today())
    ends = read_hour(answers, "ends_at_time")
    outcome = answers.choice("outcome", OUTCOMES, missing="Ông/bà chọn: đã gặp hay không gặp.")
    if answers.errors or starts_at is None or ends is None or officer_id is None:
        return None
    ends_at = datetime.combine(starts_at.date(), ends, clock.ZONE)
    try:
        with transaction(db.session()) as session:
            service.record_past_visit(
                session,
                current_actor(),
                case_id=case_id,
                officer_id=officer_id,
                starts_at=starts_at,
                ends_at=ends_at,
                outcome="done" if outcome == "done" else "nobody_home",
                note=answers.values.get("note", ""),
            )
    except InvalidInput as refusal:
        for field, sentence in (refusal.fields or {"": refusal.sentence}).items():
            answers.refuse("ends_at_time" if field == "ends_at" else field, sentence)
        return None
    return ends_at


def _after_meeting(case_id: UUID, met_until: datetime) -> ResponseReturnValue:
    """Lead on from a family that was met: to taking its papers, to handing over the result, or to the case."""
    case = open_case(case_id)
    actions = open_actions(case.rules.flow, case.state)
    if Action.RECEIVE_DOSSIER in actions:
        flash("Đã ghi chuyến đi. Gia đình đủ giấy tờ thì nhận hồ sơ luôn ở đây.", "success")
        return redirect(url_for("cases.receive", case_id=case_id, luc=met_until.isoformat()))
    flash("Đã ghi chuyến đi.", "success")
    if case.state == State.REGISTERED:
        return redirect(url_for("cases.deliver", case_id=case_id))
    return redirect(url_for("cases.show", case_id=case_id))


def _change_visit(
    visit_id: UUID, answers: Answers, act: Callable[[Session], None]
) -> ResponseReturnValue | None:
    """Run one service on a booking; return the visit's page with what was typed when it was refused."""
    status = 422
    if not answers.errors:
        try:
            with transaction(db.session()) as session:
                act(session)
        except (Conflict, InvalidInput) as refusal:
            answers.take(refusal)
            status = refusal.status
        else:
            return None
    return _visit_page(visit_id, answers.values, answers.errors), status


def _officers(unit_id: int) -> list[tuple[str, str]]:
    officers = accounts.officers_at(db.session(), unit_id, clock.today())
    return [(str(officer.id), officer.full_name) for officer in officers]


def _books_for(case: CasePage) -> tuple[BookNeed | None, list[Book]]:
    """Return which register book the next visit of the case carries, and the unit's books that would do."""
    need = book_need(case.rules, case.registered_at) if purpose_for(case.state) == "return" else None
    return need, visits.books_for(db.session(), case.unit_id, need) if need else []


def _chosen_book(case: CasePage, books: list[Book], values: dict[str, str]) -> str:
    """Return the id of the book that was asked for, else of the likely one; empty when none is to be chosen yet."""
    asked = values.get("book_id", request.args.get("book_id"))
    if asked is not None:
        return asked if asked in {str(book.id) for book in books} else ""
    likely = likely_book(books, case.codes.get("register_book", ""))
    return str(likely.id) if likely else ""


def _booking_page(
    case_id: UUID,
    values: dict[str, str],
    errors: dict[str, str],
    taken: SlotTaken | BookTaken | None = None,
) -> str:
    case: CasePage = open_case(case_id)
    session = db.session()
    officers = _officers(case.unit_id)
    asked = values.get("officer_id") or request.args.get("officer_id", "")
    chosen = asked if asked in dict(officers) else _default_officer(officers)
    need, books = _books_for(case)
    book = _chosen_book(case, books, values)
    slots = (
        visits.free_slots(
            session,
            case.unit_id,
            UUID(chosen),
            clock.today(),
            SLOTS_SHOWN,
            book_id=UUID(book) if book else None,
        )
        if chosen
        else []
    )
    first = visits.first_visit_of(session, case_id) if need else None
    by_day: dict[date, list[datetime]] = {}
    for slot in slots:
        by_day.setdefault(slot.starts_at.date(), []).append(slot.starts_at)
    return render_template(
        "visits/book.html",
        case=case,
        officers=officers,
        chosen=chosen,
        need=need,
        books=[(str(one.id), one.choice(need)) for one in books] if need else [],
        book=book,
        first=visits.visit_page(session, current_actor(), first) if first else None,
        by_day=by_day,
        values={**moment_values("starts_at", clock.now() + timedelta(days=1)), **values},
        errors=errors,
        taken=taken,
    )


def _default_officer(officers: list[tuple[str, str]]) -> str:
    """Return the one who acts when she drives herself, else the first of the unit."""
    actor = current_actor()
    own = str(actor.user_id)
    if Role.OFFICER in actor.roles and own in dict(officers):
        return own
    return officers[0][0] if officers else ""


def _visit_page(visit_id: UUID, values: dict[str, str], errors: dict[str, str]) -> str:
    with transaction(db.session()) as session:
        visit = visits.visit_page(session, current_actor(), visit_id)
        phones = service.phones_of_visit(session, current_actor(), visit_id)
        offered = [(need, visits.books_for(session, visit.unit_id, need)) for need in visit.needs]
        bag = letters.bag(session, current_actor(), [case.case_id for case in visit.cases])
    carried = {book.id for book in visit.books}
    choices = [
        (book_field(need), need, books, next((str(book.id) for book in books if book.id in carried), ""))
        for need, books in offered
    ]
    return render_template(
        "visits/show.html",
        visit=visit,
        may_work=current_actor().may(Permission.VISIT_WORK, visit.unit_id),
        phones=phones,
        book_choices=choices,
        bag=bag,
        apology=visits.apology_of_visit(session, visit_id),
        may_sign=current_actor().may(Permission.CASE_SIGN, visit.unit_id),
        values={**{field: chosen for field, _, _, chosen in choices}, **values},
        errors=errors,
        today=clock.today(),
    )
