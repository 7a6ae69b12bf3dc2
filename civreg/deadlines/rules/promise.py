"""Ngày hẹn của một hồ sơ: the due day of every part and of the whole, and the family's own last day.

One algorithm for every procedure: the version says the limits, this module counts them. An unknown limit gives
no day and the reason "chưa xác nhận".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from civreg.deadlines.rules.calendar import Calendar
from civreg.deadlines.rules.hours import hours_due
from civreg.deadlines.rules.reasons import Due, Reason
from civreg.deadlines.rules.terms import (
    AfterCutoff,
    calendar_days_due,
    last_moment,
    local,
    same_day_due,
    working_days_after,
    working_days_due,
)
from civreg.procedures.rules import CitizenDeadline, Limit, PartDeadline, PartRule, ProcedureVersion
from civreg.shared.errors import InvalidInput
from civreg.shared.text import nfc

_LONGEST_ROLL = timedelta(days=31)

FLAGS = {
    "verification": "phải xác minh",
    "incomplete": "hồ sơ phải bổ sung cho cơ quan sau",
    "remote": "xã ở xa, đi lại khó khăn, không có mạng",
    "recognition": "kết hợp đăng ký nhận cha, mẹ, con",
}
"""Circumstances that may change a limit, with the words for the reason."""


@dataclass(frozen=True, slots=True)
class PartDue:
    """Hạn của một thủ tục thành phần."""

    part: str
    title: str
    agency: str
    due_on: date | None
    reasons: tuple[Reason, ...]
    source: str
    certainty: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CitizenDue:
    """Hạn của công dân: last day to be on time; `late` None when it cannot be said, `days_late` when not late or not known."""

    due_on: date | None
    late: bool | None
    reasons: tuple[Reason, ...]
    source: str
    certainty: str
    days_late: int | None = None


@dataclass(frozen=True, slots=True)
class ProcedureDue:
    """Mọi hạn của một hồ sơ, the promise to the family being `due_on`; `of_the_whole` where a text limits the whole."""

    version: str
    received_at: datetime
    parts: tuple[PartDue, ...]
    due_on: date | None
    reasons: tuple[Reason, ...]
    source: str
    certainty: str
    citizen_deadline: CitizenDue | None
    of_the_whole: bool = False
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Count:
    """What every limit of one case is counted with."""

    received_at: datetime
    flags: frozenset[str]
    calendar: Calendar
    after_cutoff: AfterCutoff


def due_dates(
    version: ProcedureVersion,
    received_at: datetime,
    occurred_on: date | None,
    flags: Collection[str],
    calendar: Calendar,
    *,
    bundle_after_cutoff: AfterCutoff = "next_day_is_reception",
) -> ProcedureDue:
    """Return all due days of a case received at that moment (ngày hẹn trả kết quả).

    Args:
        version: the version of the day of reception, with what the office set beside it.
        received_at: when the complete papers were taken, aware.
        occurred_on: day of birth or death when fully known.
        flags: circumstances, see `FLAGS`; one that this version does not know changes nothing.
        calendar: the working days.
        bundle_after_cutoff: how a bundle received after 15:00 counts (setting of the office).

    Raises:
        InvalidInput: for a flag that does not exist.
    """
    unknown = sorted(set(flags) - set(FLAGS))
    if unknown:
        sentence = f"Không có trường hợp “{nfc(unknown[0])}”. Các trường hợp dùng được: {', '.join(FLAGS)}."
        raise InvalidInput(sentence, {"flags": sentence})
    count = _Count(received_at, frozenset(flags), calendar, bundle_after_cutoff)
    parts: list[PartDue] = []
    for position, part in enumerate(version.parts):
        earlier = {done.part: done for done in parts}
        if position == 0:
            part = _with_recognition(part, version, count)
        parts.append(_part_due(part, earlier, count))
    whole = _whole_due(version, parts, count)
    return ProcedureDue(
        version=version.id,
        received_at=local(received_at),
        parts=tuple(parts),
        due_on=whole.due_on,
        reasons=whole.reasons,
        source=version.overall.source if version.overall else parts[0].source,
        certainty=max((part.certainty for part in parts), default="D")
        if version.overall is None
        else version.overall.certainty,
        citizen_deadline=citizen_due(
            version.citizen_deadline, occurred_on, local(received_at).date(), calendar
        ),
        of_the_whole=version.overall is not None,
        due_at=whole.due_at,
    )


def citizen_due(
    rule: CitizenDeadline | None, occurred_on: date | None, on: date, calendar: Calendar
) -> CitizenDue | None:
    """Return the family's last day to be on time (đúng hạn), and whether `on` is later than that.

    None when the procedure has no such deadline or the day of the event was not told.
    """
    if rule is None or occurred_on is None:
        return None
    if rule.days is None:
        return CitizenDue(
            None, None, (Reason("unconfirmed", {"why": rule.why}),), rule.source, rule.certainty
        )
    due = calendar_days_due(occurred_on, rule.days, calendar)
    if due.due_on is not None:
        late: bool | None = on > due.due_on
    else:
        # Before the calendar's first year the exact day is not known, but no row of days off lasts a month.
        late = True if on > occurred_on + timedelta(days=rule.days) + _LONGEST_ROLL else None
    return _families_due(rule, due, on, late=late)


def part_family_due(
    rule: PartDeadline | None, registered_on: date | None, asked_on: date, calendar: Calendar
) -> CitizenDue | None:
    """Return the family's last day to ask for a part after the registration (thường trú: 60 days), and how late it is.

    Late is a flag with its day count, never a reason to refuse. None before the registration, or without such a rule.
    """
    if rule is None or registered_on is None or not rule.holds_for(registered_on):
        return None
    due = calendar_days_due(registered_on, rule.days, calendar)
    late = None if due.due_on is None else asked_on > due.due_on
    return _families_due(rule, due, asked_on, late=late)


def _families_due(
    rule: CitizenDeadline | PartDeadline, due: Due, on: date, *, late: bool | None
) -> CitizenDue:
    days_late = (on - due.due_on).days if due.due_on and late else None
    return CitizenDue(due.due_on, late, due.reasons, rule.source, rule.certainty, days_late)


def _with_recognition(part: PartRule, version: ProcedureVersion, count: _Count) -> PartRule:
    """Return the main part under the limit of "kết hợp nhận cha, mẹ, con" when the case is one."""
    combined = version.recognition
    if combined is None or "recognition" not in count.flags:
        return part
    said = {"limit": combined.limit, "source": combined.source, "certainty": combined.certainty}
    return part.model_copy(update=said)


def _part_due(part: PartRule, earlier: dict[str, PartDue], count: _Count) -> PartDue:
    limit = part.limit
    if limit.after_part is not None:
        before = earlier[limit.after_part]
        due = _due_after(limit, before, count)
    else:
        due = _due_from_reception(limit, count)
    return PartDue(
        part=part.code,
        title=part.title_vi,
        agency=part.agency,
        due_on=due.due_on,
        reasons=due.reasons,
        source=part.source,
        certainty=part.certainty,
        due_at=due.due_at,
    )


def _whole_due(version: ProcedureVersion, parts: list[PartDue], count: _Count) -> Due:
    if version.overall is not None:
        return _due_from_reception(version.overall, count)
    if len(parts) == 1:
        return Due(parts[0].due_on, parts[0].reasons, parts[0].due_at)
    known = [(last_moment(part.due_on, part.due_at), part) for part in parts if part.due_on is not None]
    if len(known) == len(parts):
        _, last = max(known, key=lambda one: one[0])
        return Due(last.due_on, (Reason("with_the_last_part"),), last.due_at)
    missing = next(part for part in parts if part.due_on is None)
    return Due(None, missing.reasons)


def _due_from_reception(limit: Limit, count: _Count) -> Due:
    if _counts_hours(limit, count):
        return _due_in_hours(limit, count.received_at, count)
    if limit.days is None and limit.hours is None:
        return _due_without_length(limit, count)
    if limit.kind == "calendar_days" and limit.days is not None:
        return calendar_days_due(local(count.received_at).date(), limit.days, count.calendar)
    days, why = _length(limit, count)
    due = working_days_due(
        count.received_at,
        days,
        count.calendar,
        after_cutoff=count.after_cutoff if limit.moves_after_cutoff else None,
    )
    return Due(due.due_on, (*due.reasons, *why))


def _counts_hours(limit: Limit, count: _Count) -> bool:
    """Tell whether the limit runs in hours now; what must be verified has working days instead."""
    verified = "verification" in count.flags and limit.verification_days is not None
    return limit.hours is not None and not verified


def _due_in_hours(limit: Limit, starts_at: datetime, count: _Count) -> Due:
    due = hours_due(starts_at, limit.hours or 0, count.calendar, working=limit.kind == "working_hours")
    return replace(due, reasons=(*due.reasons, *_length(limit, count)[1]))


def _due_without_length(limit: Limit, count: _Count) -> Due:
    if limit.kind == "same_day":
        return same_day_due(count.received_at, count.calendar)
    if limit.kind == "none":
        return Due(None, (Reason("no_limit"),))
    return Due(None, (Reason("unconfirmed", {"why": limit.why}),))


def _due_after(limit: Limit, before: PartDue, count: _Count) -> Due:
    """Return the due day of a part that begins when another part is done."""
    title, start = before.title, before.due_on
    if limit.days is None and limit.hours is None:
        return _due_without_length(limit, count)
    if start is None:
        return Due(None, (Reason("waits_for_unknown_part", {"part": title}),))
    waits = Reason("waits_for_part", {"part": title, "start": start.isoformat()})
    if _counts_hours(limit, count):
        due = _due_in_hours(limit, last_moment(start, before.due_at), count)
        return replace(due, reasons=(waits, *due.reasons))
    if limit.kind == "calendar_days" and limit.days is not None:
        due = calendar_days_due(start, limit.days, count.calendar)
        return Due(due.due_on, (waits, *due.reasons))
    days, why = _length(limit, count)
    due = working_days_after(start, days, count.calendar)
    said = Reason("working_days_after_part", {"days": days, "part": title, "start": start.isoformat()})
    return Due(due.due_on, (said, *due.reasons, *why))


def _length(limit: Limit, count: _Count) -> tuple[int, tuple[Reason, ...]]:
    """Return how many working days the limit has under the flags, and why."""
    days = limit.days or 0
    why: list[Reason] = []
    if "recognition" in count.flags:
        why.append(Reason("recognition"))
    if "verification" in count.flags and limit.verification_days:
        days = limit.verification_days
        why.append(Reason("verification", {"days": days}))
    elif limit.office_days is not None:
        days = limit.office_days
        why.append(Reason("office_decision", {"days": days, "decision": limit.office_decision}))
    for flag in sorted(count.flags & set(limit.plus)):
        days += limit.plus[flag]
        why.append(Reason("extra_days", {"days": limit.plus[flag], "why": FLAGS[flag]}))
    if limit.provisional:
        why.append(Reason("provisional", {"why": limit.provisional}))
    return days, tuple(why)
