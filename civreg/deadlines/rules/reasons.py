"""Lý do của hạn: why a date is what it is, kept as a code with parameters and read as a Vietnamese sentence.

Stored reasons are codes, so that a better wording reaches old cases too and a machine can group them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from civreg.shared.text import format_date_vi, two_digits

_SENTENCES: dict[str, str] = {
    "same_day": "Nhận đủ giấy tờ trước {cutoff} ngày {received}: trả kết quả ngay trong ngày.",
    "after_cutoff": "Nhận sau {cutoff} ngày {received}: trả kết quả vào ngày làm việc tiếp theo.",
    "received_on_day_off": "Ngày {received} không phải ngày làm việc{named}: trả kết quả vào ngày làm việc "
    "tiếp theo.",
    "working_days": "{days} ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ ({received}).",
    "working_hours": "{hours} giờ làm việc, tính từ {start}.",
    "hours": "{hours} giờ liên tục, tính từ {start}.",
    "until_moment": "Hạn là {moment}.",
    "reception_moved": "Nhận sau {cutoff} hoặc ngoài ngày làm việc ({received}): ngày làm việc tiếp theo "
    "({counted_from}) là ngày tiếp nhận.",
    "next_day_counts": "Nhận sau {cutoff} ngày {received}: tính thời hạn từ ngày làm việc tiếp theo.",
    "calendar_days": "{days} ngày, tính từ ngày sau ngày {start}.",
    "rolled": "Ngày cuối {ends} là ngày nghỉ{named} nên hạn kết thúc vào ngày làm việc tiếp theo.",
    "day_off": "Không tính {named} ({day}).",
    "day_worked": "Có tính ngày {day}: {named}.",
    "day_unconfirmed": "Lịch nghỉ ngày {day} ({named}) chưa xác nhận; hạn có thể đổi khi có thông báo chính thức.",
    "year_open": "Lịch nghỉ năm {year} chưa xác nhận; hạn có thể đổi khi có thông báo chính thức.",
    "paused": "Tạm dừng tính hạn từ {start} đến {end} để chờ bổ sung giấy tờ.",
    "pause_open": "Đang tạm dừng tính hạn từ {start}: chờ gia đình bổ sung giấy tờ.",
    "waited": "Tạm dừng tính hạn từ {start} đến {end} để chờ cơ quan khác trả lời.",
    "wait_open": "Đang tạm dừng tính hạn từ {start}: chờ cơ quan khác trả lời.",
    "calendar_changed": "Trước là {before}; đổi ngày {on} vì lịch nghỉ thay đổi.",
    "calendar_missing": "Chưa có lịch nghỉ của năm {year} nên chưa tính được ngày; người quản trị cần nhập "
    "lịch nghỉ năm này.",
    "unconfirmed": "Thời hạn chưa xác nhận: {why}",
    "no_limit": "Pháp luật không đặt thời hạn và chưa xác nhận thời hạn riêng của xã: xã hẹn ngày với gia đình.",
    "event_date_missing": "Chưa rõ ngày xảy ra nên chưa tính được hạn.",
    "waits_for_part": "Tính từ ngày có kết quả “{part}” ({start}).",
    "waits_for_unknown_part": "Chưa xác nhận ngày có kết quả “{part}” nên chưa tính được ngày.",
    "working_days_after_part": "{days} ngày làm việc, tính từ ngày sau ngày có kết quả “{part}” ({start}).",
    "recognition": "Khai sinh kết hợp nhận cha, mẹ, con nên có thời hạn riêng.",
    "verification": "Có xác minh nên thời hạn là {days} ngày làm việc.",
    "extra_days": "Cộng thêm {days} ngày làm việc: {why}.",
    "office_decision": "Đơn vị rút còn {days} ngày làm việc theo {decision}.",
    "office_limit": "Đơn vị quy định rút còn {days} ngày làm việc.",
    "provisional": "Tạm tính: {why}",
    "new_date": "Hẹn lại theo phiếu xin lỗi ký ngày {signed}, thay cho ngày hẹn {missed}.",
    "with_the_last_part": "Cả hồ sơ xong khi thủ tục sau cùng xong.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Một lý do: its code and what fills the sentence (days as ISO text, so that it can be stored as JSON)."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """Return the form that is stored with a deadline."""
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Due:
    """Hạn: the last day on time, or None when it cannot be counted, with the reasons in reading order.

    `due_at` only for a term of hours that ends within that day: the last moment on time. Else the day ends at 24:00.
    """

    due_on: date | None
    reasons: tuple[Reason, ...]
    due_at: datetime | None = None


def reason_from_json(stored: Mapping[str, Any]) -> Reason:
    """Return the reason that `as_json` wrote."""
    return Reason(str(stored["code"]), dict(stored.get("params", {})))


def reason_sentence(reason: Reason) -> str:
    """Return the reason as a Vietnamese sentence; a code of a later version reads as a plain pointer to it."""
    pattern = _SENTENCES.get(reason.code)
    if pattern is None:
        return f"Lý do: {reason.code}."
    return pattern.format(**{name: _spoken(name, value) for name, value in reason.params.items()})


def _spoken(name: str, value: str | int) -> str:
    if name in ("days", "hours"):
        return two_digits(int(value))
    if isinstance(value, int):
        return str(value)
    try:
        if "T" in value:
            return moment_words(datetime.fromisoformat(value))
        return format_date_vi(date.fromisoformat(value))
    except ValueError:
        return value


def moment_words(moment: datetime) -> str:
    """Return a moment as people say it: "14 giờ 30 ngày 24/11/2026"."""
    return f"{hour_words(moment.time())} ngày {format_date_vi(moment.date())}"


def hour_words(hour: time) -> str:
    """Return an hour as people say it: "9 giờ", "14 giờ 30"."""
    return f"{hour.hour} giờ" + (f" {hour.minute:02d}" if hour.minute else "")
