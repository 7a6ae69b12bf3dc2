"""Lịch đến nhà: the plan of a day, booking in two taps, recording what came of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Permission, Role
from civreg.cases import queries as cases
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput
from civreg.visits import queries as visits
from civreg.visits import service
from civreg.visits.rules import SlotTaken, purpose_for
from civreg.web.access import current_actor, page
from civreg.web.filters import weekday
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_values, read_hour, read_moment

blueprint = Blueprint("visits", __name__)

OUTCOMES = ("done", "nobody_home")
SLOTS_SHOWN = 12


@blueprint.get("/lich-den-nha")
@page(permission=Permission.VISIT_VIEW)
def index() -> ResponseReturnValue:
    """Show the plan of a day; opens on the next working day when today is off."""
    actor, session = current_actor(), db.session()
    today = clock.today()
    day = _asked_day() or visits.opening_day(session, today)
    return render_template(
        "visits/index.html",
        day=day,
        today=today,
        plan=visits.day_plan(session, actor, day),
        to_record=visits.visits_to_record(session, actor, clock.now()),
        week=[day + timedelta(days=offset - day.weekday()) for offset in range(7)],
        before=day - timedelta(days=7),
        after=day + timedelta(days=7),
    )


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("ngay", ""))
    except ValueError:
        return None


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
    starts_at = _slot_of(request.form.get("slot", "")) or read_moment(answers, "starts_at")
    officer_id = answers.identity("officer_id")
    if officer_id is None:
        answers.refuse("officer_id", "Ông/bà chọn người đi.")
    if answers.errors or starts_at is None or officer_id is None:
        return _booking_page(case_id, answers.values, answers.errors), 422
    purpose = purpose_for(_case(case_id).state)
    try:
        with transaction(db.session()) as session:
            service.book_visit(
                session,
                current_actor(),
                case_id=case_id,
                expected_version=_version(),
                officer_id=officer_id,
                starts_at=starts_at,
                purpose=purpose,
            )
    except SlotTaken as taken:
        return _booking_page(case_id, answers.values, {"": taken.sentence}, taken), 409
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
    with transaction(db.session()) as session:
        service.join_visit(session, current_actor(), visit_id, case_id, _version())
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
    """Record what came of a booked trip, then lead to what is next."""
    answers = Answers(request.form)
    outcome = answers.choice(
        "outcome", OUTCOMES, missing="Ông/bà chọn: đã gặp hay không gặp gia đình."
    )
    visit = visits.visit_page(db.session(), current_actor(), visit_id)
    if not answers.errors:
        try:
            with transaction(db.session()) as session:
                service.record_visit(
                    session,
                    current_actor(),
                    visit_id,
                    "done" if outcome == "done" else "nobody_home",
                    request.form.get("note", ""),
                    expected_version=_version(),
                )
        except InvalidInput as refusal:
            answers.take(refusal)
        else:
            flash(
                "Đã ghi kết quả chuyến đi."
                if outcome == "done"
                else "Đã ghi không gặp gia đình; hồ sơ trở lại danh sách cần gọi.",
                "success",
            )
            if outcome == "done" and len(visit.cases) == 1:
                return redirect(url_for("cases.show", case_id=visit.cases[0].case_id))
            return redirect(url_for("visits.show", visit_id=visit_id))
    return _visit_page(visit_id, answers.values, answers.errors), 422


@blueprint.post("/lich-den-nha/<uuid:visit_id>/huy")
@page(permission=Permission.VISIT_WORK)
def cancel(visit_id: UUID) -> ResponseReturnValue:
    """Cancel a booking; the family is called again."""
    answers = Answers(request.form)
    try:
        with transaction(db.session()) as session:
            service.cancel_visit(
                session,
                current_actor(),
                visit_id,
                request.form.get("reason", ""),
                expected_version=_version(),
            )
    except InvalidInput as refusal:
        answers.take(refusal)
        return _visit_page(visit_id, answers.values, answers.errors), 422
    flash("Đã huỷ lịch. Ông/bà gọi cho gia đình để hẹn lại.", "success")
    return redirect(url_for("visits.show", visit_id=visit_id))


@blueprint.route("/lich-den-nha/<uuid:visit_id>/doi-gio", methods=["GET", "POST"])
@page(permission=Permission.VISIT_WORK)
def move(visit_id: UUID) -> ResponseReturnValue:
    """Move a booking to another time."""
    visit = visits.visit_page(db.session(), current_actor(), visit_id)
    if request.method == "GET":
        return render_template(
            "visits/move.html", visit=visit, values=moment_values("starts_at", visit.starts_at), errors={}
        )
    answers = Answers(request.form)
    starts_at = read_moment(answers, "starts_at")
    if starts_at is not None and not answers.errors:
        try:
            with transaction(db.session()) as session:
                service.move_visit(
                    session, current_actor(), visit_id, starts_at=starts_at, expected_version=_version()
                )
        except SlotTaken as taken:
            answers.refuse("", taken.sentence)
        except InvalidInput as refusal:
            answers.take(refusal)
        else:
            flash("Đã đổi giờ. Ông/bà báo lại cho gia đình.", "success")
            return redirect(url_for("visits.show", visit_id=visit_id))
    return render_template("visits/move.html", visit=visit, values=answers.values, errors=answers.errors), 422


@blueprint.route("/ho-so/<uuid:case_id>/chuyen-da-di", methods=["GET", "POST"])
@page(permission=Permission.VISIT_WORK)
def record_past(case_id: UUID) -> ResponseReturnValue:
    """Record a trip that was made without a booking."""
    case = _case(case_id)
    officers = _officers(case.unit_id)
    if request.method == "GET":
        start = moment_values("starts_at", clock.now() - timedelta(hours=1))
        values = {"officer_id": str(current_actor().user_id), "outcome": "done", **start}
        values["ends_at_time"] = f"{clock.now():%H:%M}"
        return render_template(
            "visits/record_past.html", case=case, officers=officers, values=values, errors={}
        )
    answers = Answers(request.form)
    outcome = answers.choice("outcome", OUTCOMES, missing="Ông/bà chọn: đã gặp hay không gặp.")
    starts_at = read_moment(answers, "starts_at", not_after=clock.today())
    ends = read_hour(answers, "ends_at_time")
    officer_id = answers.identity("officer_id")
    if officer_id is None:
        answers.refuse("officer_id", "Ông/bà chọn người đã đi.")
    if not answers.errors and starts_at and ends and officer_id:
        try:
            with transaction(db.session()) as session:
                service.record_past_visit(
                    session,
                    current_actor(),
                    case_id=case_id,
                    officer_id=officer_id,
                    starts_at=starts_at,
                    ends_at=datetime.combine(starts_at.date(), ends, clock.ZONE),
                    outcome="done" if outcome == "done" else "nobody_home",
                    note=request.form.get("note", ""),
                )
        except InvalidInput as refusal:
            answers.take(refusal)
        else:
            flash("Đã ghi chuyến đi.", "success")
            return redirect(url_for("cases.show", case_id=case_id))
    return render_template(
        "visits/record_past.html", case=case, officers=officers, values=answers.values, errors=answers.errors
    ), 422


def _version() -> int:
    typed = request.form.get("expected_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _slot_of(typed: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _case(case_id: UUID) -> cases.CasePage:
    with transaction(db.session()) as session:
        return cases.case_page(session, current_actor(), case_id)


def _officers(unit_id: int) -> list[tuple[str, str]]:
    officers = accounts.officers_at(db.session(), unit_id, clock.today())
    return [(str(officer.id), officer.full_name) for officer in officers]


def _booking_page(
    case_id: UUID, values: dict[str, str], errors: dict[str, str], taken: SlotTaken | None = None
) -> str:
    case, actor, session = _case(case_id), current_actor(), db.session()
    officers = _officers(case.unit_id)
    chosen = (
        values.get("officer_id") or request.args.get("officer_id") or _default_officer(officers, actor.roles)
    )
    slots = (
        visits.free_slots(session, case.unit_id, UUID(chosen), clock.today(), SLOTS_SHOWN) if chosen else []
    )
    by_day: dict[date, list[datetime]] = {}
    for slot in slots:
        by_day.setdefault(slot.starts_at.date(), []).append(slot.starts_at)
    return render_template(
        "visits/book.html",
        case=case,
        officers=officers,
        chosen=chosen,
        by_day=by_day,
        values={**moment_values("starts_at", clock.now() + timedelta(days=1)), **values},
        errors=errors,
        taken=taken,
    )


def _default_officer(officers: list[tuple[str, str]], roles: frozenset[Role]) -> str:
    """Return the one who books when she drives herself, else the first of the unit."""
    own = str(current_actor().user_id)
    if Role.OFFICER in roles and any(officer_id == own for officer_id, _ in officers):
        return own
    return officers[0][0] if officers else ""


def _visit_page(visit_id: UUID, values: dict[str, str], errors: dict[str, str]) -> str:
    with transaction(db.session()) as session:
        visit = visits.visit_page(session, current_actor(), visit_id)
        phones = service.phones_of_visit(session, current_actor(), visit_id)
    return render_template(
        "visits/show.html", visit=visit, phones=phones, values=values, errors=errors, today=clock.today()
    )
