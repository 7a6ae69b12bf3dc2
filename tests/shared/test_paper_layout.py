"""The layout of Nghị định 30/2020 and the promises of the page kit, read from the finished bytes."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream
from reportlab.pdfbase.pdfmetrics import stringWidth

from civreg.shared.errors import Refusal
from civreg.shared.paper.fonts import Face
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterForm, LetterSheet, render_letter
from civreg.shared.paper.merging import merge
from civreg.shared.paper.ornament import Ornament
from civreg.shared.paper.page import A4, A4_LANDSCAPE, A5, MM, Measures
from civreg.shared.paper.setting import Type
from tests.shared.paper_reading import colours, pages, positions, reader, words

ROOT = Path(__file__).parents[2]
PARAGRAPH = (
    "Thay mặt chính quyền và bà con trong xã, tôi gửi đến gia đình lời chúc mừng chân thành nhất. " * 4
)

LETTER = LetterSheet(
    heading=Heading.of_commune("xã Trà Cú"),
    place="Trà Cú",
    dated_on=date(2026, 2, 5),
    title="THƯ CHÚC MỪNG",
    subtitle="Nhân dịp kết hôn",
    salutation="Kính gửi: Anh Sơn Sa Vươn và chị Kiên Thị Hồng Đào",
    paragraphs=(PARAGRAPH,),
    closing="Chúc anh chị trăm năm hạnh phúc!",
    signature=Signature.of_chair("Nguyễn Văn Hường", deputy=True),
    ornament=Ornament.LOTUS,
)


def test_the_parts_stand_in_the_order_of_the_decree() -> None:
    text = words(render_letter(LETTER))
    parts = [
        "ỦY BAN NHÂN DÂN XÃ TRÀ CÚ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Trà Cú, ngày 05 tháng 02 năm 2026",
        "THƯ CHÚC MỪNG",
        "Nhân dịp kết hôn",
        "Kính gửi: Anh Sơn Sa Vươn và chị Kiên Thị Hồng Đào",
        PARAGRAPH.strip(),
        "Chúc anh chị trăm năm hạnh phúc!",
        "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH",
        "Nguyễn Văn Hường",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "Số:" not in text
    assert "Nơi nhận" not in text


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 1, 9), "ngày 09 tháng 01 năm 2026"),
        (date(2026, 3, 10), "ngày 10 tháng 3 năm 2026"),
        (date(2026, 11, 25), "ngày 25 tháng 11 năm 2026"),
    ],
)
def test_the_date_line_has_its_zeros(day: date, written: str) -> None:
    assert f"Trà Cú, {written}" in words(render_letter(replace(LETTER, dated_on=day)))


def test_number_and_receivers_are_printed_when_asked() -> None:
    text = words(render_letter(replace(LETTER, number="12/UBND", receivers=("Như trên", "Lưu: VT"))))
    assert "Số: 12/UBND" in text
    assert "Nơi nhận: - Như trên; - Lưu: VT." in text


def test_nothing_is_written_outside_the_margins() -> None:
    for left, up, text in positions(render_letter(LETTER)):
        assert left >= A4.left * MM - 0.1, text
        assert A4.bottom * MM <= up <= (A4.height - A4.top) * MM, text


def test_a_paragraph_fills_its_lines_to_the_right_margin() -> None:
    source = [place for place in positions(render_letter(LETTER)) if place[2] in PARAGRAPH]
    assert min(left for left, _up, _text in source) == pytest.approx(A4.left * MM, abs=0.1)
    first = max(source, key=lambda place: place[1])
    assert first[0] == pytest.approx((A4.left + 12.7) * MM, abs=0.1)


def test_a_long_letter_goes_on_with_a_page_number_on_top() -> None:
    content = render_letter(replace(LETTER, paragraphs=(PARAGRAPH,) * 12))
    found = pages(content)
    assert len(found) > 1
    assert found[1].startswith("2 ")
    assert not found[0].startswith("1 ")
    number = next(place for place in positions(content, 1) if place[2] == "2")
    assert number[0] == pytest.approx((A4.left * MM + (A4.width - A4.right) * MM) / 2, abs=5)
    assert number[1] > (A4.height - A4.top) * MM
    assert "Chúc anh chị trăm năm hạnh phúc!" in found[-1]
    assert found[-1].endswith("Nguyễn Văn Hường")
    body = " ".join(text.removeprefix(f"{number} ") for number, text in enumerate(found, start=1))
    assert body.count(PARAGRAPH.strip()[:60]) == 12 * 4


@pytest.mark.parametrize("count", range(1, 20))
def test_the_signature_never_stands_alone_on_a_page(count: int) -> None:
    lines = tuple(f"Đoạn {order} của thư này có hai câu. {PARAGRAPH}" for order in range(count))
    found = pages(render_letter(replace(LETTER, paragraphs=lines)))
    last = found[-1]
    assert "TM. ỦY BAN NHÂN DÂN" in last
    assert "chúc mừng chân thành nhất. Chúc anh chị trăm năm hạnh phúc! TM." in last
    assert all(f"Đoạn {order} của" in " ".join(found) for order in range(count))


def test_an_offset_moves_everything_by_the_same_millimetres() -> None:
    still, moved = (
        positions(render_letter(LETTER)),
        positions(render_letter(replace(LETTER, offset_mm=(3, -2)))),
    )
    for one, other in zip(still, moved, strict=True):
        assert other[2] == one[2]
        assert (other[0] - one[0], other[1] - one[1]) == (
            pytest.approx(3 * MM, abs=0.02),
            pytest.approx(2 * MM, abs=0.02),
        )


def test_preprinted_stock_leaves_the_agency_out() -> None:
    text = words(render_letter(replace(LETTER, heading=None)))
    assert "XÃ TRÀ CÚ" not in text
    assert "CỘNG HÒA" not in text
    assert "Trà Cú, ngày 05 tháng 02 năm 2026" in text


@pytest.mark.parametrize(
    ("form", "measures"), [(LetterForm.A4, A4), (LetterForm.A5, A5), (LetterForm.FOLDED, A4_LANDSCAPE)]
)
def test_the_size_is_the_one_asked_for(form: LetterForm, measures: Measures) -> None:
    box = reader(render_letter(replace(LETTER, form=form))).pages[0].mediabox
    assert (float(box.width), float(box.height)) == (
        pytest.approx(measures.width * MM, abs=0.1),
        pytest.approx(measures.height * MM, abs=0.1),
    )


def test_a_letter_without_ornament_is_black_only() -> None:
    assert colours(render_letter(replace(LETTER, ornament=Ornament.NONE))) <= {("0", "0", "0")}
    assert colours(render_letter(LETTER)) - {("0", "0", "0")}


def test_the_document_is_tagged_titled_and_vietnamese() -> None:
    source = reader(render_letter(LETTER))
    root = source.trailer["/Root"]
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert source.metadata is not None
    assert source.metadata.title == "THƯ CHÚC MỪNG"
    elements = [kid.get_object() for kid in root["/StructTreeRoot"]["/K"][0].get_object()["/K"]]
    roles = [element["/S"] for element in elements]
    assert roles.count("/H1") == 1
    assert roles.count("/P") >= 8
    assert PARAGRAPH.strip() in read_aloud(source)
    parents = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    assert [kid.get_object() for kid in parents[1].get_object()] == elements
    raw = source.pages[0]["/Contents"].get_object().get_data()
    assert raw.count(b"BDC") == len(elements)
    assert raw.count(b"BDC") + raw.count(b"BMC") == raw.count(b"EMC")


def read_aloud(source: PdfReader) -> list[str]:
    """The text of each tagged part of page 1, pieces joined as a screen reader joins them: without a blank."""
    said: list[str] = []
    page = source.pages[0]
    fonts = {
        name: parse_to_unicode(font.get_object()["/ToUnicode"].get_object().get_data())
        for name, font in page["/Resources"]["/Font"].items()
    }
    letters: dict[int, str] = {}
    for operands, operator in ContentStream(page["/Contents"].get_object(), source).operations:
        if operator == b"BDC":
            said.append("")
        elif operator == b"Tf":
            letters = fonts[operands[0]]
        elif operator == b"Tj" and said:
            said[-1] += "".join(letters[byte] for byte in operands[0].original_bytes)
    return said


def parse_to_unicode(table: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{2})> <([0-9A-F]{4})>\n", table)
    return {int(code, 16): chr(int(letter, 16)) for code, letter in pairs}


def test_the_same_sheet_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib,sys;from tests.shared.test_paper_layout import LETTER,render_letter;"
        "sys.stdout.write(hashlib.sha256(render_letter(LETTER)).hexdigest())"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
        )
        for seed in ("1", "2")
    )
    assert len(first.stdout) == 64
    assert first.stdout == second.stdout


def test_other_letters_in_between_change_nothing() -> None:
    before = render_letter(LETTER)
    render_letter(replace(LETTER, paragraphs=("Ñandú façade Østergård œuvre",)))
    assert render_letter(LETTER) == before


def test_tinos_is_as_wide_as_times() -> None:
    plain = "The quick brown fox jumps over 1234567890 lazy dogs; CONG HOA XA HOI (VIET NAM)."
    for face, times in (
        (Face.REGULAR, "Times-Roman"),
        (Face.BOLD, "Times-Bold"),
        (Face.ITALIC, "Times-Italic"),
    ):
        assert Type(face, 13).width(plain) == pytest.approx(stringWidth(plain, times, 13), rel=0.002)


def test_a_print_run_keeps_every_page_and_each_face_once() -> None:
    letters = [
        render_letter(replace(LETTER, salutation=f"Kính gửi: Gia đình số {order:03d}")) for order in range(95)
    ]
    run = merge(iter(letters))
    found = pages(run)
    assert len(found) == 95
    assert all(f"Gia đình số {order:03d} " in text for order, text in enumerate(found))
    faces = {
        font.get_object()["/FontDescriptor"].raw_get("/FontFile2").idnum
        for page in reader(run).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert len(faces) == 4
    assert len(run) < len(letters[0]) * 10
    assert run == merge(letters)


def test_a_rare_sign_has_its_own_cut_and_leaves_the_shared_face_alone() -> None:
    """Equal names must be equal faces: a letter with a sign beyond the alphabet may not change the first cut."""
    rare = render_letter(replace(LETTER, salutation="Kính gửi: Gia đình số € ½"))
    run = merge([rare, render_letter(LETTER), rare])
    found = pages(run)
    assert "Gia đình số € ½" in found[0]
    assert "Gia đình số € ½" in found[2]
    assert found[1] == pages(render_letter(LETTER))[0]
    cuts = {
        font.get_object()["/FontDescriptor"].raw_get("/FontFile2").idnum
        for page in reader(run).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert len(cuts) == 5, "four faces, and the rare signs once for both letters"


def test_a_double_sided_run_starts_every_letter_on_a_front() -> None:
    long = render_letter(replace(LETTER, paragraphs=(PARAGRAPH,) * 9))
    assert len(pages(long)) == 2
    found = pages(merge([render_letter(LETTER), long, render_letter(LETTER)], double_sided=True))
    assert [bool(text) for text in found] == [True, False, True, True, True, False]


def test_an_empty_run_is_refused() -> None:
    with pytest.raises(Refusal, match="Chưa có tờ nào"):
        merge([])


def test_frame_and_flower_are_kept_once_in_a_run() -> None:
    """Two hundred letters of congratulation hold the shapes of one; different sheets keep their own."""
    small = replace(LETTER, form=LetterForm.A5)
    run = merge([render_letter(LETTER), render_letter(small), render_letter(LETTER)])
    kept = {
        shape.indirect_reference.idnum
        for page in reader(run).pages
        for shape in (one.get_object() for one in page["/Resources"]["/XObject"].values())
    }
    assert len(kept) == 4
