"""Thư lên giấy: the words of a letter set on the office's page (NĐ 30/2020), and the list for its hand-over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from civreg.letters.rules import LetterWords
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.paper.ornament import Ornament
from civreg.shared.paper.page import A4, A5


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the office adds to the words when the letter is issued.

    Attributes:
        unit: the commune with its kind, as in “xã Trà Cú”.
        place: địa danh in the date line, as in “Trà Cú”.
        dated_on: the day the number is given.
        number: the letter's number in the book of the unit and year.
        symbol: what follows the number, as in “UBND”; printed only when the text file shows the number.
        signer: họ tên of the person who signs; empty leaves room.
        deputy: whether a deputy signs for the chair (KT.).
        offset_mm: right and down shift for pre-printed stock.
        printed_heading: False on stock that carries the heading already.
    """

    unit: str
    place: str
    dated_on: date
    number: int
    symbol: str = "UBND"
    signer: str = ""
    deputy: bool = False
    offset_mm: tuple[float, float] = (0.0, 0.0)
    printed_heading: bool = True


def letter_pdf(words: LetterWords, stamp: Stamp) -> bytes:
    """Return the final bytes of a letter; the same words and stamp always give the same bytes.

    Raises:
        Refusal: a character cannot be printed.
    """
    return render_letter(
        LetterSheet(
            heading=Heading.of_commune(stamp.unit) if stamp.printed_heading else None,
            place=stamp.place,
            dated_on=stamp.dated_on,
            title=words.title,
            subtitle=words.subtitle,
            salutation=words.salutation,
            paragraphs=words.paragraphs,
            closing=words.closing,
            signature=Signature.of_chair(stamp.signer, deputy=stamp.deputy),
            number=f"{stamp.number:02d}/{stamp.symbol}" if words.show_number else None,
            receivers=words.receivers,
            ornament=Ornament(words.ornament),
            measures=A5 if words.size == "A5" else A4,
            offset_mm=stamp.offset_mm,
        )
    )
