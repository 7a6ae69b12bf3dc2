"""Lịch nghỉ: load the shipped calendar into the database, and let an administrator correct it.

A promised day stays promised: an edit counts for deadlines that are opened or resumed later.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.deadlines.models import CalendarDay
from civreg.deadlines.queries import forget_calendar
from civreg.deadlines.rules.shipped import shipped_rows
from civreg.shared import audit, clock
from civreg.shared.errors import InvalidInput, NotFound
from civreg.shared.text import format_date_vi, nfc

KINDS = {
    "holiday": "Ngày lễ, tết",
    "compensated_off": "Ngày nghỉ bù, hoán đổi",
    "swapped_working": "Ngày làm bù",
}
"""Kinds of a listed day with the words people choose from."""

_LONGEST = 300
_FRIDAY = 4
_FIRST_YEAR, _YEARS_AHEAD = 2010, 5


def load_calendar(session: Session) -> int:
    """Write the shipped calendar; return how many days are new or changed (a second time: none).

    A day that an administrator edited is left as it is.
    """
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
    return len(written)


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
    found = session.get(CalendarDay, day, with_for_update=True)
    before = found.kind if found else None
    if found is None:
        found = CalendarDay(day=day)
        session.add(found)
    found.kind, found.name, found.source, found.certainty = kind, name, source, certainty
    found.edited_by = actor.user_id
    forget_calendar(session)
    _audit(session, actor, "calendar.day_set", day, kind=kind, before=before, certainty=certainty)


def remove_calendar_day(session: Session, actor: Actor, day: date) -> None:
    """Take a day out of the calendar: from now on it follows the plain week.

    A shipped day comes back with the next `load_calendar`; to overrule one for good, set it to another kind.

    Raises:
        NotAllowed: when the actor manages no unit.
        NotFound: when the day is not listed.
    """
    actor.require(Permission.UNITS_MANAGE)
    found = session.get(CalendarDay, day, with_for_update=True)
    if found is None:
        raise NotFound(
            f"Ngày {format_date_vi(day)} không có trong lịch nghỉ. Ông/bà tải lại trang lịch nghỉ."
        )
    before = found.kind
    session.delete(found)
    forget_calendar(session)
    _audit(session, actor, "calendar.day_removed", day, before=before)


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
        wrong["source"] = f"Ông/bà ghi số và ngày của thông báo nghỉ, không quá {_LONGEST} ký tự."
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
