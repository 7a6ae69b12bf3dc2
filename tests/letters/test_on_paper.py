from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from civreg.letters.rules import (
    BirthFacts,
    DeathFacts,
    Honorific,
    LetterFacts,
    LetterKind,
    LetterWords,
    MarriageFacts,
    latest_template,
    words_for,
)
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.paper.ornament import Ornament
from civreg.shared.paper.page import A4, A5
from civreg.shared.partial_date import PartialDate
from tests.shared.paper_reading import colours, pages

FOLDER = Path(__file__).parents[2] / "templates" / "letters"
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


def letter_pdf(words: LetterWords) -> bytes:
    return render_letter(
        LetterSheet(
            heading=Heading.of_commune("xã Lưu Nghiệp Anh"),
            place="Lưu Nghiệp Anh",
            dated_on=date(2026, 11, 25),
            title=words.title,
            subtitle=words.subtitle,
            salutation=words.salutation,
            paragraphs=words.paragraphs,
            closing=words.closing,
            signature=Signature.of_chair("Nguyễn Văn Hường", deputy=True),
            number="07/2026" if words.show_number else None,
            receivers=words.receivers,
            ornament=Ornament(words.ornament),
            measures=A5 if words.size == "A5" else A4,
        )
    )


@pytest.mark.parametrize("size", ["A4", "A5"])
@pytest.mark.parametrize("kind", list(LetterKind))
def test_shipped_words_stand_on_one_page_even_with_long_names(kind: LetterKind, size: str) -> None:
    words = replace(words_for(kind, LETTERS[kind], shipped(kind)), size=size)
    found = pages(letter_pdf(words))
    assert len(found) == 1
    for said in (words.title, words.salutation, *words.paragraphs, words.closing, "Nguyễn Văn Hường"):
        assert said in found[0]
    assert "Số:" not in found[0]


def test_only_a_congratulation_has_a_colour() -> None:
    coloured = {
        kind
        for kind in LetterKind
        if colours(letter_pdf(words_for(kind, LETTERS[kind], shipped(kind)))) - {("0", "0", "0")}
    }
    assert coloured == {LetterKind.CONGRATULATION_BIRTH, LetterKind.CONGRATULATION_MARRIAGE}


def test_the_number_is_printed_when_the_text_file_asks() -> None:
    text = shipped(LetterKind.CONDOLENCE).replace("số: không", "số: có")
    words = words_for(LetterKind.CONDOLENCE, LETTERS[LetterKind.CONDOLENCE], text)
    assert "Số: 07/2026" in pages(letter_pdf(words))[0]
