from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from civreg.letters.export import Stamp, letter_pdf
from civreg.letters.rules import (
    BirthFacts,
    DeathFacts,
    Honorific,
    LetterFacts,
    LetterKind,
    MarriageFacts,
    latest_template,
    words_for,
)
from civreg.shared.partial_date import PartialDate
from tests.shared.paper_reading import colours, pages

FOLDER = Path(__file__).parents[2] / "templates" / "letters"
STAMP = Stamp(
    "xã Lưu Nghiệp Anh",
    "Lưu Nghiệp Anh",
    date(2026, 11, 25),
    number=7,
    signer="Nguyễn Văn Hường",
    deputy=True,
)
LONG = "Nguyễn Thạch Thị Hoàng Ngọc Phương Khánh Quỳnh"
LETTERS: dict[LetterKind, LetterFacts] = {
    LetterKind.CONGRATULATION_BIRTH: BirthFacts(
        "xã Lưu Nghiệp Anh",
        (f"{LONG} An", f"{LONG} Anh"),
        f"{LONG} Ba",
        f"{LONG} Bảo",
        PartialDate(2026, 1, 12),
    ),
    LetterKind.CONGRATULATION_MARRIAGE: MarriageFacts(
        "xã Lưu Nghiệp Anh", LONG, f"{LONG} Ba", date(2026, 2, 5)
    ),
    LetterKind.CONDOLENCE: DeathFacts("xã Lưu Nghiệp Anh", LONG, Honorific.ELDER, PartialDate(2026, 2, 1)),
}


def shipped(kind: LetterKind) -> str:
    name, _version = latest_template(kind, (path.name for path in FOLDER.iterdir()))
    return (FOLDER / name).read_text("utf-8")


@pytest.mark.parametrize("size", ["A4", "A5"])
@pytest.mark.parametrize("kind", list(LetterKind))
def test_shipped_words_stand_on_one_page_even_with_long_names(kind: LetterKind, size: str) -> None:
    words = replace(words_for(kind, LETTERS[kind], shipped(kind)), size=size)
    found = pages(letter_pdf(words, STAMP))
    assert len(found) == 1
    for said in (words.title, words.salutation, *words.paragraphs, words.closing, "Nguyễn Văn Hường"):
        assert said in found[0]
    assert "Số:" not in found[0]


def test_only_a_congratulation_has_a_colour() -> None:
    coloured = {
        kind
        for kind in LetterKind
        if colours(letter_pdf(words_for(kind, LETTERS[kind], shipped(kind)), STAMP)) - {("0", "0", "0")}
    }
    assert coloured == {LetterKind.CONGRATULATION_BIRTH, LetterKind.CONGRATULATION_MARRIAGE}


def test_the_number_is_printed_when_the_text_file_asks() -> None:
    text = shipped(LetterKind.CONDOLENCE).replace("số: không", "số: có")
    words = words_for(LetterKind.CONDOLENCE, LETTERS[LetterKind.CONDOLENCE], text)
    assert "Số: 07/UBND" in pages(letter_pdf(words, STAMP))[0]
