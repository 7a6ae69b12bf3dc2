"""Every occasion × language × size, as a PDF reader finds it: pages, words, faces, title, language; the same bytes again."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
import zxingcpp

from civreg.letters.rules import Language, LetterKind
from civreg.shared.paper.letter import LetterForm
from civreg.shared.paper.merging import merge
from tests.letters.contact_sheet import ALL, drawn, written
from tests.shared.paper_reading import reader, words


def one_line(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


def without_blanks(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize(("kind", "language", "form"), ALL)
def test_a_reader_finds_all_that_was_written(kind: LetterKind, language: Language, form: LetterForm) -> None:
    pdf, said = drawn(kind, language, form), written(kind, language)
    assert pdf == drawn(kind, language, form)
    document, found = reader(pdf), words(pdf)
    second_face = language is Language.WITH_KHMER and form is LetterForm.A5
    assert len(document.pages) == (2 if form is LetterForm.FOLDED or second_face else 1)
    for text in (
        said.title,
        said.subtitle,
        said.salutation,
        *said.paragraphs,
        said.closing,
        "Kim Thị Sô Phia",
    ):
        assert one_line(text) in one_line(found)
    if said.khmer:
        khmer = (said.khmer.title, said.khmer.subtitle, said.khmer.salutation, *said.khmer.paragraphs)
        for text in (*khmer, said.khmer.closing):
            assert without_blanks(text) in without_blanks(found)
    assert "Số: 05/2026" in found
    assert "Nơi nhận:" in found
    assert document.metadata is not None
    assert document.metadata.title == said.title
    assert document.trailer["/Root"]["/Lang"] == "vi"
    assert faces_of(document) >= (
        {"Tinos-Regular", "Tinos-Bold"} | ({"NotoSansKhmer"} if said.khmer else set())
    )


def faces_of(document: Any) -> set[str]:
    """Return the names of the faces, each sure to be embedded and cut to what is used."""
    found = set()
    for page in document.pages:
        for font in page["/Resources"]["/Font"].values():
            whole = font.get_object()
            inner = whole["/DescendantFonts"][0].get_object() if "/DescendantFonts" in whole else whole
            assert "/FontFile2" in inner["/FontDescriptor"].get_object()
            assert "/ToUnicode" in whole
            tag, _, name = str(whole["/BaseFont"]).removeprefix("/").partition("+")
            assert len(tag) == 6
            assert tag.isupper()
            found.add(name)
    return found


@pytest.mark.parametrize("form", list(LetterForm))
def test_the_code_can_be_read_at_every_size(form: LetterForm) -> None:
    document = pypdfium2.PdfDocument(drawn(LetterKind.CONGRATULATION_BIRTH, Language.WITH_KHMER, form))
    inner = document[1 if form is LetterForm.FOLDED else 0].render(scale=200 / 72).to_pil()
    (code,) = zxingcpp.read_barcodes(inner)
    assert code.text == "https://hotich.example/kiem-tra-thu/m3yL1uPq8wZk2tXb"


def test_khmer_says_its_letters_to_a_reader_and_is_marked_as_khmer() -> None:
    content = reader(drawn(LetterKind.CONDOLENCE, Language.WITH_KHMER, LetterForm.A4)).pages[0].get_contents()
    assert content is not None
    operators = content.get_data().decode("latin-1")
    title = written(LetterKind.CONDOLENCE, Language.WITH_KHMER).khmer
    assert title is not None
    letters = (b"\xfe\xff" + title.title.encode("utf-16-be")).hex().upper()
    assert f"/Span <</Lang (km) /ActualText <{letters}>>> BDC" in operators


def test_a_run_keeps_one_copy_of_the_khmer_face_and_every_letter_its_words() -> None:
    condolence = drawn(LetterKind.CONDOLENCE, Language.WITH_KHMER, LetterForm.A4)
    birth = drawn(LetterKind.CONGRATULATION_BIRTH, Language.WITH_KHMER, LetterForm.A4)
    run = merge([condolence, birth, condolence])
    assert len(run) < len(condolence) + len(birth) + 20_000
    for page, kind in zip(
        reader(run).pages, ("condolence", "congratulation_birth", "condolence"), strict=True
    ):
        khmer = written(LetterKind(kind), Language.WITH_KHMER).khmer
        assert khmer is not None
        assert without_blanks(khmer.paragraphs[0]) in without_blanks(page.extract_text())
