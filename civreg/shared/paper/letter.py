"""Thư chúc mừng, thư chia buồn: the sheet of an official letter (thư công, Nghị định 30/2020 điều 7).

One page whenever the words allow: the type and the spacing close up in small steps (14 to 13 pt, 1.5 to
1.15 lines) before a second page is started. Two languages stand side by side: in two columns on A4, in the two
halves inside a folded card, on the two faces of A5, where columns would be too narrow to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.heading import (
    Heading,
    Signature,
    draw_heading,
    draw_receivers,
    draw_signature,
    signature_height,
)
from civreg.shared.paper.khmer import has_khmer
from civreg.shared.paper.ornament import Ornament, draw_frame, draw_lotus
from civreg.shared.paper.page import A4, A5, A5_LEFT, A5_RIGHT, MM, Measures, Page
from civreg.shared.paper.setting import Line, Type, break_balanced, break_lines
from civreg.shared.paper.squares import draw_qr

FITS: tuple[tuple[float, float], ...] = ((14, 1.5), (14, 1.35), (14, 1.2), (13.5, 1.2), (13, 1.15))
"""Type size in points and line spacing, from the most generous to the tightest the decree allows."""

TIGHTEST_CARD = (12.2, 1.12)
"""One step more on A5, which the decree does not rule: 10 pt after scaling."""
COLUMN_FITS: tuple[tuple[float, float], ...] = (
    (12.5, 1.3),
    (12, 1.25),
    (11.5, 1.22),
    (11, 1.2),
    (10.5, 1.18),
    (10, 1.15),
    (9.5, 1.15),
)
"""Steps of two columns beside each other; under 9.5 pt nobody reads them, and the second language gets its own page."""
_GUTTER = 8.0
"""Millimetres between two columns."""
_KHMER_LEADING = 1.42
"""How much more room a line of Khmer needs: signs stand above and below the letters."""
_KHMER_SIZE = 0.9
"""Khmer letters look larger than Latin ones of the same size."""
_CODE_SIDE = 17.0
"""Side of the QR code in millimetres on A4."""


class LetterForm(Enum):
    """Khổ của thư: a sheet of A4 (the decree), A5, or a lying A4 folded once into a card with a cover."""

    A4 = "A4"
    A5 = "A5"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class LetterText:
    """The words in one language; fields as in `LetterSheet`."""

    title: str
    subtitle: str
    salutation: str
    paragraphs: tuple[str, ...]
    closing: str


@dataclass(frozen=True, slots=True)
class LetterSheet:
    """All that stands on a letter; the same sheet always gives the same bytes.

    Attributes:
        heading: the agency; None leaves the head empty for pre-printed stock (the date line stays).
        place: địa danh, without “xã” or “phường”, as in “Trà Cú”.
        dated_on: the day in the date line.
        title: tên loại, as in “THƯ CHÚC MỪNG”.
        subtitle: a line under the title, may be empty.
        salutation: “Kính gửi: …” as a whole.
        paragraphs: the words, one string a paragraph.
        closing: the last wish, set apart in bold italics; may be empty.
        other: the words in the second language, beside the first.
        signature: who signs.
        number: what stands after “Số: ”; None shows no number (it is in the letter book anyway).
        receivers: nơi nhận; empty shows none.
        ornament: the frame; never for condolence.
        form: A4 (the decree), A5, or a folded card.
        letterhead: a PNG or JPEG across the head in place of the heading.
        code_address: what a QR code beside the signature opens; empty draws none.
        offset_mm: right and down shift for pre-printed stock.
    """

    heading: Heading | None
    place: str
    dated_on: date
    title: str
    salutation: str
    paragraphs: tuple[str, ...]
    signature: Signature
    subtitle: str = ""
    closing: str = ""
    other: LetterText | None = None
    number: str | None = None
    receivers: tuple[str, ...] = ()
    ornament: Ornament = Ornament.NONE
    form: LetterForm = LetterForm.A4
    letterhead: bytes | None = None
    code_address: str = ""
    offset_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def text(self) -> LetterText:
        """Return the words in the first language."""
        return LetterText(self.title, self.subtitle, self.salutation, self.paragraphs, self.closing)

    @property
    def is_adorned(self) -> bool:
        """Say whether the frame and the flower are drawn."""
        return self.ornament is Ornament.LOTUS

    @property
    def closing_face(self) -> Face:
        """Return the face of the last wish: bold for joy only."""
        return Face.BOLD_ITALIC if self.is_adorned else Face.ITALIC


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of one kind that follow each other, with the room before them."""

    lines: list[Line]
    kind: Type
    leading: float
    before: float
    centred: bool = False
    role: str = "P"

    @property
    def height(self) -> float:
        return self.before + self.leading * len(self.lines)


