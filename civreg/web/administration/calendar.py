"""Lịch nghỉ và quy định nhắc: the days of a year, corrected and confirmed with their notice; what an edit moves."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.service import CalendarMoves
from civreg.deadlines import queries
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules.notices import USUAL, NoticeRuleRow
from civreg.extensions import db
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.forms.answers import Answers, day_values

_FIRST_YEAR, _YEARS_AHEAD = 2010, 5
_PROMISED = {
    "call": "Gọi lại gia đình",
    "part": "Trả kết quả",
    "whole": "Trả cả hồ sơ liên thông",
    "family": "Hạn đăng ký của gia đình",
}


@blueprint.get("/lich-nghi")
@page(permission=Permission.UNITS_MANAGE)
def calendar() -> str:
    """Show the listed days of a year, who confirmed it, and how many promises wait to be moved."""
    return _calendar_page(_year(request.args.get("nam", "")))


def _year(typed: str) -> int:
    """Return the year an address asks for; anything else means this year."""
    today = clock.today()
    known = typed.isascii() and typed.isdigit() and len(typed) == len("2026")
    year = int(typed) if known else today.year
    return year if _FIRST_YEAR <= year <= today.year + _YEARS_AHEAD else today.year


def _calendar_page(year: int, answers: Answers | None = None) -> str:
    session, actor = db.session(), current_actor()
    confirmed = queries.confirmed_years(session)
    listed = {row.day.year for row in queries.calendar_rows(session)}
    return render_template(
        "administration/calendar.html",
        year=year,
        years=sorted(listed | set(confirmed) | {clock.today().year, clock.today().year + 1, year}),
        rows=queries.calendar_rows(session, year),
        confirmed=confirmed.get(year),
        ringing=queries.years_without_confirmation(session, clock.today()),
        kinds=deadlines.KINDS,
        moves=_how_many(cases.calendar_moves(session, actor)),
        values=answers.values if answers else {},
        errors=answers.errors if answers else {},
    )


def _how_many(moves: CalendarMoves) -> int:
    return len(moves.promises) + len(moves.families)


@blueprint.post("/lich-nghi/xac-nhan")
@page(permission=Permission.UNITS_MANAGE)
def confirm_year() -> ResponseReturnValue:
    """Confirm the days of a year with the notice they stand in."""
    answers, year = Answers(request.form), _year(request.form.get("year", ""))
    try:
        with transaction(db.session()) as session:
            deadlines.confirm_year(session, current_actor(), year, answers.values.get("source", ""))
    except Refusal as refusal:
        answers.take(refusal)
        return _calendar_page(year, answers), refusal.status
    flash(f"Đã xác nhận lịch nghỉ năm {year}.", "success")
    return redirect(url_for(".calendar", nam=year))


@blueprint.route("/lich-nghi/ngay", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def calendar_day() -> ResponseReturnValue:
    """Enter a day of the calendar, or correct the one in the address."""
    listed = _listed_day(request.args.get("ngay", ""))
    answers, status = Answers(request.form), 200
    if request.method == "POST":
        day = answers.day("day")
        if day is not None:
            try:
                with transaction(db.session()) as session:
                    deadlines.set_calendar_day(
                        session,
                        current_actor(),
                        day,
                        kind=answers.values.get("kind", ""),
                        name=answers.values.get("name", ""),
                        source=answers.values.get("source", ""),
                        certainty=answers.values.get("certainty", ""),
                    )
                    waiting = _how_many(cases.calendar_moves(session, current_actor()))
            except Refusal as refusal:
                answers.take(refusal)
            else:
                flash("Đã ghi vào lịch nghỉ. Hồ sơ nhận từ bây giờ tính theo lịch này.", "success")
                return redirect(url_for(".calendar_moves") if waiting else url_for(".calendar", nam=day.year))
        status = 422
    page_text = render_template(
        "administration/calendar_day.html",
        listed=listed,
        kinds=deadlines.KINDS,
        values=answers.values or _day_values(listed),
        errors=answers.errors,
    )
    return page_text, status


def _listed_day(typed: str) -> queries.CalendarDayRow | None:
    """Return the row of the day in the address, when there is one."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    rows = queries.calendar_rows(db.session(), day.year)
    return next((row for row in rows if row.day == day), None)


