"""Every occasion × language × size side by side: `python -m tests.letters.contact_sheet FOLDER` makes one PNG an occasion."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pypdfium2
from PIL import Image

from civreg.letters.rules import (
    Language,
    LetterKind,
    LetterWords,
    hard_cases,
    latest_template,
    usual_layout,
    words_for,
)
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterForm, LetterSheet, LetterText, render_letter
from civreg.shared.paper.ornament import Ornament

FOLDER = Path(__file__).parents[2] / "templates" / "letters"
ALL = [(kind, language, form) for kind in LetterKind for language in Language for form in LetterForm]


def written(kind: LetterKind, language: Language) -> LetterWords:
    """The shipped words on the plain case of an occasion."""
    name, _version = latest_template(kind, (path.name for path in FOLDER.iterdir()), language)
    return words_for(kind, hard_cases(kind)[0].facts, (FOLDER / name).read_text("utf-8"))


def drawn(kind: LetterKind, language: Language, form: LetterForm) -> bytes:
    """The sheet with these words, with number, receivers and QR code: as full as a letter gets."""
    words = written(kind, language)
    khmer = words.khmer
    return render_letter(
        LetterSheet(
            heading=Heading.of_commune("xã Trà Cú"),
            place="Trà Cú",
            dated_on=date(2026, 11, 25),
            title=words.title,
            subtitle=words.subtitle,
            salutation=words.salutation,
            paragraphs=words.paragraphs,
            closing=words.closing,
            other=khmer
            and LetterText(khmer.title, khmer.subtitle, khmer.salutation, khmer.paragraphs, khmer.closing),
            signature=Signature.of_chair("Kim Thị Sô Phia", deputy=True),
            number="05/2026",
            receivers=("Như trên", "Lưu: VT"),
            ornament=Ornament(usual_layout(kind).border.value),
            form=form,
            code_address="https://hotich.example/kiem-tra-thu/m3yL1uPq8wZk2tXb",
        )
    )


def pictures(kind: LetterKind, scale: float = 0.8) -> Iterator[Image.Image]:
    """Every page of every language and size of an occasion."""
    for language in Language:
        for form in LetterForm:
            document = pypdfium2.PdfDocument(drawn(kind, language, form))
            for page in document:
                yield page.render(scale=scale).to_pil()


def main(folder: Path) -> None:
    """Write one PNG an occasion."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in LetterKind:
        rows: list[list[Image.Image]] = [[]]
        for picture in pictures(kind):
            if sum(one.width + 8 for one in rows[-1]) + picture.width > 2400:
                rows.append([])
            rows[-1].append(picture)
        sheet = Image.new(
            "RGB", (2420, sum(max(one.height for one in row) + 8 for row in rows)), (150, 150, 150)
        )
        down = 4
        for row in rows:
            left = 4
            for one in row:
                sheet.paste(one, (left, down))
                left += one.width + 8
            down += max(one.height for one in row) + 8
        sheet.save(folder / f"{kind.value}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
