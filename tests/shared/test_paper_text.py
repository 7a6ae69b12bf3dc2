from __future__ import annotations

import random
import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont

from civreg.shared.errors import Refusal
from civreg.shared.paper.fonts import Face, drawable, drawable_characters, fonts
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.paper.setting import Type, break_balanced, break_lines
from tests.shared.paper_reading import reader, words

FAMILY = ["Nguyễn", "Thạch", "Kim", "Sơn", "Kiên", "Lâm", "Trần", "Đặng", "Lý", "Quách"]
MIDDLE = ["Văn", "Thị", "Sa", "Ngọc", "Thị Thu", "Hữu", "<Văn>", "&lt;b&gt;", "</para>", "&amp;", "\\(Thị\\)"]
GIVEN = [
    "Hường",
    "Rết",
    "Vươn",
    "Đào",
    "Ẩn",
    "Ý",
    "Yến",
    "Khuê",
    "Sarết",
    "D'Arc",
    "{mẹ}",
    "%s",
    "(Út)",
    "Ơn",
]


def nasty_names(count: int) -> list[str]:
    chance = random.Random(20261124)
    forms = [
        lambda s: s,
        str.upper,
        lambda s: unicodedata.normalize("NFD", s),
        lambda s: s.replace(" ", "  "),
    ]
    return [
        chance.choice(forms)(" ".join(chance.choice(part) for part in (FAMILY, MIDDLE, GIVEN)))
        for _ in range(count)
    ]


def sheet(*paragraphs: str) -> LetterSheet:
    return LetterSheet(
        heading=Heading.of_commune("xã Trà Cú"),
        place="Trà Cú",
        dated_on=date(2026, 2, 5),
        title="THƯ CHÚC MỪNG",
        salutation="Kính gửi: Gia đình",
        paragraphs=paragraphs,
        signature=Signature.of_chair("Nguyễn Văn Hường"),
    )


def test_a_thousand_nasty_names_are_read_back_exactly() -> None:
    names = [f"{order:04d}: {name} ." for order, name in enumerate(nasty_names(1000))]
    for start in range(0, len(names), 50):
        batch = names[start : start + 50]
        text = words(render_letter(sheet(*batch)))
        for name in batch:
            assert " ".join(unicodedata.normalize("NFC", name).split()) in text


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_drawable_text_is_read_back(data: st.DataObject) -> None:
    alphabet = sorted(chr(code) for code in drawable_characters() if chr(code).isprintable())
    typed = data.draw(st.text(alphabet, min_size=1, max_size=60))
    clean = drawable(typed)
    assert clean == drawable(clean)
    assert f"# {clean}".strip() in words(render_letter(sheet(f"# {clean}")))


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("Bé Bông 😀", "“😀” (U+1F600)"),
        ("Chọn ☑", "“☑” (U+2611)"),
        ("中", "“中” (U+4E2D)"),
        ("ខ្មែរ\u200b 中", "“中” (U+4E2D)"),
        ("Nguyễn\u200bVăn", "(U+200B)"),
        ("Nguyễn\u202eVăn", "(U+202E)"),
        ("A\x00B", "(U+0000)"),
    ],
)
def test_a_character_that_cannot_be_drawn_is_named(typed: str, named: str) -> None:
    with pytest.raises(Refusal) as refused:
        render_letter(sheet(f"Gửi {typed}"))
    assert named in refused.value.sentence


@pytest.mark.parametrize(
    "typed", ["A" * 10_000, "Nguyễn " * 10_000, unicodedata.normalize("NFD", "ễ" * 10_000)]
)
def test_ten_thousand_characters_are_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(Refusal, match="tối đa 4000"):
        render_letter(sheet(typed))


def test_the_field_is_named_in_the_refusal() -> None:
    with pytest.raises(Refusal) as refused:
        drawable("😀", field="child_name")
    assert refused.value.field == "child_name"


def test_all_vietnamese_letters_are_in_all_faces() -> None:
    letters = {
        unicodedata.normalize("NFC", vowel + tone)
        for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
        for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    } | set("đĐ")
    assert {ord(letter) for letter in letters} <= drawable_characters()
    assert set(fonts()) == set(Face)


@given(st.lists(st.text("abcdêộ", min_size=1, max_size=30), min_size=1, max_size=60))
def test_lines_keep_all_words_and_never_overflow(parts: list[str]) -> None:
    kind, column = Type(Face.REGULAR, 14), 150.0
    text = " ".join(parts)
    lines = break_lines(text, kind, column, first_indent=36, justified=True)
    assert "".join("".join(line.text.split()) for line in lines) == "".join(parts)
    for line in lines:
        assert line.indent + line.width + line.stretch * line.text.count(" ") <= column + 0.01
    for line in lines[:-1]:
        if " " in line.text:
            assert line.indent + line.width + line.stretch * line.text.count(" ") == pytest.approx(column)


def test_centred_lines_break_between_names() -> None:
    kind = Type(Face.BOLD, 14)
    lines = break_balanced("Kính gửi: Chị Trần Thị Thu Hường và anh Nguyễn Ngọc Bảo An", kind, 300)
    assert [line.text for line in lines] == ["Kính gửi: Chị Trần Thị Thu Hường", "và anh Nguyễn Ngọc Bảo An"]


def test_every_face_is_embedded_and_no_other_is_named() -> None:
    seen = set()
    for page in reader(render_letter(sheet("Chúc mừng"))).pages:
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()
            seen.add(described["/BaseFont"])
            assert "/FontFile2" in described["/FontDescriptor"].get_object()
    assert all(name.endswith(("+Tinos-Regular", "+Tinos-Bold", "+Tinos-Italic")) for name in seen)
    assert len(seen) == 3


@pytest.mark.parametrize("line", ['Ủy ban nhân dân xã (1) \\ "Út"', "", "ĐỖ Ý", "Ý €", "a\u00a0b"])
def test_a_line_has_the_codes_that_stock_reportlab_gives_it(line: str) -> None:
    font, document = fonts()[Face.REGULAR], PDFDocument()
    ours = font.splitString(line, document)
    assert ours == TTFont.splitString(font, line, document)