def render_letter(letter: LetterSheet) -> bytes:
    """Return the PDF of a letter.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    folded = letter.form is LetterForm.FOLDED
    measures = {LetterForm.A4: A4, LetterForm.A5: A5, LetterForm.FOLDED: A5_RIGHT}[letter.form]
    page = Page(drawable(letter.title), measures, offset_mm=letter.offset_mm)  # no name in the properties
    page.numbered = not folded
    if letter.is_adorned:
        page.background = draw_frame
        draw_frame(page)
    if folded and letter.heading is not None:
        _draw_cover(page, letter)
        if letter.other is not None:
            page.measures = A5_LEFT
        page.next_page()
    side_by_side = _columns(page, letter) if letter.other and letter.form is LetterForm.A4 else None
    if side_by_side is not None:
        _draw_sheet(page, letter, side_by_side)
    else:
        _draw_sheet(page, letter, [(page.measures, None)])
        if letter.other is not None:
            _draw_other(page, letter.other, letter)
    return page.finish()


_Column = tuple[Measures, "list[_Block] | None"]
"""Where a column stands, and its words where their size is already settled."""


def _draw_sheet(page: Page, letter: LetterSheet, columns: Sequence[_Column]) -> None:
    """Draw head, words and foot; the words in one column, or in two that begin and end together."""
    scale, whole = _scale(page), page.measures
    down = _draw_head(page, letter)
    end = _foot_height(letter, scale)
    ends = []
    for measures, settled in columns:
        page.measures = measures
        blocks = (
            settled if settled is not None else _fitted(letter.text, page, down, end, letter.closing_face)
        )
        spare = max(0.0, page.bottom - down - end - sum(block.height for block in blocks))
        ends.append((_draw_blocks(page, blocks, down + min(spare * 0.15, 30 * scale), end), spare))
    page.measures = whole
    foot, spare = max(ends)
    _draw_foot(page, letter, foot + (26 + min(spare * 0.05, 12)) * scale)


def _columns(page: Page, letter: LetterSheet) -> list[_Column] | None:
    """Return both languages as columns of one size of type; None when they cannot be read at any size that fits."""
    assert letter.other is not None
    whole = page.measures
    width = (whole.width - whole.left - whole.right - _GUTTER) / 2
    left = replace(whole, right=whole.right + width + _GUTTER)
    right = replace(whole, left=whole.left + width + _GUTTER)
    room = page.bottom - _head_height(letter, page) - _foot_height(letter, _scale(page))
    for size, spacing in COLUMN_FITS:
        pair = [
            _blocks(text, left.column, size, spacing, letter.closing_face)
            for text in (letter.text, letter.other)
        ]
        if all(sum(block.height for block in blocks) <= room for blocks in pair):
            return [(left, pair[0]), (right, pair[1])]
    return None


def _draw_other(page: Page, text: LetterText, letter: LetterSheet) -> None:
    """Draw the second language on the next face: the right half inside a card, the back of a sheet."""
    if letter.form is LetterForm.FOLDED:
        page.measures = A5_RIGHT
        if letter.is_adorned:
            draw_frame(page)
    else:
        page.numbered = False  # the back of a sheet, not its second page
        page.next_page()
    blocks = _fitted(text, page, page.top, 0.0, letter.closing_face)
    spare = max(0.0, page.bottom - page.top - sum(block.height for block in blocks))
    _draw_blocks(page, blocks, page.top + spare * 0.3, 0.0)


def _scale(page: Page) -> float:
    return min(1.0, page.measures.column / A4.column)


_LETTERHEAD_HEIGHT = 30 * MM
"""Most of a sheet's height that a letterhead takes on A4, in points."""


