"""Mẫu giấy và người ký là dữ liệu: from a day on, inherited, on the sheet; the QR code read from the rendered page."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import (
    Border,
    Language,
    LetterKind,
    PaperLayout,
    PaperSize,
    SigningWay,
    hard_cases,
    signature_lines,
    usual_layout,
    words_for,
)
from civreg.shared import clock
from civreg.shared.errors import InvalidInput, NotAllowed, NotFound, Refusal
from civreg.shared.imaging import reencode
from tests.letters.flow import approved, issued, letter_of, registered
from tests.shared.paper_reading import reader, words
from tests.world import BIRTH, MARRIAGE, World, _unit

BIRTH_KIND, DEATH_KIND = LetterKind.CONGRATULATION_BIRTH, LetterKind.CONDOLENCE
FOLDER = work.LETTER_TEMPLATES


def sheet(session: Session, unit_id: int, kind: LetterKind = BIRTH_KIND, on: date | None = None) -> bytes:
    text = queries.shipped_wording(kind, Language.VIETNAMESE, FOLDER).body
    return queries.sample_pdf(session, unit_id, kind, words_for(kind, hard_cases(kind)[0].facts, text), on)


def test_a_layout_holds_from_its_day_and_below_its_unit(session: Session, world: World) -> None:
    today = clock.today()
    later = today + timedelta(days=7)
    letters.set_layout(
        session, world.clerk, world.province, BIRTH_KIND, today, PaperLayout(size=PaperSize.A5)
    )
    letters.set_layout(session, world.clerk, world.tra_cu, BIRTH_KIND, later, PaperLayout(PaperSize.FOLDED))

    def size(unit_id: int, on: date) -> PaperSize:
        chain = queries.chain_of(session, unit_id, on)
        return queries.layout_in_force(session, chain, BIRTH_KIND, on).layout.size

    assert size(world.tra_cu, today - timedelta(days=1)) is PaperSize.A4
    assert size(world.tra_cu, today) is PaperSize.A5
    assert size(world.tra_cu, later) is PaperSize.FOLDED
    assert size(world.dai_an, later) is PaperSize.A5


@pytest.mark.parametrize(
    ("kind", "layout", "field", "says"),
    [
        (DEATH_KIND, PaperLayout(border=Border.LOTUS), "border", "Thư chia buồn, thư xin lỗi luôn để trơn."),
        (BIRTH_KIND, PaperLayout(right_tenths_mm=301), "right_mm", "Dời nhiều nhất 30 mm."),
        (BIRTH_KIND, PaperLayout(receivers=("中",)), "receivers", "Không in được ký tự “中”"),
        (BIRTH_KIND, PaperLayout(receivers=("a",) * 7), "receivers", "Ghi nhiều nhất 6 dòng"),
    ],
)
def test_a_layout_that_cannot_be_is_refused_at_its_field(
    session: Session, world: World, kind: LetterKind, layout: PaperLayout, field: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        letters.set_layout(session, world.clerk, world.tra_cu, kind, clock.today(), layout)
    assert refused.value.fields[field].startswith(says)
    with pytest.raises(NotAllowed):
        letters.set_layout(session, world.officer, world.tra_cu, kind, clock.today(), usual_layout(kind))
    with pytest.raises(NotFound):
        letters.set_layout(session, world.neighbour, world.tra_cu, kind, clock.today(), usual_layout(kind))


def test_preprinted_stock_gets_only_words_and_they_move(session: Session, world: World) -> None:
    plain = words(sheet(session, world.tra_cu))
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in plain
    stock = replace(usual_layout(BIRTH_KIND), preprinted=True, right_tenths_mm=25, down_tenths_mm=-15)
    letters.set_layout(session, world.clerk, world.tra_cu, BIRTH_KIND, clock.today(), stock)
    moved = sheet(session, world.tra_cu)
    assert "CỘNG HÒA" not in words(moved)
    assert "THƯ CHÚC MỪNG" in words(moved)
    letters.set_layout(
        session,
        world.clerk,
        world.tra_cu,
        BIRTH_KIND,
        clock.today(),
        replace(stock, right_tenths_mm=0, down_tenths_mm=0),
    )
    still = sheet(session, world.tra_cu)

    def place(pdf: bytes) -> tuple[float, float]:
        found: list[tuple[float, float]] = []

        def visit(part: str, _cm: object, matrix: list[float], _font: object, _size: object) -> None:
            if "THƯ CHÚC MỪNG" in part:
                found.append((matrix[4], matrix[5]))

        reader(pdf).pages[0].extract_text(visitor_text=visit)
        return found[0]

    right, up = (after - before for after, before in zip(place(moved), place(still), strict=True))
    assert (right, up) == (pytest.approx(2.5 * 72 / 25.4, abs=0.02), pytest.approx(1.5 * 72 / 25.4, abs=0.02))


def test_a_letterhead_stands_in_place_of_the_heading(session: Session, world: World) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 200), (20, 90, 140)).save(drawn, "PNG")
    letters.set_layout(
        session,
        world.clerk,
        world.tra_cu,
        BIRTH_KIND,
        clock.today(),
        usual_layout(BIRTH_KIND),
        letterhead=reencode(io.BytesIO(drawn.getvalue())),
    )
    pdf = sheet(session, world.tra_cu)
    assert "CỘNG HÒA" not in words(pdf)
    assert len(reader(pdf).pages[0].images) == 1
    assert sheet(session, world.tra_cu) == pdf


@pytest.mark.parametrize(
    ("way", "position", "lines"),
    [
        (SigningWay.CHAIR, "", ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")),
        (SigningWay.DEPUTY, "", ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
        (SigningWay.BY_ORDER, "Chánh Văn phòng", ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG")),
        (SigningWay.DELEGATED, "Trưởng phòng Tư pháp", ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG TƯ PHÁP")),
    ],
)
def test_who_signs_stands_above_the_signature(
    session: Session, world: World, way: SigningWay, position: str, lines: tuple[str, ...]
) -> None:
    assert signature_lines(way, position) == lines
    today = clock.today()
    letters.set_signer(session, world.head, world.tra_cu, today, way, position=position, name="Kiên Thị Ngọc")
    printed = words(sheet(session, world.tra_cu))
    assert all(line in printed for line in (*lines, "Kiên Thị Ngọc"))
    assert "Kim Thị Sô Phia" not in printed, "the usual signer signs no more"
    before = words(sheet(session, world.tra_cu, on=today - timedelta(days=1)))
    assert "Kim Thị Sô Phia" in before


def test_a_signature_that_cannot_be_is_refused(session: Session, world: World) -> None:
    today = clock.today()
    with pytest.raises(InvalidInput) as refused:
        letters.set_signer(
            session, world.head, world.tra_cu, today, SigningWay.BY_ORDER, signing_unit_id=world.dai_an
        )
    assert refused.value.fields == {
        "position": "Ghi chức vụ của người ký, ví dụ Chánh Văn phòng.",
        "signing_unit": "Đơn vị in và ký thay phải ở trên đơn vị này vào ngày đó. Chọn lại.",
    }
    with pytest.raises(NotAllowed):
        letters.set_signer(session, world.officer, world.tra_cu, today, SigningWay.CHAIR)


def test_headings_right_before_and_after_the_districts_ended(session: Session, world: World) -> None:
    reform = date(2025, 7, 1)
    district = _unit(session, "844", "Huyện Trà Cú", "district", "86")
    old = _unit(session, "29461x", "Thị trấn Trà Cú", "commune", "844")
    session.execute(
        text("UPDATE unit SET valid_from = '2021-11-01', valid_to = :day WHERE id IN (:district, :old)"),
        {"day": reform, "district": district, "old": old},
    )
    session.execute(text("UPDATE unit SET valid_from = '2021-11-01' WHERE id = :id"), {"id": world.province})
    session.expire_all()
    letters.set_signer(
        session,
        replace(world.head, unlimited=True),
        old,
        date(2025, 1, 2),
        SigningWay.DEPUTY,
        signing_unit_id=district,
    )
    before = words(sheet(session, old, on=date(2025, 6, 30)))
    assert "ỦY BAN NHÂN DÂN HUYỆN TRÀ CÚ" in " ".join(before.split())
    assert "Trà Cú, ngày 30 tháng 6 năm 2025" in before
    with pytest.raises(Refusal, match=r"Huyện Trà Cú đã kết thúc trước ngày 1/7/2025 nên không ký thư được"):
        sheet(session, old, on=reform)
    after = " ".join(words(sheet(session, world.tra_cu, on=reform)).split())
    assert "ỦY BAN NHÂN DÂN XÃ TRÀ CÚ" in after
    assert "HUYỆN" not in after


def test_the_qr_code_on_the_page_opens_number_day_and_unit(
    session: Session, world: World, client: FlaskClient
) -> None:
    layout = replace(usual_layout(LetterKind.CONGRATULATION_MARRIAGE), show_code=True)
    letters.set_layout(
        session, world.clerk, world.province, LetterKind.CONGRATULATION_MARRIAGE, clock.today(), layout
    )
    row = approved(session, world, registered(session, world, MARRIAGE))
    assert letters.issue(session, row.id, FOLDER, "https://hotich.example/kiem-tra-thu/")
    pdf = queries.letter_pdf(session, world.head, row.id, FOLDER)
    address = read_code(pdf)
    assert address.startswith("https://hotich.example/kiem-tra-thu/")
    code = address.rpartition("/")[2]
    session.commit()
    shown = client.get(f"/kiem-tra-thu/{code}")
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200
    for said in ("Thư này có trong sổ thư", "01/2026", "16/11/2026", "Ủy ban nhân dân xã Trà Cú"):
        assert said in page
    for person in (*(person.full_name for person in MARRIAGE.people), "kết hôn", "chúc mừng"):
        assert person not in page
    assert client.get(f"/kiem-tra-thu/{code}x").status_code == 404
    row = letter_of(session, row.case_id)
    letters.cancel(session, world.head, row.id, expected_version=row.version, reason="Gia đình đổi ý")
    session.commit()
    assert "Số thư này đã hủy" in client.get(f"/kiem-tra-thu/{code}").get_data(as_text=True)


def test_without_the_setting_no_letter_has_a_code(session: Session, world: World) -> None:
    issued(session, world, BIRTH)
    assert session.execute(text("SELECT confirm_code FROM letter")).scalar_one() is None


def read_code(pdf: bytes) -> str:
    """Return what a telephone reads from the printed page."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
    found = zxingcpp.read_barcodes(page)
    assert len(found) == 1
    return str(found[0].text)
