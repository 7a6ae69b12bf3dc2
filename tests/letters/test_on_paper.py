from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

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
    usual_layout,
    words_for,
)
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterForm, LetterSheet, render_letter
from civreg.shared.paper.ornament import Ornament
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


def letter_pdf(kind: LetterKind, words: LetterWords, **changes: Any) -> bytes:
    layout = usual_layout(kind)
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
            ornament=Ornament(layout.border.value),
            **changes,
        )
    )


@pytest.mark.parametrize("form", [LetterForm.A4, LetterForm.A5])
@pytest.mark.parametrize("kind", list(LETTERS))
def test_shipped_words_stand_on_one_page_even_with_long_names(kind: LetterKind, form: LetterForm) -> None:
    words = words_for(kind, LETTERS[kind], shipped(kind))
    found = pages(letter_pdf(kind, words, form=form))
    assert len(found) == 1
    for said in (words.title, words.salutation, *words.paragraphs, words.closing, "Nguyễn Văn Hường"):
        assert said in found[0]
    assert "Số:" not in found[0]


def test_only_a_congratulation_has_a_colour() -> None:
    coloured = {
        kind
        for kind in LETTERS
        if colours(letter_pdf(kind, words_for(kind, LETTERS[kind], shipped(kind)))) - {("0", "0", "0")}
    }
    assert coloured == {LetterKind.CONGRATULATION_BIRTH, LetterKind.CONGRATULATION_MARRIAGE}
