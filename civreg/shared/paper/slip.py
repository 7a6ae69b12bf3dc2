"""Phiếu: the appointment slip (mẫu M01, TT 03/2025/TT-VPCP) and the family's receipt of a request.

The circular's form was not read in full (certainty C): the parts below are those of the older public form plus
one date and one reason for each result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from civreg.shared.paper.flow import Column, Flow
from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.heading import Heading, Signature, draw_heading, draw_signature, signature_height
from civreg.shared.paper.page import A4, A5, MM, Page
from civreg.shared.paper.setting import Type
from civreg.shared.paper.squares import draw_qr
from civreg.shared.text import format_date_vi

NO_DATE = "Chưa xác nhận được ngày; cán bộ sẽ báo lại"


@dataclass(frozen=True, slots=True)
class PromisedResult:
    """Một kết quả hẹn trả: what is promised, by whom, for which day and why that day.

    Attributes:
        result: the procedure or the paper that comes out of it.
        agency: who settles it.
        due_on: the promised day; None when no limit is confirmed.
        due_hour: the hour of that day where the promise is counted in hours, in words; else empty.
        reason: how the day was counted, in one or two sentences.
        without_day: said in place of a day that is not there.
    """

    result: str
    agency: str
    due_on: date | None
    reason: str
    without_day: str = NO_DATE
    due_hour: str = ""


@dataclass(frozen=True, slots=True)
class Tracking:
    """Cách theo dõi: what the family types or scans to follow the case.

    Attributes:
        code: the tracking code.
        pin: the second fact for a family without a phone.
        address: the page in words people can type, as in “hotich.vinhlong.gov.vn/tra-cuu”.
        link: what the QR code opens; never holds the PIN.
        hotline: who answers, empty when none.
    """

    code: str
    pin: str
    address: str
    link: str
    hotline: str = ""


@dataclass(frozen=True, slots=True)
class AppointmentSlip:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả, written on the spot when the complete papers are taken.

    Attributes:
        signed: how each person signed the declaration, a sentence each ("đã đọc lại cho … nghe, điểm chỉ").
    """

    heading: Heading
    place: str
    case_code: str
    requester: str
    received_at: datetime
    request: str
    results: tuple[PromisedResult, ...]
    papers: tuple[str, ...]
    tracking: Tracking
    officer: str
    address: str = ""
    phone: str = ""
    received_where: str = ""
    returned_where: str = ""
    cost: str = "0 đồng"
    signed: tuple[str, ...] = ()
    offset_mm: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    """Phiếu ghi nhận yêu cầu: what the family keeps after asking, before any papers were taken."""

    unit: str
    case_code: str
    service: str
    requester: str
    requested_at: datetime
    tracking: Tracking
    call_by: date | None
    caller: str
    cost: str
    citizen_due_on: date | None = None
    advice: str = ""


def _moment(moment: datetime) -> str:
    return f"{moment.hour:02d} giờ {moment.minute:02d}, ngày {format_date_vi(moment.date())}"


