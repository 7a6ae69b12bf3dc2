"""Tham gia chương trình: a unit begins, changes or ends offering the home service. The page asks who may do it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.shared import audit
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.shared.text import format_date_vi, nfc
from civreg.units.models import Participation
from civreg.units.queries import UnitRow, unit_by_id

_LONGEST_CALL_PROMISE = 10
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class ParticipationTerms:
    """What families and papers need of a unit that takes part.

    Attributes:
        hotline: the number that answers a family.
        call_within_working_days: the office's promise to call back, 1 to 10 working days; its own setting (P).
        saturday_morning: the office works on Saturday mornings.
        signer_name, signer_title, signer_prefix: the lines under its papers.
    """

    hotline: str
    office_address: str
    call_within_working_days: int = 1
    saturday_morning: bool = False
    signer_name: str | None = None
    signer_title: str = "CHỦ TỊCH"
    signer_prefix: str = "TM. ỦY BAN NHÂN DÂN"


def _clean(terms: ParticipationTerms) -> ParticipationTerms:
    """Return the terms as they are stored.

    Raises:
        InvalidInput: with one sentence for each field that cannot be used.
    """
    lines = {
        "hotline": nfc(terms.hotline),
        "office_address": nfc(terms.office_address),
        "signer_title": nfc(terms.signer_title),
        "signer_prefix": nfc(terms.signer_prefix),
    }
    signer_name = nfc(terms.signer_name or "") or None
    wrong = {
        name: f"Viết ngắn lại, không quá {_LONGEST_LINE} chữ."
        for name, line in {**lines, "signer_name": signer_name or ""}.items()
        if len(line) > _LONGEST_LINE
    }
    wrong.update({name: "Ghi rõ chức danh người ký." for name in ("signer_title",) if not lines[name]})
    if not any(character.isdigit() for character in lines["hotline"]):
        wrong["hotline"] = "Ghi số điện thoại mà gia đình gọi được."
    if not lines["office_address"]:
        wrong["office_address"] = "Ghi địa chỉ trụ sở nơi gia đình có thể đến."
    if not 1 <= terms.call_within_working_days <= _LONGEST_CALL_PROMISE:
        wrong["call_within_working_days"] = f"Chọn từ 1 đến {_LONGEST_CALL_PROMISE} ngày làm việc."
    if wrong:
        raise InvalidInput("Chưa lưu được. Sửa các mục được đánh dấu.", wrong)
    return ParticipationTerms(
        call_within_working_days=terms.call_within_working_days,
        saturday_morning=terms.saturday_morning,
        signer_name=signer_name,
        **lines,
    )


def start_participation(
    session: Session,
    unit_id: int,
    starts_on: date,
    terms: ParticipationTerms,
    *,
    ends_on: date | None = None,
    by: UUID | None = None,
) -> UUID:
    """Let a unit take part from a day on (mở tham gia) and return the id of that stretch.

    Raises:
        InvalidInput: the days lie outside the unit's life, or a term cannot be used.
        Conflict: the unit takes part already on some of these days.
    """
    unit = unit_by_id(session, unit_id)
    clean = _clean(terms)
    _check_days(unit, starts_on, ends_on)
    row = Participation(
        id=new_id(), unit_id=unit_id, starts_on=starts_on, ends_on=ends_on, created_by=by, **asdict(clean)
    )
    _check_free(session, unit, row)
    session.add(row)
    _flush(session, unit)
    _record(session, "participation.started", row, by, starts_on=starts_on.isoformat())
    return row.id


def update_participation(
    session: Session, participation_id: UUID, terms: ParticipationTerms, *, by: UUID | None = None
) -> None:
    """Change the terms of a stretch (hotline, office, promise, signer).

    Raises:
        NotFound: no such stretch.
        InvalidInput: a term cannot be used.
    """
    row = _load(session, participation_id)
    new = asdict(_clean(terms))
    changed = sorted(name for name, value in new.items() if getattr(row, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(row, name, new[name])
    _record(session, "participation.changed", row, by, fields=changed)


def end_participation(
    session: Session, participation_id: UUID, ends_on: date, *, by: UUID | None = None
) -> None:
    """End a stretch: `ends_on` is the first day on which the unit no longer takes part (kết thúc tham gia).

    Raises:
        NotFound: no such stretch.
        InvalidInput: the day lies before its start or outside the unit's life.
        Conflict: a later stretch has begun before that day.
    """
    row = _load(session, participation_id)
    unit = unit_by_id(session, row.unit_id)
    _check_days(unit, row.starts_on, ends_on)
    row.ends_on = ends_on
    with session.no_autoflush:
        _check_free(session, unit, row)
    _flush(session, unit)
    _record(session, "participation.ended", row, by, ends_on=ends_on.isoformat())


def _load(session: Session, participation_id: UUID) -> Participation:
    row = session.get(Participation, participation_id, with_for_update=True)
    if row is None:
        raise NotFound("Không tìm thấy đợt tham gia này. Ông/bà mở lại danh sách đơn vị tham gia.")
    return row


def _check_days(unit: UnitRow, starts_on: date, ends_on: date | None) -> None:
    if not unit.holds_on(starts_on):
        raise InvalidInput(
            f"{unit.name} không có trong danh mục ngày {format_date_vi(starts_on)}. Chọn ngày khác.",
            {"starts_on": f"{unit.name} không có trong danh mục ngày này. Chọn ngày khác."},
        )
    if ends_on is not None and ends_on <= starts_on:
        sentence = f"Ngày kết thúc phải sau ngày bắt đầu {format_date_vi(starts_on)}."
        raise InvalidInput(sentence, {"ends_on": sentence})
    if ends_on is not None and unit.valid_to is not None and ends_on > unit.valid_to:
        sentence = f"{unit.name} kết thúc ngày {format_date_vi(unit.valid_to)}. Chọn ngày không muộn hơn."
        raise InvalidInput(sentence, {"ends_on": sentence})


def _check_free(session: Session, unit: UnitRow, row: Participation) -> None:
    """Refuse in words what the exclusion constraint would refuse; it stays the last word for two at once."""
    query = select(Participation.starts_on).where(
        Participation.unit_id == unit.id,
        Participation.id != row.id,
        Participation.ends_on.is_(None) | (Participation.ends_on > row.starts_on),
    )
    if row.ends_on is not None:
        query = query.where(Participation.starts_on < row.ends_on)
    taken = session.scalars(query.order_by(Participation.starts_on).limit(1)).first()
    if taken is not None:
        since = format_date_vi(taken)
        raise Conflict(f"{unit.name} đã tham gia từ ngày {since}. Kết thúc đợt đó trước khi mở đợt mới.")


def _flush(session: Session, unit: UnitRow) -> None:
    """Write the row; somebody who wrote the same stretch a moment before wins."""
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"{unit.name} vừa được người khác mở tham gia. Tải lại trang để xem.") from error


def _record(session: Session, action: str, row: Participation, by: UUID | None, **details: object) -> None:
    session.flush()
    audit.record(
        session,
        action,
        unit_id=row.unit_id,
        actor_id=by,
        subject_type="participation",
        subject_id=row.id,
        **details,
    )
