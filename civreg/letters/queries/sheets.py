"""Tờ thư: from sealed facts and the office's text to the words, and from the words to the printed sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path

from sqlalchemy.orm import Session

from civreg.letters.models import Letter
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.papers import LayoutInForce, Letterhead, layout_in_force, letterhead_of
from civreg.letters.queries.wordings import WordingInForce, chain_of, wording_in_force
from civreg.letters.rules import (
    Language,
    LetterKind,
    LetterWords,
    PaperSize,
    words_for,
)
from civreg.shared import clock, files
from civreg.shared.paper.letter import LetterForm, LetterSheet, LetterText, render_letter
from civreg.shared.paper.ornament import Ornament
from civreg.units.queries import UnitRow

SAMPLE_NUMBER = "......"
SAMPLE_CODE = "Bản xem trước, chưa có mã"
"""What stands for number and QR code before a letter has them."""
_FORMS = {
    PaperSize.A4: LetterForm.A4,
    PaperSize.A5: LetterForm.A5,
    PaperSize.FOLDED: LetterForm.FOLDED,
}


@dataclass(frozen=True)
class LetterDress:
    """What a letter would be written and laid out with today.

    Attributes:
        words: what it says.
        wording: the text the words come from.
        paper: its layout.
        unit: the commune that sends it.
    """

    words: LetterWords
    wording: WordingInForce
    paper: LayoutInForce
    unit: UnitRow


class Wardrobe:
    """What the letters of one transaction and day are dressed with; looked up once for a unit, occasion and language."""

    def __init__(self, session: Session, templates: Path, on: date) -> None:
        """Open it.

        Args:
            session: of the transaction; nothing it looked up is good for another one.
            templates: folder of the shipped texts.
            on: the day of the letters.
        """
        self._session, self._templates, self.day = session, templates, on
        self._chain = cache(partial(chain_of, session, on=on))
        self._wording = cache(self._find_wording)
        self._layout = cache(self._find_layout)
        self._head = cache(self._find_head)
        self._picture = cache(partial(files.load, session))

    def dress(self, letter: Letter) -> LetterDress:
        """Return the words and the layout a letter would have on that day.

        Raises:
            Refusal: a value is missing, the text cannot be used, or the text with Khmer is not approved.
        """
        kind = LetterKind(letter.kind)
        wording = self._wording(letter.unit_id, kind, Language(letter.language))
        words = words_for(kind, facts_of(letter), wording.body)
        return LetterDress(words, wording, self._layout(letter.unit_id, kind), self._chain(letter.unit_id)[0])

    def sheet(self, dress: LetterDress, number: str | None, code_address: str = "") -> LetterSheet:
        """Return the sheet of a letter, as `sheet_of` does."""
        picture = dress.paper.letterhead_file_id
        return _sheet(
            self._head(dress.unit.id),
            self._picture(picture) if picture else None,
            dress.words,
            dress.paper,
            self.day,
            number,
            code_address,
        )

    def _find_wording(self, unit_id: int, kind: LetterKind, language: Language) -> WordingInForce:
        return wording_in_force(self._session, self._chain(unit_id), kind, language, self._templates)

    def _find_layout(self, unit_id: int, kind: LetterKind) -> LayoutInForce:
        return layout_in_force(self._session, self._chain(unit_id), kind, self.day)

    def _find_head(self, unit_id: int) -> Letterhead:
        return letterhead_of(self._session, self._chain(unit_id)[0], self.day)


def dress_now(session: Session, letter: Letter, templates: Path, on: date) -> LetterDress:
    """Return the words and the layout a letter would have on a day; see `Wardrobe.dress`."""
    return Wardrobe(session, templates, on).dress(letter)


def sheet_of(
    session: Session,
    unit: UnitRow,
    words: LetterWords,
    paper: LayoutInForce,
    dated_on: date,
    number: str | None,
    code_address: str = "",
) -> LetterSheet:
    """Return the sheet of a letter: whose heading and signature on that day, the words, the layout.

    Args:
        session: for the signer and the letterhead.
        unit: the commune that sends it.
        words: what it says.
        paper: how it is laid out.
        dated_on: the day in the date line.
        number: what stands after “Số: ”, where the layout shows it.
        code_address: what the QR code opens, where the layout shows one.
    """
    picture = paper.letterhead_file_id
    return _sheet(
        letterhead_of(session, unit, dated_on),
        files.load(session, picture) if picture else None,
        words,
        paper,
        dated_on,
        number,
        code_address,
    )


def _sheet(
    head: Letterhead,
    picture: bytes | None,
    words: LetterWords,
    paper: LayoutInForce,
    dated_on: date,
    number: str | None,
    code_address: str,
) -> LetterSheet:
    layout = paper.layout
    return LetterSheet(
        heading=None if layout.preprinted or picture else head.heading,
        letterhead=picture,
        place=head.place,
        dated_on=dated_on,
        title=words.title,
        subtitle=words.subtitle,
        salutation=words.salutation,
        paragraphs=words.paragraphs,
        closing=words.closing,
        other=_text_of(words.khmer) if words.khmer else None,
        signature=head.signature,
        number=number if layout.show_number else None,
        receivers=layout.receivers,
        ornament=Ornament.NONE if layout.preprinted else Ornament(layout.border.value),
        form=_FORMS[layout.size],
        offset_mm=layout.offset_mm,
        code_address=code_address if layout.show_code else "",
    )


def _text_of(words: LetterWords) -> LetterText:
    return LetterText(words.title, words.subtitle, words.salutation, words.paragraphs, words.closing)


def number_text(number: int, year: int) -> str:
    """Return a letter's number as the book and the sheet write it: "05/2026"."""
    return f"{number:02d}/{year}"


def sample_pdf(
    session: Session, unit_id: int, kind: LetterKind, words: LetterWords, on: date | None = None
) -> bytes:
    """Return a sheet with these words as the unit would print it on a day (today); an invented family, no number.

    Raises:
        Refusal: it cannot be drawn.
    """
    day = on or clock.today()
    chain = chain_of(session, unit_id, day)
    paper = layout_in_force(session, chain, kind, day)
    return render_letter(sheet_of(session, chain[0], words, paper, day, SAMPLE_NUMBER, SAMPLE_CODE))
