"""Hỏi ngày hẹn: what a command or a machine asks as text, and the due days as it reads them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from civreg.deadlines.rules.promise import CitizenDue, ProcedureDue
from civreg.deadlines.rules.reasons import reason_sentence
from civreg.deadlines.rules.terms import VIETNAM
from civreg.procedures.rules import ProcedureVersion
from civreg.shared.errors import InvalidInput
from civreg.shared.text import format_date_vi, nfc

_LONGEST_QUOTE = 40
_LAST_YEAR = 2200


def parse_moments(received: str, occurred: str | None) -> tuple[datetime, date | None]:
    """Return when the papers were taken, and the day of the event where it was told.

    Args:
        received: day and hour ("2026-11-17T09:00"); without a zone it is Vietnamese time.
        occurred: day ("2026-09-25"), or None.

    Raises:
        InvalidInput: one of them cannot be read, or the event lies after the reception.
    """
    received_at, occurred_on = _parse_received(received), _parse_occurred(occurred)
    if occurred_on is not None and occurred_on > received_at.date():
        raise _unusable(
            f"Ngày xảy ra {format_date_vi(occurred_on)} muộn hơn ngày nhận {format_date_vi(received_at.date())}. "
            "Ghi lại một trong hai ngày.",
            "occurred",
        )
    return received_at, occurred_on


def _parse_received(typed: str) -> datetime:
    """Return the moment of reception; without a zone it is Vietnamese time.

    Raises:
        InvalidInput: when it is not a day with an hour.
    """
    text = typed.strip()
    example = "Ghi ngày và giờ nhận đủ giấy tờ, ví dụ 2026-11-17T09:00."
    unreadable = f"Không đọc được thời điểm nhận “{quoted(typed)}”. {example}"
    try:
        moment = datetime.fromisoformat(text)
        local = moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment.astimezone(VIETNAM)
    except (ValueError, OverflowError):
        raise _unusable(unreadable, "received") from None
    if len(text) <= len("2026-11-17"):
        raise _unusable(f"Thời điểm nhận “{quoted(typed)}” thiếu giờ. {example}", "received")
    if local.year > _LAST_YEAR:
        raise _unusable(unreadable, "received")
    return local


def _unusable(sentence: str, field: str) -> InvalidInput:
    return InvalidInput(sentence, {field: sentence})


def _parse_occurred(typed: str | None) -> date | None:
    """Return the day of the event.

    Raises:
        InvalidInput: when it is not a day.
    """
    if typed is None:
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        sentence = f"Không đọc được ngày xảy ra “{quoted(typed)}”. Ghi năm-tháng-ngày, ví dụ 2026-09-25."
        raise _unusable(sentence, "occurred") from None


def quoted(typed: str) -> str:
    """Return what was typed, cleaned and cut, to be quoted in a sentence."""
    cleaned = nfc(typed)
    return cleaned if len(cleaned) <= _LONGEST_QUOTE else f"{cleaned[:_LONGEST_QUOTE]}…"


def without_parts(version: ProcedureVersion, left_out: Sequence[str]) -> ProcedureVersion:
    """Return the version of a bundle without the parts that a family does not want.

    Raises:
        InvalidInput: there is no such part, or it cannot be left out.
    """
    if not left_out:
        return version
    codes = [part.code for part in version.parts]
    unknown = sorted(set(left_out) - set(codes))
    sentence = version.choice_problem(left_out)
    if unknown:
        sentence = f"Thủ tục này không có phần “{quoted(unknown[0])}”. Các phần: {', '.join(codes)}."
    if sentence:
        raise _unusable(sentence, "without")
    return version.with_parts([code for code in codes if code not in left_out])


def due_as_json(due: ProcedureDue) -> dict[str, Any]:
    """Return every due day with its reasons as sentences, its source and its certainty, ready to be written as JSON."""
    return {
        "version": due.version,
        "received_at": due.received_at.isoformat(),
        "parts": [
            {
                "part": part.part,
                "title": part.title,
                "agency": part.agency,
                "due_on": _day(part.due_on),
                **_hour(part.due_at),
                "reasons": [reason_sentence(reason) for reason in part.reasons],
                "source": part.source,
                "certainty": part.certainty,
            }
            for part in due.parts
        ],
        "due_on": _day(due.due_on),
        **_hour(due.due_at),
        "reasons": [reason_sentence(reason) for reason in due.reasons],
        "source": due.source,
        "certainty": due.certainty,
        "citizen_deadline": _citizen_as_json(due.citizen_deadline),
    }


def _citizen_as_json(due: CitizenDue | None) -> dict[str, Any] | None:
    if due is None:
        return None
    return {
        "due_on": _day(due.due_on),
        "late": due.late,
        "days_late": due.days_late,
        "reasons": [reason_sentence(reason) for reason in due.reasons],
        "source": due.source,
        "certainty": due.certainty,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _hour(moment: datetime | None) -> dict[str, str]:
    """Return the moment beside the day where a term is counted in hours; days alone have no such entry."""
    return {"due_at": moment.isoformat()} if moment else {}
