from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from civreg.shared.errors import Refusal
from civreg.shared.paper.control import ControlSlip, HandOver, KeptResult, render_control
from civreg.shared.paper.declaration import (
    DeclarationSheet,
    FilledEntry,
    FilledSection,
    render_declaration,
)
from civreg.shared.paper.fonts import Face
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.paper.setting import Type
from tests.shared.paper_reading import operations, pages, positions, words

SHEET = DeclarationSheet(
    title="TỜ KHAI ĐĂNG KÝ KHAI TỬ",
    to="Ủy ban nhân dân xã Trà Cú, tỉnh Vĩnh Long",
    sections=(
        FilledSection(
            rows=(
                (FilledEntry("Họ, chữ đệm, tên", "THẠCH SÊN"),),
                (FilledEntry("Nguyên nhân chết", "", 2),),
                (FilledEntry("Giới tính", "Nam"), FilledEntry("Dân tộc", "Khmer")),
            ),
            opening="Đề nghị cơ quan đăng ký khai tử:",
        ),
    ),
    pledge="Tôi cam đoan những nội dung trên là đúng sự thật.",
    place="xã Trà Cú",
    signers=("Người yêu cầu",),
    case_code="29461-26-00003",
)
SLIP = ControlSlip(
    heading=Heading.of_commune("xã Trà Cú"),
    place="Trà Cú",
    dated_on=date(2026, 11, 17),
    case_code="29461-26-00003",
    requester="Thạch Sa Rây",
    request="Trích lục khai tử tại nhà",
    received="08 giờ 00, 16/11/2026",
    received_where="nhà của gia đình",
    hand_overs=(HandOver("Nhận hồ sơ", "Gia đình", "Thạch Thị Mỹ Hạnh", "08 giờ 00, 16/11/2026"),),
    results=(KeptResult("Trích lục khai tử", "Công an", date(2026, 11, 16), None, None, "Còn trong hạn"),),
    signature=Signature(("CÔNG CHỨC LÀM CÔNG TÁC HỘ TỊCH",), name="Thạch Thị Mỹ Hạnh"),
)


def _dotted_lines(content: bytes) -> int:
    return sum(operator == b"d" and operands[0] != [] for operands, operator in operations(content))


def test_what_is_not_known_is_a_line_to_write_on() -> None:
    content = render_declaration(SHEET)
    filled = replace(SHEET.sections[0].rows[1][0], value="Bệnh già")
    rows = (SHEET.sections[0].rows[0], (filled,), SHEET.sections[0].rows[2])
    whole = render_declaration(replace(SHEET, sections=(replace(SHEET.sections[0], rows=rows),)))
    assert _dotted_lines(content) == _dotted_lines(whole) + 2
    assert "Nguyên nhân chết: Giới tính: Nam Dân tộc: Khmer" in words(content)
    assert "Nguyên nhân chết: Bệnh già" in words(whole)


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert render_declaration(SHEET) == render_declaration(SHEET)
    assert render_control(SLIP) == render_control(SLIP)


def test_a_sign_that_no_face_has_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="U\\+1F98B"):
        render_declaration(replace(SHEET, place="xã Trà Cú 🦋"))


def test_pledge_and_signature_go_over_together() -> None:
    rows = tuple((FilledEntry("Nơi cư trú", "Ấp Đầu Giồng, xã Trà Cú " * 8),) for _ in range(12))
    found = pages(render_declaration(replace(SHEET, sections=(FilledSection(rows),))))
    assert len(found) == 2
    assert "Tôi cam đoan" in found[1]
    assert "Người làm chứng:" in found[1]


def test_a_long_position_ends_at_the_margin() -> None:
    letter = LetterSheet(
        SLIP.heading, "Trà Cú", date(2026, 11, 17), "PHIẾU", "Kính gửi: Ông/bà", ("Lời.",), SLIP.signature
    )
    title = SLIP.signature.lines[0]
    [left] = [left for left, _, text in positions(render_letter(letter)) if text == title]
    assert left + Type(Face.BOLD, 13.5).width(title) == pytest.approx(595.28 - 20 * 72 / 25.4, abs=0.1)


def test_the_signature_of_a_long_slip_never_stands_alone() -> None:
    busy = tuple(replace(SLIP.hand_overs[0], note="Thiếu chữ ký của chủ hộ " * 6) for _ in range(9))
    for count in range(1, 10):
        found = pages(render_control(replace(SLIP, hand_overs=busy[:count])))
        assert "Hẹn trả và thực hiện:" in found[-1]
        assert "CÔNG CHỨC LÀM CÔNG TÁC HỘ TỊCH" in found[-1]
