"""Thư chúc mừng, thư chia buồn: the sheet of an official letter (thư công, Nghị định 30/2020 điều 7).

One page whenever the words allow: the type and the spacing close up in small steps (14 to 13 pt, 1.5 to
1.15 lines) before a second page is started.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.heading import (
    Heading,
    Signature,
    draw_heading,
    draw_receivers,
    draw_signature,
    signature_height,
)
from civreg.shared.paper.ornament import Ornament, draw_frame, draw_lotus
from civreg.shared.paper.page import A4, MM, Measures, Page
from civreg.shared.paper.setting import Line, Type, break_balanced, break_lines

FITS: tuple[tuple[float, float], ...] = ((14, 1.5), (14, 1.35), (14, 1.2), (13.5, 1.2), (13, 1.15))
"""Type size in points and line spacing, from the most generous to the tightest the decree allows."""

TIGHTEST_CARD = (12.2, 1.12)
"""One step more on A5, which the decree does not rule: 10 pt after scaling."""


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
        signature: who signs.
        number: what stands after “Số: ”; None shows no number (it is in the letter book anyway).
        receivers: nơi nhận; empty shows none.
        ornament: the frame; never for condolence.
        measures: A4 (the decree) or A5 (a card).
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
    number: str | None = None
    receivers: tuple[str, ...] = ()
    ornament: Ornament = Ornament.NONE
    measures: Measures = A4
    offset_mm: tuple[float, float] = (0.0, 0.0)


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
    measures = letter.measures
    scale = min(1.0, measures.column / A4.column)
    page = Page(drawable(letter.title), measures, offset_mm=letter.offset_mm)  # no name in the properties
    adorned = letter.ornament is Ornament.LOTUS
    if adorned:
        page.background = draw_frame
        draw_frame(page)
    down = draw_heading(
        page, letter.heading, place=letter.place, dated_on=letter.dated_on, number=letter.number, scale=scale
    )
    if adorned:
        height = 15 * MM * scale
        foot = down + 10 * MM * scale + height
        draw_lotus(page, (page.left + page.right) / 2, foot, height)
        down = foot + height * 0.3
    end = signature_height(letter.signature, scale=scale) + 26 * scale
    for size, spacing in FITS if scale == 1.0 else (*FITS, TIGHTEST_CARD):
        blocks = _blocks(letter, measures.column, size * max(scale, 0.82), spacing)
        if down + sum(block.height for block in blocks) + end <= page.bottom:
            break
    else:
        blocks = _blocks(letter, measures.column, FITS[2][0] * max(scale, 0.82), FITS[2][1])
    spare = max(0.0, page.bottom - down - end - sum(block.height for block in blocks))
    down = _draw_blocks(page, blocks, down + min(spare * 0.15, 30 * scale), end)
    down += (26 + min(spare * 0.05, 12)) * scale
    draw_receivers(page, letter.receivers, down, scale=scale)
    draw_signature(page, letter.signature, down, scale=scale)
    return page.finish()


def _blocks(letter: LetterSheet, column: float, size: float, spacing: float) -> list[_Block]:
    """Return the words of the letter broken into lines at one type size and line spacing."""
    leading = size * spacing
    plain, bold = Type(Face.REGULAR, size), Type(Face.BOLD, size)

    def centred(text: str, kind: Type, leading: float, before: float, role: str = "P") -> _Block:
        lines = break_balanced(drawable(text), kind, column * 0.94)
        return _Block(lines, kind, leading, before, centred=True, role=role)

    title = Type(Face.BOLD, size * 1.3)
    blocks = [centred(letter.title, title, title.size * 1.3, size * 1.6, "H1")]
    if letter.subtitle:
        blocks.append(centred(letter.subtitle, bold, size * 1.35, size * 0.3))
    blocks.append(centred(letter.salutation, bold, size * 1.4, size * 1.2))
    indent = 12.7 * MM * min(1.0, column / A4.column)
    for index, paragraph in enumerate(letter.paragraphs):
        lines = break_lines(drawable(paragraph), plain, column, first_indent=indent, justified=True)
        blocks.append(_Block(lines, plain, leading, size if index == 0 else max(6.0, size * 0.5)))
    if letter.closing:
        face = Face.ITALIC if letter.ornament is Ornament.NONE else Face.BOLD_ITALIC
        blocks.append(centred(letter.closing, Type(face, size), leading, size * 0.8))
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