def _letterhead_room(letter: LetterSheet, page: Page) -> float:
    """Return the height the letterhead takes, 0 without one."""
    if letter.letterhead is None:
        return 0.0
    width, height = page.picture_size(letter.letterhead)
    return min(page.measures.column * height / width, _LETTERHEAD_HEIGHT * _scale(page))


def _head_height(letter: LetterSheet, page: Page) -> float:
    """Return how far down the head reaches, by drawing it where nobody sees."""
    scratch = Page("", page.measures)
    return _draw_head(scratch, letter)


def _draw_head(page: Page, letter: LetterSheet) -> float:
    """Draw heading or letterhead, number, date line and flower; return how far down they reach."""
    scale, room = _scale(page), _letterhead_room(letter, page)
    if letter.letterhead is not None:
        page.picture(letter.letterhead, page.left, page.top, page.measures.column, room)
    down = draw_heading(
        page,
        letter.heading,
        place=letter.place,
        dated_on=letter.dated_on,
        number=letter.number,
        scale=scale,
        room=room,
    )
    if letter.is_adorned and letter.form is not LetterForm.FOLDED:
        height = 15 * MM * scale
        foot = down + 10 * MM * scale + height
        draw_lotus(page, (page.left + page.right) / 2, foot, height)
        down = foot + height * 0.3
    return down


def _draw_cover(page: Page, letter: LetterSheet) -> None:
    """Draw the front of a card: the title in the middle, the agency at the foot; a flower for joy, two rules else."""
    middle, height = (page.left + page.right) / 2, page.bottom - page.top
    column = page.measures.column * 0.9
    title, line = Type(Face.BOLD, 23), Type(Face.ITALIC, 13)
    down = page.top + height * 0.46
    if letter.is_adorned:
        draw_lotus(page, middle, page.top + height * 0.33, 30 * MM)
    else:
        page.rule(middle - 30 * MM, down - 34, 60 * MM)
    for text, kind, leading, role in (
        (letter.title, title, 30.0, "H1"),
        (letter.other.title if letter.other else "", Type(Face.BOLD, 18), 34.0, "P"),
        (letter.subtitle, line, 19.0, "P"),
    ):
        if not text:
            continue
        with page.tagged(role):
            for broken in break_balanced(drawable(text), kind, column):
                page.line(middle, down, broken, kind, align="centre")
                down += leading
        down += 4
    if not letter.is_adorned:
        page.rule(middle - 30 * MM, down - 6, 60 * MM)
    if letter.heading is not None:
        down = page.bottom - 16 * len(letter.heading.agency)
        with page.tagged("P"):
            for text in letter.heading.agency:
                page.text(middle, down, drawable(text), Type(Face.BOLD, 11.5), align="centre")
                down += 16


def _foot_height(letter: LetterSheet, scale: float) -> float:
    """Return the height of signature, receivers and QR code, with the room above them."""
    code = (_CODE_SIDE * MM + 14) if letter.code_address else 0.0
    receivers = 14 + 13 * (len(letter.receivers) + 1) if letter.receivers else 0.0
    return max(signature_height(letter.signature, scale=scale), (code + receivers) * scale) + 26 * scale


def _draw_foot(page: Page, letter: LetterSheet, down: float) -> None:
    scale = _scale(page)
    below = draw_receivers(page, letter.receivers, down, scale=scale)
    draw_signature(page, letter.signature, down, scale=scale)
    if letter.code_address:
        side = _CODE_SIDE * MM * max(scale, 0.85)
        draw_qr(page, letter.code_address, page.left, below - (0 if letter.receivers else 10 * scale), side)
        with page.tagged("P"):
            kind = Type(Face.ITALIC, 8.5)
            page.text(
                page.left, below + side + (10 if letter.receivers else 2), "Quét mã để kiểm tra số thư", kind
            )