def render_slip(slip: AppointmentSlip) -> bytes:
    """Return the PDF of the appointment slip, one A4 page unless the lists are long.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    title = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
    page = Page(title, A4, subject=f"Hồ sơ {drawable(slip.case_code)}", offset_mm=slip.offset_mm)
    down = draw_heading(page, slip.heading, place=slip.place, dated_on=slip.received_at.date())
    flow = Flow(page, down + 10, size=13)
    flow.centred(title, size=14, role="H1")
    flow.centred(f"Mã hồ sơ: {slip.case_code}", size=13)
    flow.skip(8)
    flow.field("Người yêu cầu", slip.requester)
    flow.field("Nơi cư trú", slip.address)
    flow.field("Điện thoại", slip.phone)
    flow.field("Nội dung yêu cầu giải quyết", slip.request)
    flow.field("Nhận đủ hồ sơ lúc", _moment(slip.received_at))
    flow.field("Nơi nhận hồ sơ", slip.received_where)
    flow.skip(6)
    _papers(flow, slip.papers)
    for sentence in slip.signed:
        flow.paragraph(sentence)
    flow.skip(6)
    flow.paragraph("Kết quả và ngày hẹn trả:", face=Face.BOLD)
    flow.skip(4)
    _results(flow, slip.results)
    flow.skip(2)
    flow.field("Nơi trả kết quả", slip.returned_where)
    flow.field("Lệ phí", slip.cost)
    flow.skip(8)
    _tracking(flow, slip.tracking)
    flow.skip(10)
    _two_signatures(flow, slip)
    return page.finish()


def _papers(flow: Flow, papers: Sequence[str]) -> None:
    if not papers:
        flow.paragraph("Giấy tờ đã nhận: không có giấy tờ phải nộp.")
        return
    flow.paragraph("Giấy tờ đã nhận:", face=Face.BOLD)
    for number, paper in enumerate(papers, start=1):
        flow.paragraph(f"{number}. {paper}")


def _results(flow: Flow, results: Sequence[PromisedResult]) -> None:
    columns = (
        Column("TT", 10, "centre"),
        Column("Kết quả", 38),
        Column("Nơi giải quyết", 33),
        Column("Ngày hẹn trả", 25, "centre"),
        Column("Vì sao hẹn ngày này", 54),
    )
    rows = [
        (
            str(number),
            result.result,
            result.agency,
            _promised_day(result),
            result.reason,
        )
        for number, result in enumerate(results, start=1)
    ]
    flow.table(columns, rows)


def _promised_day(result: PromisedResult) -> str:
    if result.due_on is None:
        return result.without_day
    day = format_date_vi(result.due_on)
    return f"{result.due_hour} ngày {day}" if result.due_hour else day


def _tracking(flow: Flow, tracking: Tracking) -> None:
    """Draw the box with the QR code, tracking code, PIN and telephone."""
    page, side, inner = flow.page, 26 * MM, 3 * MM
    height = side + 2 * inner
    flow.room(height)
    page.box(page.left, flow.down, page.measures.column, height)
    draw_qr(page, tracking.link, page.left + inner, flow.down + inner, side)
    left, baseline = page.left + side + 3 * inner, flow.down + inner + 11
    plain, bold = Type(Face.REGULAR, 12), Type(Face.BOLD, 12.5)
    width = page.right - inner - left
    for label, value in (
        ("Theo dõi hồ sơ: quét mã bên cạnh hoặc vào trang", tracking.address),
        ("Mã tra cứu:", tracking.code),
        ("Mã PIN (dùng khi không có điện thoại):", tracking.pin),
        ("Cần hỏi, xin gọi:", tracking.hotline),
    ):
        if not value:
            continue
        words = drawable(value)
        with page.tagged("P"):
            used = page.text(left, baseline, f"{label} ", plain)
            if used + bold.width(words) > width:
                baseline, used = baseline + 15, 0.0
            size = min(bold.size, bold.size * width / bold.width(words))
            page.text(left + used, baseline, words, Type(bold.face, size))
        baseline += 16
    flow.down += height


def _two_signatures(flow: Flow, slip: AppointmentSlip) -> None:
    """Draw the blocks of the requester (left) and of the officer (right)."""
    note = "(Ký, ghi rõ họ tên)"
    giver = Signature(("NGƯỜI NỘP HỒ SƠ",), name=slip.requester, note="(Ký hoặc điểm chỉ)")
    taker = Signature(("NGƯỜI TIẾP NHẬN HỒ SƠ",), name=slip.officer, note=note)
    scale = 0.9
    flow.room(max(signature_height(one, scale=scale) for one in (giver, taker)) + 14)
    page = flow.page
    down = flow.down + 14
    draw_signature(page, giver, down, scale=scale, middle=page.left + page.measures.column * 0.24)
    flow.down = draw_signature(page, taker, down, scale=scale)


def render_receipt(receipt: ReceiptSheet) -> bytes:
    """Return the PDF of the family's receipt, one A5 page.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    title = "PHIẾU GHI NHẬN YÊU CẦU"
    page = Page(title, A5, subject=f"Yêu cầu {drawable(receipt.case_code)}")
    flow = Flow(page, page.top, size=12)
    flow.centred(f"Ủy ban nhân dân {receipt.unit}", size=12)
    flow.skip(6)
    flow.centred(title, size=14, role="H1")
    flow.centred(f"Mã yêu cầu: {receipt.case_code}", size=12)
    flow.skip(6)
    flow.field("Người yêu cầu", receipt.requester)
    flow.field("Việc yêu cầu", receipt.service)
    flow.field("Gửi lúc", _moment(receipt.requested_at))
    flow.skip(4)
    if receipt.call_by:
        flow.field(
            "Việc tiếp theo", f"{receipt.caller} gọi lại chậm nhất ngày {format_date_vi(receipt.call_by)}"
        )
    else:
        flow.field("Việc tiếp theo", receipt.caller)
    flow.field("Lệ phí", receipt.cost)
    if receipt.citizen_due_on:
        flow.field("Ngày cuối để đăng ký đúng hạn", format_date_vi(receipt.citizen_due_on))
    if receipt.advice:
        flow.skip(4)
        flow.paragraph(receipt.advice)
    flow.skip(8)
    _receipt_tracking(flow, receipt.tracking)
    return page.finish()


def _receipt_tracking(flow: Flow, tracking: Tracking) -> None:
    """Draw the tracking code large, for people who photograph the paper."""
    page, side = flow.page, 30 * MM
    flow.room(side + 60)
    draw_qr(page, tracking.link, (page.left + page.right) / 2 - side / 2, flow.down + 4, side)
    flow.skip(side + 8)
    flow.centred(f"Mã tra cứu: {tracking.code}", size=15)
    flow.centred(f"Mã PIN: {tracking.pin}", size=13)
    flow.centred(f"Theo dõi tại {tracking.address}", face=Face.REGULAR, size=11.5)
    if tracking.hotline:
        flow.centred(f"Cần hỏi, xin gọi {tracking.hotline}", face=Face.REGULAR, size=11.5)
