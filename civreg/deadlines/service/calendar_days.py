"""Lịch nghỉ và quy định nhắc: load the shipped calendar, let an administrator correct it, confirm a year, set notices.

A promised day stays promised: an edit counts for deadlines that are opened or resumed later. The open ones that it would
move are listed, and moved when a person confirms the list (`recounting`).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.deadlines.models import CalendarChange, CalendarDay, CalendarYear, Deadline, NoticeRule
from civreg.deadlines.queries import calendar_rows, forget_calendar
from civreg.deadlines.rules.coverage import DAYS_OFF_A_YEAR, covered_days
from civreg.deadlines.rules.notices import NoticeRuleRow
from civreg.deadlines.rules.shipped import OFF, shipped_rows, shipped_years
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, InvalidInput
from civreg.shared.text import nfc, two_digits

KINDS = {
    "holiday": "Ngày lễ, tết",
    "compensated_off": "Ngày nghỉ bù, hoán đổi",
    "swapped_working": "Ngày làm bù",
    "ordinary": "Ngày thường, không có trong lịch nghỉ",
}
"""Kinds of a listed day with the words people choose from."""

MOST_DAYS_BEFORE, MOST_HOURS_AFTER, MOST_HOURS_MISSED = 10, 240, 72
"""Bounds of a notice rule; two weeks of office days at most."""
_LONGEST = 300
_FRIDAY = 4
_Covered = tuple[date, date] | None
"""First and last day of the years that are entered."""
_SOURCE_MISSING = f"Ông/bà ghi số và ngày của thông báo nghỉ, không quá {_LONGEST} ký tự."
_FIRST_YEAR, _YEARS_AHEAD = 2010, 5
_ONE_EDIT = 0x63616C64  # "cald": keeps this advisory lock apart from others


def load_calendar(session: Session) -> int:
    """Write the shipped calendar; return how many days are new or changed (a second time: none).

    A day that an administrator edited is left as it is, and so is a year that somebody confirmed.
    """
    covered = _hold(session)
    _load_years(session)
    offered = [
        {
            "day": row.day,
            "kind": row.kind,
            "name": row.name,
            "source": row.source,
            "certainty": row.certainty,
            "edited_by": None,
        }
        for row in shipped_rows()
    ]
    statement = insert(CalendarDay).values(offered)
    new = statement.excluded
    changed = or_(
        CalendarDay.kind != new.kind,
        CalendarDay.name != new.name,
        CalendarDay.source != new.source,
        CalendarDay.certainty != new.certainty,
    )
    written = session.scalars(
        statement.on_conflict_do_update(
            index_elements=[CalendarDay.day],
            set_={"kind": new.kind, "name": new.name, "source": new.source, "certainty": new.certainty},
            where=CalendarDay.edited_by.is_(None) & changed,
        ).returning(CalendarDay.day)
    ).all()
    forget_calendar(session)
    if covered is not None and written:  # before the first load nothing was counted
        _note_change(session, min(written), max(written), covered)
    return len(written)


def _hold(session: Session) -> _Covered:
    """Let one edit of the calendar follow another, and return which days it covers now."""
    session.execute(select(func.pg_advisory_xact_lock(_ONE_EDIT)))
    return _covered(session)


def _covered(session: Session) -> _Covered:
    session.flush()
    return covered_days(session.scalars(select(CalendarDay.day).where(CalendarDay.kind.in_(OFF))))


def _note_change(session: Session, first_day: date, last_day: date, covered_before: _Covered) -> None:
    """Write down that these days changed; where a year came in or fell out, every later day did."""
    covered = _covered(session)
    if covered != covered_before:
        edges = {*(covered or ()), *(covered_before or ())} - ({*(covered or ())} & {*(covered_before or ())})
        first_day, last_day = min(first_day, *edges), date.max
    newest = session.scalar(select(func.max(CalendarChange.id))) or 0
    session.add(CalendarChange(id=newest + 1, first_day=first_day, last_day=last_day))
    session.flush()


def _load_years(session: Session) -> None:
    years = [
        {"year": year, "source": source, "confirmed_at": clock.now(), "confirmed_by": None}
        for year, source in shipped_years().items()
    ]
    session.execute(insert(CalendarYear).values(years).on_conflict_do_nothing(index_elements=["year"]))


def confirm_year(session: Session, actor: Actor, year: int, source: str) -> None:
    """Say that the listed days off of a year are those of the yearly notice (xác nhận lịch nghỉ); it stops ringing.

    Raises:
        NotAllowed: when the actor manages no unit.
        InvalidInput: when the source is missing, or so few days are listed that the year cannot be complete.
        Conflict: when somebody confirmed it meanwhile.
    """
    actor.require(Permission.UNITS_MANAGE)
    source = nfc(source).strip()
    if not 1 <= len(source) <= _LONGEST:
        raise InvalidInput(_SOURCE_MISSING, {"source": _SOURCE_MISSING})
    listed = sum(row.kind in OFF for row in calendar_rows(session, year))
    if listed < DAYS_OFF_A_YEAR:
        sentence = (
            f"Năm {year} mới có {two_digits(listed)} ngày nghỉ trong lịch; luật có ít nhất {DAYS_OFF_A_YEAR} ngày. "
            "Ông/bà nhập đủ rồi xác nhận."
        )
        raise InvalidInput(sentence, {"year": sentence})
    written = session.scalar(
        insert(CalendarYear)
        .values(year=year, source=source, confirmed_at=clock.now(), confirmed_by=actor.user_id)
        .on_conflict_do_nothing(index_elements=["year"])
        .returning(CalendarYear.year)
    )
    if written is None:
        raise Conflict(f"Lịch nghỉ năm {year} đã được xác nhận. Ông/bà tải lại trang để xem.")
    forget_calendar(session)
    audit.record(
        session,
        "calendar.year_confirmed",
        unit_id=None,
        actor_id=actor.user_id,
        subject_type="calendar_year",
        subject_id=None,
        year=year,
        source=source,
    )


def set_calendar_day(
    session: Session, actor: Actor, day: date, *, kind: str, name: str, source: str, certainty: str = "A"
) -> None:
    """Enter or correct one day of the calendar, with the notice it stands in.

    Raises:
        NotAllowed: when the actor manages no unit.
        InvalidInput: when the day, its kind, name or source cannot be used.
    """
    actor.require(Permission.UNITS_MANAGE)
    name, source = nfc(name).strip(), nfc(source).strip()
    wrong = _problems(day, kind, name, source, certainty)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    covered = _hold(session)
    found = session.get(CalendarDay, day, with_for_update=True)
    before = found.kind if found else None
    if found is None:
        found = CalendarDay(day=day)
        session.add(found)
    found.kind, found.name, found.source, found.certainty = kind, name, source, certainty
    found.edited_by = actor.user_id
    forget_calendar(session)
    if kind != before:
        _note_change(session, day, day, covered)
    _audit(session, actor, "calendar.day_set", day, kind=kind, before=before, certainty=certainty)


def set_notice_rule(session: Session, actor: Actor, procedure: str, rule: NoticeRuleRow) -> None:
    """Say when deadlines of a procedure are reminded of, when the head hears, when a trip counts as missed.

    Open ones follow from the next sweep.

    Raises:
        NotAllowed: when the actor manages no unit.
        InvalidInput: for days or hours out of bounds.
    """
    actor.require(Permission.UNITS_MANAGE)
    wrong: dict[str, str] = {}
    if not 0 <= rule.remind_before_days <= MOST_DAYS_BEFORE:
        wrong["remind_before_days"] = f"Ông/bà ghi một số từ 0 đến {MOST_DAYS_BEFORE}."
    if not 0 <= rule.escalate_after_hours <= MOST_HOURS_AFTER:
        wrong["escalate_after_hours"] = f"Ông/bà ghi một số từ 0 đến {MOST_HOURS_AFTER}."
    if not 1 <= rule.missed_after_hours <= MOST_HOURS_MISSED:
        wrong["missed_after_hours"] = f"Ông/bà ghi một số từ 1 đến {MOST_HOURS_MISSED}."
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    said = asdict(rule)
    values = {**said, "edited_by": actor.user_id}
    session.execute(
        insert(NoticeRule)
        .values(procedure=procedure, **values)
        .on_conflict_do_update(index_elements=["procedure"], set_=values)
    )
    waiting = (Deadline.procedure == procedure, Deadline.state == "open", Deadline.due_on.is_not(None))
    session.execute(update(Deadline).where(*waiting).values(next_notice_at=clock.now()))
    audit.record(
        session,
        "notice_rule.set",
        unit_id=None,
        actor_id=actor.user_id,
        subject_type="notice_rule",
        subject_id=None,
        procedure=procedure,
        **said,
    )


def _problems(day: date, kind: str, name: str, source: str, certainty: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    last_year = clock.today().year + _YEARS_AHEAD
    if not _FIRST_YEAR <= day.year <= last_year:
        wrong["day"] = f"Ông/bà nhập ngày từ năm {_FIRST_YEAR} đến năm {last_year}."
    if kind not in KINDS:
        wrong["kind"] = f"Ông/bà chọn một loại ngày: {', '.join(KINDS.values())}."
    elif kind == "swapped_working" and day.weekday() <= _FRIDAY:
        wrong["kind"] = "Ngày làm bù phải là thứ Bảy hoặc Chủ nhật. Ông/bà kiểm tra lại ngày."
    if not 1 <= len(name) <= _LONGEST:
        wrong["name"] = f"Ông/bà ghi tên ngày, ví dụ “Quốc khánh”, không quá {_LONGEST} ký tự."
    if not 1 <= len(source) <= _LONGEST:
        wrong["source"] = _SOURCE_MISSING
    if certainty not in {"A", "B", "C", "D"}:
        wrong["certainty"] = "Ông/bà chọn độ chắc chắn A, B, C hoặc D."
    return wrong


def _audit(session: Session, actor: Actor, action: str, day: date, **details: Any) -> None:
    audit.record(
        session,
        action,
        unit_id=None,
        actor_id=actor.user_id,
        subject_type="calendar_day",
        subject_id=None,
        day=day.isoformat(),
        **details,
    )