def _fitted(text: LetterText, page: Page, down: float, end: float, closing: Face) -> list[_Block]:
    """Return the words at the most generous size that stays on the page."""
    scale, column = _scale(page), page.measures.column
    for size, spacing in FITS if scale == 1.0 else (*FITS, TIGHTEST_CARD):
        blocks = _blocks(text, column, size * max(scale, 0.82), spacing, closing)
        if down + sum(block.height for block in blocks) + end <= page.bottom:
            return blocks
    return _blocks(text, column, FITS[2][0] * max(scale, 0.82), FITS[2][1], closing)


def _blocks(letter: LetterText, column: float, size: float, spacing: float, closing: Face) -> list[_Block]:
    """Return the words of the letter broken into lines at one type size and line spacing."""
    khmer = has_khmer(letter.title)
    if khmer:
        size, spacing = size * _KHMER_SIZE, spacing * _KHMER_LEADING
    more = _KHMER_LEADING if khmer else 1.0
    leading = size * spacing
    plain, bold = Type(Face.REGULAR, size), Type(Face.BOLD, size)

    def centred(text: str, kind: Type, leading: float, before: float, role: str = "P") -> _Block:
        lines = break_balanced(drawable(text), kind, column * 0.94)
        return _Block(lines, kind, leading, before, centred=True, role=role)

    title = Type(Face.BOLD, size * 1.3)
    blocks = [centred(letter.title, title, title.size * 1.3 * more, size * 1.6, "H1")]
    if letter.subtitle:
        blocks.append(centred(letter.subtitle, bold, size * 1.35 * more, size * 0.3))
    blocks.append(centred(letter.salutation, bold, size * 1.4 * more, size * 1.2))
    indent = 12.7 * MM * min(1.0, column / A4.column)
    for index, paragraph in enumerate(letter.paragraphs):
        clean = drawable(paragraph)
        lines = break_lines(clean, plain, column, first_indent=indent, justified=not khmer)
        blocks.append(_Block(lines, plain, leading, size if index == 0 else max(6.0, size * 0.5)))
    if letter.closing:
        blocks.append(centred(letter.closing, Type(closing, size), leading, size * 0.8))
    return blocks


def _draw_blocks(page: Page, blocks: list[_Block], down: float, end: float) -> float:
    """Draw the blocks, starting pages as needed; keep `end` points free under the last one.

    The signature never stands alone on a page: the last two lines of the words go over with it.
    """
    after = [sum(block.height for block in blocks[index + 1 :]) + end for index in range(len(blocks))]
    for index, block in enumerate(blocks):
        follows = after[index] if index >= len(blocks) - 2 else 0.0
        down += block.before
        rest = block.lines
        while rest:
            room = _lines_that_fit(page, block, len(rest), down, follows)
            if room:
                with page.tagged(block.role):
                    down = _draw_lines(page, block, rest[:room], down)
                rest = rest[room:]
            if rest:
                page.next_page()
                down = page.top
    return down


def _lines_that_fit(page: Page, block: _Block, count: int, down: float, follows: float) -> int:
    """Return how many of `count` lines go on this page before the next must be started.

    No line stands alone at the foot or the top of a page, and with `follows` points of closing and signature
    still to come either all fit with them or at least two lines go over.
    """
    fresh = down <= page.top
    room = max(1 if fresh else 0, int((page.bottom - down) / block.leading))
    if room >= count:
        if fresh or down + count * block.leading + follows <= page.bottom:
            return count
        room = count - 2
    elif count - room == 1:
        room -= 1
    return room if room >= 2 or fresh else 0


def _draw_lines(page: Page, block: _Block, lines: list[Line], down: float) -> float:
    """Draw some lines of a block on the current page; return the last baseline."""
    middle = (page.left + page.right) / 2
    for line in lines:
        down += block.leading
        if block.centred:
            page.line(middle, down, line, block.kind, align="centre")
        else:
            page.line(page.left, down, line, block.kind)
    return down
