"""Mẫu giấy: how a letter is laid out, as an office sets it for an occasion from a day on. Pure.

Nghị định 30/2020 rules A4 papers with a number; a letter of congratulation or condolence is a card as often, and
usually shows neither number nor receivers: the number stands in the letter book.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from civreg.letters.rules.facts import LetterKind


class PaperSize(StrEnum):
    """Khổ giấy: a sheet, half a sheet, or a lying A4 folded once into a card with a cover."""

    A4 = "A4"
    A5 = "A5"
    FOLDED = "folded"


class Border(StrEnum):
    """Hoa văn: the lotus frame of a congratulation, or nothing."""

    LOTUS = "lotus"
    NONE = "none"


SIZE_WORDS = {
    PaperSize.A4: "A4 đứng",
    PaperSize.A5: "A5 đứng (nửa tờ A4)",
    PaperSize.FOLDED: "A4 gấp đôi thành thiệp (in hai mặt, có bìa)",
}
BORDER_WORDS = {Border.LOTUS: "Khung hoa sen", Border.NONE: "Để trơn"}

MOST_SHIFT_TENTHS = 300
"""Tenths of a millimetre that everything may be moved on pre-printed stock: three centimetres, more is a mistake."""


@dataclass(frozen=True, slots=True)
class PaperLayout:
    """The layout of an occasion.

    Attributes:
        show_number: print “Số: …”.
        show_code: print a QR code that opens the page which confirms number, date and unit.
        receivers: nơi nhận; empty prints none.
        preprinted: the stock carries heading and border already; only the words are printed.
        right_tenths_mm, down_tenths_mm: shift of everything, for such stock and crooked trays.
    """

    size: PaperSize = PaperSize.A4
    border: Border = Border.NONE
    show_number: bool = False
    show_code: bool = False
    receivers: tuple[str, ...] = ()
    preprinted: bool = False
    right_tenths_mm: int = 0
    down_tenths_mm: int = 0

    @property
    def offset_mm(self) -> tuple[float, float]:
        """Return the shift in millimetres."""
        return self.right_tenths_mm / 10, self.down_tenths_mm / 10


def usual_layout(kind: LetterKind) -> PaperLayout:
    """Return the layout while nobody has set another: a lotus frame for joy, nothing for mourning and regret."""
    return PaperLayout(border=Border.LOTUS if kind.congratulates else Border.NONE)
