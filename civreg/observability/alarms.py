"""Báo động: what is wrong, since when, and what to do; a pure judgement over the readings.

The thresholds are one table. Each alarm names its heading in docs/runbook.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from civreg.deadlines.rules.coverage import rings_from
from civreg.observability.readings import Readings
from civreg.shared import clock


@dataclass(frozen=True)
class Threshold:
    """When something becomes an alarm, and the words for it.

    Attributes:
        code: short name, also the label of the metric.
        patience: how long it may last before it is an alarm.
        title: what is wrong, for the administrator.
        advice: what to do now.
        heading: the heading of the runbook that says more.
    """

    code: str
    patience: timedelta
    title: str
    advice: str
    heading: str


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong now; `since` is None when it never was right, or when nobody saw it begin."""

    code: str
    title: str
    since: datetime | None
    advice: str
    heading: str


THRESHOLDS: tuple[Threshold, ...] = (
    Threshold(
        "audit_broken", timedelta(0),
        "Nhật ký không còn nguyên vẹn",
        "Ông/bà đừng xóa gì, giữ bản sao lưu gần nhất, báo ngay người phụ trách và chạy: flask --app app verify-audit.",
        "Nhật ký không nguyên vẹn",
    ),
    Threshold(
        "broker", timedelta(0),
        "Hàng đợi công việc (Redis) không trả lời",
        "Không mất việc nào; thư và số liệu chậm lại. Ông/bà khởi động lại máy chủ Redis, không cần gửi lại gì.",
        "Hàng đợi (Valkey, Redis) không trả lời",
    ),
    Threshold(
        "worker", timedelta(minutes=3),
        "Không có tiến trình làm việc nào đang chạy",
        "Ông/bà xem tiến trình worker và nhật ký của nó rồi khởi động lại.",
        "Hàng đợi (Valkey, Redis) không trả lời",
    ),
    Threshold(
        "outbox", timedelta(minutes=2),
        "Việc mới chưa được chuyển đi",
        "Ông/bà xem tiến trình beat và worker có chạy không rồi khởi động lại.",
        "Hàng đợi (Valkey, Redis) không trả lời",
    ),
    Threshold(
        "job", timedelta(minutes=2),
        "Có việc chưa làm xong: thư chưa có số hoặc số liệu chưa đếm",
        "Ông/bà xem tiến trình worker có chạy không rồi khởi động lại; việc tự làm tiếp, không mất và không làm hai lần.",
        "Hàng đợi (Valkey, Redis) không trả lời",
    ),
    Threshold(
        "sweep", timedelta(minutes=5),
        "Lời nhắc hạn chưa được gửi đúng lúc",
        "Ông/bà xem tiến trình beat và worker có chạy không; lời nhắc sẽ gửi bù, mỗi lời một lần.",
        "Hàng đợi (Valkey, Redis) không trả lời",
    ),
    Threshold(
        "parked", timedelta(0),
        "Có việc bị dừng sau nhiều lần thử",
        "Ông/bà mở “Việc bị dừng”, sửa nguyên nhân rồi bấm “Chạy lại”.",
        "Việc bị dừng",
    ),
    Threshold(
        "disk", timedelta(0),
        "Đĩa sắp đầy",
        "Ông/bà giải phóng chỗ ngoài thư mục cơ sở dữ liệu: bản sao lưu cũ, nhật ký cũ.",
        "Đầy đĩa",
    ),
    Threshold(
        "backup", timedelta(hours=26),
        "Chưa có bản sao lưu mới",
        "Ông/bà chạy: flask --app app backup --out THƯ-MỤC-MỚI, và đặt lịch chạy mỗi đêm.",
        "Sao lưu và khôi phục",
    ),
    Threshold(
        "audit_unchecked", timedelta(hours=26),
        "Nhật ký chưa được kiểm tra đêm qua",
        "Ông/bà xem tiến trình beat và worker; kiểm tra ngay: flask --app app verify-audit.",
        "Nhật ký không nguyên vẹn",
    ),
    Threshold(
        "overdue", timedelta(days=7),
        "Có lời hẹn với gia đình trễ quá 7 ngày",
        "Ông/bà báo lãnh đạo đơn vị xem “Bàn làm việc”. Quản trị không mở được hồ sơ.",
        "Lời hẹn trễ lâu",
    ),
    Threshold(
        "calendar", timedelta(0),
        "Lịch nghỉ của năm nay hoặc năm sau chưa xác nhận",
        "Ông/bà mở “Lịch nghỉ” trong Quản trị, so với thông báo nghỉ lễ, Tết của năm rồi bấm “Xác nhận năm”.",
        "Lịch nghỉ chưa xác nhận",
    ),
    Threshold(
        "rules", timedelta(0),
        "Danh mục mới nói khác quy định đơn vị đã sửa",
        "Ông/bà mở từng quy định dưới “Cảnh báo”, xem cả hai bản rồi giữ bản của đơn vị hoặc dùng bản mới.",
        "Danh mục nói khác quy định đã sửa",
    ),
)  # fmt: skip
"""Most pressing first."""
LEAST_FREE_DISK = 0.10
"""Share of the disk that must stay free."""


def alarms(readings: Readings) -> list[Alarm]:
    """Return what is wrong at the moment of the readings, most pressing first."""
    lasting = _lasting(readings)
    found = []
    for threshold in THRESHOLDS:
        if threshold.code not in lasting:
            continue
        since = lasting[threshold.code]
        if since is None or readings.at - since >= threshold.patience:
            found.append(Alarm(threshold.code, threshold.title, since, threshold.advice, threshold.heading))
    return found


def _lasting(readings: Readings) -> Mapping[str, datetime | None]:
    """Return code → since when, for everything that is not as it should be, however short."""
    pulse = readings.pulse
    bad: dict[str, datetime | None] = {}
    if not pulse.broker:
        bad["broker"] = None
    elif pulse.heartbeat_at is None:
        bad["worker"] = None
    else:
        bad["worker"] = pulse.heartbeat_at
    moments = {
        "outbox": readings.outbox_since,
        "job": readings.job_since,
        "sweep": readings.notice_due_since,
        "parked": readings.parked_since,
        "overdue": readings.overdue_since,
    }
    bad.update({code: since for code, since in moments.items() if since is not None})
    if readings.audit_ok is False:
        bad["audit_broken"] = readings.audit_checked_at
    if readings.disk_free is not None and readings.disk_free < LEAST_FREE_DISK:
        bad["disk"] = None
    if readings.open_years:
        bad["calendar"] = datetime.combine(rings_from(readings.open_years[0]), time.min, clock.ZONE)
    if readings.rules_overtaken:
        bad["rules"] = None
    if readings.system_since is not None:
        bad["backup"] = readings.backup_at or readings.system_since
        bad["audit_unchecked"] = readings.audit_checked_at or readings.system_since
    return bad
