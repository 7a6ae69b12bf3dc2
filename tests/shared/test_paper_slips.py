from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pypdfium2
import pytest
import zxingcpp

from civreg.shared.clock import ZONE
from civreg.shared.errors import Refusal
from civreg.shared.paper.heading import Heading
from civreg.shared.paper.listing import HandOverList, HandOverRow, render_list
from civreg.shared.paper.slip import (
    NO_DATE,
    AppointmentSlip,
    PromisedResult,
    ReceiptSheet,
    Tracking,
    render_receipt,
    render_slip,
)
from tests.shared.paper_reading import pages, reader, words

TRACKING = Tracking(
    code="K7M2P-9QX4D",
    pin="4827",
    address="hotich.vinhlong.gov.vn/tra-cuu",
    link="https://hotich.vinhlong.gov.vn/tra-cuu?ma=K7M2P-9QX4D",
    hotline="0294 387 4123",
)
SLIP = AppointmentSlip(
    heading=Heading.of_commune("xã Trà Cú"),
    place="Trà Cú",
    case_code="TC-2026-000123",
    requester="Thạch Thị Sa Rết",
    received_at=datetime(2026, 11, 17, 9, 5, tzinfo=ZONE),
    request="Đăng ký khai sinh lưu động",
    results=(
        PromisedResult("Giấy khai sinh", "Ủy ban nhân dân xã Trà Cú", date(2026, 11, 25), "5 ngày làm việc."),
        PromisedResult("Đăng ký thường trú", "Công an xã Trà Cú", None, "Thời hạn chưa xác nhận."),
    ),
    papers=("Giấy chứng sinh số 86001.GCS.00123.26", "Tờ khai đăng ký khai sinh"),
    tracking=TRACKING,
    officer="Nguyễn Văn Hường",
)


def test_the_slip_says_every_promise_with_its_reason() -> None:
    text = words(render_slip(SLIP))
    for said in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ Mã hồ sơ: TC-2026-000123",
        "Người yêu cầu: Thạch Thị Sa Rết",
        "Nhận đủ hồ sơ lúc: 09 giờ 05, ngày 17/11/2026",
        "1. Giấy chứng sinh số 86001.GCS.00123.26 2. Tờ khai đăng ký khai sinh",
        "25/11/2026 5 ngày làm việc.",
        NO_DATE,
        "Mã tra cứu: K7M2P-9QX4D",
        "4827",
        "0294 387 4123",
        "Lệ phí: 0 đồng",
        "Nguyễn Văn Hường",
    ):
        assert said in text
    assert len(pages(render_slip(SLIP))) == 1


def test_a_slip_without_papers_says_so() -> None:
    assert "không có giấy tờ phải nộp" in words(render_slip(replace(SLIP, papers=())))


def test_the_code_to_scan_is_the_link_and_never_holds_the_pin() -> None:
    content = render_slip(SLIP)
    page = pypdfium2.PdfDocument(content)[0].render(scale=150 / 72).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(page)] == [TRACKING.link]
    root = reader(content).trailer["/Root"]["/StructTreeRoot"]["/K"][0].get_object()
    spoken = [kid.get_object()["/Alt"] for kid in root["/K"] if "/Alt" in kid.get_object()]
    assert spoken == [f"Mã QR: {TRACKING.link}"]
    assert TRACKING.pin not in TRACKING.link


def test_a_long_bundle_goes_on_to_a_second_page() -> None:
    found = pages(render_slip(replace(SLIP, papers=tuple(f"Giấy tờ thứ {n}" for n in range(1, 61)))))
    assert len(found) > 1
    assert all(any(f"{n}. Giấy tờ thứ {n}" in text for text in found) for n in range(1, 61))


def test_the_receipt_fits_one_small_page() -> None:
    receipt = ReceiptSheet(
        unit="xã Trà Cú",
        case_code="YC-2026-000123",
        service="Giấy khai sinh tại nhà",
        requester="Thạch Thị Sa Rết",
        requested_at=datetime(2026, 11, 17, 9, 5, tzinfo=ZONE),
        tracking=TRACKING,
        call_by=date(2026, 11, 18),
        caller="Công chức làm công tác hộ tịch",
        cost="0 đồng",
        citizen_due_on=date(2026, 11, 25),
    )
    found = pages(render_receipt(receipt))
    assert len(found) == 1
    assert "gọi lại chậm nhất ngày 18/11/2026" in found[0]
    assert "Ngày cuối để đăng ký đúng hạn: 25/11/2026" in found[0]
    assert "Mã tra cứu: K7M2P-9QX4D Mã PIN: 4827" in found[0]


def handed(count: int) -> HandOverList:
    rows = tuple(
        HandOverRow(f"{n:02d}/UBND", "Thư chúc mừng kết hôn", f"Gia đình số {n:03d}", "Ấp Chợ")
        for n in range(1, count + 1)
    )
    return HandOverList(Heading.of_commune("xã Trà Cú"), "Trà Cú", date(2026, 11, 25), rows, run="Đợt in 01")


def test_the_list_repeats_its_heading_and_cuts_no_row() -> None:
    found = pages(render_list(handed(60)))
    assert len(found) > 2
    assert sum(text.count("Gia đình nhận") for text in found) in (len(found), len(found) - 1)
    assert all(sum(f"Gia đình số {n:03d} Ấp Chợ" in text for text in found) == 1 for n in range(1, 61))
    assert "(60 thư)" in found[0]
    assert "NGƯỜI GIAO" in found[-1]


def test_a_cell_that_would_not_fit_on_a_page_is_refused() -> None:
    row = HandOverRow("01", "Thư", "Nguyễn " * 200, "")
    with pytest.raises(Refusal, match="tối đa 600"):
        render_list(replace(handed(1), rows=(row,)))
