"""Phiếu kiểm soát quá trình giải quyết hồ sơ (mẫu M06): who handed what to whom and when; promised and done.

The circular's form was not read (certainty C); the columns are those of two forms in use: giao, nhận, giờ, phút,
ngày, kết quả (trước hạn, đúng hạn, quá hạn), ghi chú.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from civreg.shared.paper.flow import Column, Flow
from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.heading import Heading, Signature, draw_heading, draw_signature, signature_height
from civreg.shared.paper.page import A4, Page
from civreg.shared.text import format_date_vi


@dataclass(frozen=True, slots=True)
class HandOver:
    """Một lần giao nhận: what was done, from whom to whom, when (to the minute where it is known)."""

    work: str
    giver: str
    taker: str
    when: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeptResult:
    """Một kết quả: the first day promised, a day promised again, the day it was there, and how that is called."""

    result: str
    agency: str
    due_on: date | None
    new_due_on: date | None
    done_on: date | None
    kept: str
    without_day: str = "Chưa xác nhận"


@dataclass(frozen=True, slots=True)
class ControlSlip:
    """All that stands on the slip."""

    heading: Heading
    place: str
    dated_on: date
    case_code: str
    requester: str
    request: str
    received: str
    received_where: str
    hand_overs: tuple[HandOver, ...]
    results: tuple[KeptResult, ...]
    signature: Signature


_HAND_OVERS = (
    Column("TT", 9, "centre"),
    Column("Việc", 30),
    Column("Người giao", 28),
    Column("Người nhận", 28),
    Column("Giờ, phút, ngày", 25, "centre"),
    Column("Ghi chú", 40),
)
_RESULTS = (
    Column("TT", 9, "centre"),
    Column("Kết quả", 38),
    Column("Nơi giải quyết", 36),
    Column("Ngày hẹn trả", 27, "centre"),
    Column("Ngày có kết quả", 24, "centre"),
    Column("Thực hiện", 26, "centre"),
)


_SIZES = (12.5, 12.0, 11.5)
"""Type sizes tried until all of it stands on one page."""


def render_control(slip: ControlSlip) -> bytes:
    """Return the PDF of the control slip, A4, one page unless its lines are many.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    for size in _SIZES:
        page = _draw(slip, size)
        if page.number == 1:
            break
    return page.finish()


def _draw(slip: ControlSlip, size: float) -> Page:
    title = "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"
    page = Page(title, A4, subject=f"Hồ sơ {drawable(slip.case_code)}")
    down = draw_heading(page, slip.heading, place=slip.place, dated_on=slip.dated_on)
    flow = Flow(page, down + 12, size=size)
    flow.centred(title, size=14, role="H1")
    flow.centred(f"Mã hồ sơ: {slip.case_code}", size=13)
    flow.skip(8)
    flow.field("Người yêu cầu", slip.requester)
    flow.field("Nội dung giải quyết", slip.request)
    flow.field("Nhận đủ hồ sơ lúc", slip.received)
    flow.field("Nơi nhận hồ sơ", slip.received_where)
    flow.skip(8)
    flow.paragraph("Giao, nhận hồ sơ:", face=Face.BOLD)
    flow.skip(5)
    flow.table(
        _HAND_OVERS,
        [
            (str(number), one.work, one.giver, one.taker, one.when, one.note)
            for number, one in enumerate(slip.hand_overs, start=1)
        ],
    )
    flow.skip(10)
    end = signature_height(slip.signature, scale=0.9) + 30
    flow.room(end + size * (4 + 4 * len(slip.results)))  # the signature never stands alone on a page
    flow.paragraph("Hẹn trả và thực hiện:", face=Face.BOLD)
    flow.skip(5)
    flow.table(
        _RESULTS,
        [
            (str(number), one.result, one.agency, _promised(one), _day(one.done_on), one.kept)
            for number, one in enumerate(slip.results, start=1)
        ],
    )
    flow.skip(16)
    flow.room(end - 16)
    draw_signature(page, slip.signature, flow.down + 14, scale=0.9)
    return page


def _day(day: date | None) -> str:
    return format_date_vi(day) if day else "–"


def _promised(result: KeptResult) -> str:
    if result.due_on is None:
        return result.without_day
    again = f"; hẹn lại {format_date_vi(result.new_due_on)}" if result.new_due_on else ""
    return f"{format_date_vi(result.due_on)}{again}"