def _day_values(listed: queries.CalendarDayRow | None) -> dict[str, str]:
    if listed is None:
        return {"kind": "holiday", "certainty": "A"}
    return {
        **day_values("day", listed.day),
        "kind": listed.kind,
        "name": listed.name,
        "source": listed.source,
        "certainty": listed.certainty,
    }


@blueprint.route("/lich-nghi/doi-han", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def calendar_moves() -> ResponseReturnValue:
    """List the promises the calendar would move, added up by unit and day; a POST moves exactly these."""
    actor, problem, status = current_actor(), "", 200
    if request.method == "POST":
        try:
            with transaction(db.session()) as session:
                moved = cases.move_promises(session, actor, expected=request.form.get("expected", ""))
        except cases.MovesChanged as changed:
            problem, status = changed.sentence, changed.status
        else:
            flash(
                f"Đã đổi {_how_many(moved)} hạn theo lịch nghỉ. Mỗi hồ sơ ghi rõ ngày cũ và lý do.", "success"
            )
            return redirect(url_for(".calendar"))
    session = db.session()
    moves = cases.calendar_moves(session, actor)
    names = units.units_by_ids(session, {count.unit_id for count in moves.counts})
    page_text = render_template(
        "administration/calendar_moves.html",
        moves=moves,
        total=_how_many(moves),
        names=names,
        promised=_PROMISED,
        problem=problem,
    )
    return page_text, status


@blueprint.route("/nhac-han", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def notice_rules() -> ResponseReturnValue:
    """Show when each procedure is reminded of and when the head hears; a POST changes what differs."""
    answers, status = Answers(request.form), 200
    with transaction(db.session()) as session:
        known = queries.notice_rules(session)
        if request.method == "POST":
            for code in catalogue():
                wanted = _typed_rule(answers, code)
                if wanted is not None and not answers.errors and wanted != known.get(code, USUAL):
                    deadlines.set_notice_rule(session, current_actor(), code, wanted)
            if answers.errors:
                session.rollback()
    if request.method == "POST" and not answers.errors:
        flash("Đã lưu. Hồ sơ đang mở được nhắc theo quy định mới.", "success")
        return redirect(url_for(".notice_rules"))
    if answers.errors:
        status = 422
    page_text = render_template(
        "administration/notice_rules.html",
        procedures=catalogue().values(),
        values=answers.values or _rule_values(known),
        errors=answers.errors,
    )
    return page_text, status


def _typed_rule(answers: Answers, code: str) -> NoticeRuleRow | None:
    missing = "Ông/bà ghi một số; ghi 0 nếu không cần."
    before = answers.whole(f"{code}_before", 0, deadlines.MOST_DAYS_BEFORE, missing=missing)
    after = answers.whole(f"{code}_after", 0, deadlines.MOST_HOURS_AFTER, missing=missing)
    unmade = "Ông/bà ghi số giờ, ít nhất 1."
    missed = answers.whole(f"{code}_missed", 1, deadlines.MOST_HOURS_MISSED, missing=unmade)
    if before is None or after is None or missed is None:
        return None
    return NoticeRuleRow(before, after, missed)


def _rule_values(known: dict[str, NoticeRuleRow]) -> dict[str, str]:
    values: dict[str, str] = {}
    for code in catalogue():
        rule = known.get(code, USUAL)
        values[f"{code}_before"] = str(rule.remind_before_days)
        values[f"{code}_after"] = str(rule.escalate_after_hours)
        values[f"{code}_missed"] = str(rule.missed_after_hours)
    return values
