"""Tờ khai: a form filled as far as it is known, with dotted lines for the rest, to be signed by pen or by thumb.

What is filled is bold; what is not is a dotted line to write on, so that the same sheet serves a family that only
left its number. For a person who cannot read or write: who wrote and read back, the witness, room for a thumb-print
(DVCQG 1.003583, 1.000419, 1.000593). Never a picture of a print: the paper is what is signed.
"""

from __future__ import annotations

from dataclasses import dataclass

from civreg.shared.paper.flow import PADDING, Flow
from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.heading import MOTTO, NATION
from civreg.shared.paper.page import A4, MM, Page
from civreg.shared.paper.setting import Line, Type, break_lines

_SIZE = 12.5
_PITCHES = (22.0, 20.5, 19.0, 17.5)
"""Points between lines, the most generous first: room to write by hand, on one page when that can be."""
_LABEL = Type(Face.REGULAR, _SIZE)
_VALUE = Type(Face.BOLD, _SIZE)
_SMALL = Type(Face.ITALIC, 11.5)
_TINY = Type(Face.ITALIC, 10.5)
_SIGN_ROOM = 58.0
"""Points under the words over a place to sign."""
_GAP = 5 * MM
_LEAST_BLANK = 11 * MM
"""A dotted line shorter than this is no room to write: the entries go one under the other."""
_BOX = 8.5
_DROP = 5.0
"""Points from a baseline to the foot of its line."""
_INNER = 2 * MM
_THUMB = (30 * MM, 25 * MM)
_READ_BACK = (
    "Người không đọc, không viết được: người ghi thay ghi đúng lời khai và đọc lại toàn bộ tờ khai; "
    "người khai nghe rõ, công nhận đúng và điểm chỉ."
)
_LABEL_COLUMN = 0.26
"""Share of the width that the labels of a table with columns take."""


@dataclass(frozen=True, slots=True)
class FilledEntry:
    """Một mục đã điền: its label and value; an empty value leaves `blank_lines` dotted lines."""

    label: str
    value: str
    blank_lines: int = 1


@dataclass(frozen=True, slots=True)
class FilledSection:
    """Một phần: rows of entries side by side, or of a label with a value for each column."""

    rows: tuple[tuple[FilledEntry, ...], ...]
    opening: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclarationSheet:
    """All that stands on a declaration.

    Attributes:
        title: in capitals.
        to: whom it is addressed to, without “Kính gửi”.
        place: địa danh of the place it is made at; the day is written by hand.
        signers: words over each place to sign, left to right.
        case_code: printed small, so that the paper finds its case.
    """

    title: str
    to: str
    sections: tuple[FilledSection, ...]
    pledge: str
    place: str
    signers: tuple[str, ...]
    case_code: str


def render_declaration(sheet: DeclarationSheet) -> bytes:
    """Return the PDF of a declaration, A4; one page unless the answers are long.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    for pitch in _PITCHES:
        form = _Form(sheet, pitch)
        form.draw()
        if form.page.number == 1:
            break
    return form.page.finish()


class _Form:
    """One drawing of a declaration at one distance between lines."""

    def __init__(self, sheet: DeclarationSheet, pitch: float) -> None:
        self.sheet, self.pitch = sheet, pitch
        self.page = Page(drawable(sheet.title), A4, subject=f"Hồ sơ {drawable(sheet.case_code)}")
        self.flow = Flow(self.page, self.page.top, size=_SIZE)

    def draw(self) -> None:
        """Draw it all; pledge, signatures and thumb-print stay together, under one another."""
        flow, sheet = self.flow, self.sheet
        self.head()
        for section in sheet.sections:
            if section.opening:
                flow.skip(self.pitch * 0.15)
                flow.paragraph(section.opening, face=Face.ITALIC)
                flow.skip(5)
            if section.columns:
                self.columns(section)
            else:
                for row in section.rows:
                    self.row(row)
            flow.skip(self.pitch * 0.2)
        pledge = len(break_lines(drawable(sheet.pledge), _LABEL, self.page.measures.column)) * flow.leading
        flow.room(pledge + self.pitch * 3.3 + _SIGN_ROOM + self.thumbs_height() + 20)
        flow.paragraph(sheet.pledge)
        flow.skip(4)
        self.copies()
        self.signing()
        self.thumbs()

    def head(self) -> None:
        """Set Quốc hiệu, title and whom it is addressed to."""
        flow, page = self.flow, self.page
        flow.centred(NATION, size=12.5)
        flow.centred(MOTTO, size=13.5)
        width = Type(Face.BOLD, 13.5).width(MOTTO)
        page.rule((page.left + page.right - width) / 2, flow.down + 5, width)
        flow.skip(14)
        flow.centred(self.sheet.title, size=15, role="H1")
        flow.skip(3)
        flow.centred(f"Kính gửi: {self.sheet.to}", size=13)
        flow.skip(self.pitch * 0.4)

    def row(self, row: tuple[FilledEntry, ...]) -> None:
        """Set entries side by side in equal shares; one under the other when one of them is too long for that."""
        flow, page = self.flow, self.page
        share = (page.measures.column - _GAP * (len(row) - 1)) / len(row)
        if len(row) > 1 and any(_natural(entry) > share for entry in row):
            for entry in row:
                self.row((entry,))
            return
        height = self.pitch * max(_lines_of(entry, share) for entry in row)
        flow.room(height)
        for place, entry in enumerate(row):
            self.entry(entry, page.left + place * (share + _GAP), share)
        flow.down += height

    def entry(self, entry: FilledEntry, left: float, width: float) -> None:
        """Draw one label with its value or its dotted lines."""
        page, label = self.page, f"{drawable(entry.label)}: "
        used = _LABEL.width(label)
        baseline = self.flow.down + self.pitch - _DROP
        with page.tagged("P"):
            page.text(left, baseline, label, _LABEL)
            for number, line in enumerate(_broken(entry, width)):
                page.line(left, baseline + number * self.pitch, line, _VALUE)
        if not entry.value:
            page.dots(left + used, baseline, width - used)
            for below in range(1, entry.blank_lines):
                page.dots(left, baseline + below * self.pitch, width)

    def columns(self, section: FilledSection) -> None:
        """Set a ruled table: labels at the left, one column for each party."""
        heads = tuple(FilledEntry("", name) for name in section.columns)
        self.table_row("Thông tin", heads, is_head=True)
        for row in section.rows:
            self.table_row(row[0].label, row)

    def table_row(self, label: str, row: tuple[FilledEntry, ...], *, is_head: bool = False) -> None:
        """Set one row of the table, as high as its longest cell."""
        flow, page = self.flow, self.page
        first = page.measures.column * _LABEL_COLUMN
        share = (page.measures.column - first) / len(row)
        names = break_lines(drawable(label), _VALUE if is_head else _LABEL, first - 2 * PADDING)
        cells = [break_lines(drawable(entry.value), _VALUE, share - 2 * PADDING) for entry in row]
        blanks = max(entry.blank_lines for entry in row)
        lines = max(len(names), *(len(cell) or blanks for cell in cells))
        height = lines * self.pitch + PADDING
        flow.room(height)
        page.box(page.left, flow.down, first, height)
        self.cell(names, _VALUE if is_head else _LABEL, page.left, first, centred=is_head)
        for place, cell in enumerate(cells):
            left = page.left + first + place * share
            page.box(left, flow.down, share, height)
            if cell:
                self.cell(cell, _VALUE, left, share, centred=is_head)
            for below in range(0 if cell else blanks):
                at = flow.down + (below + 1) * self.pitch - _DROP
                page.dots(left + PADDING, at, share - 2 * PADDING)
        flow.down += height

    def cell(self, lines: list[Line], kind: Type, left: float, width: float, *, centred: bool) -> None:
        """Draw the lines of one cell of the table."""
        with self.page.tagged("P"):
            for number, line in enumerate(lines, start=1):
                baseline = self.flow.down + number * self.pitch - _DROP
                if centred:
                    self.page.line(left + width / 2, baseline, line, kind, align="centre")
                else:
                    self.page.line(left + PADDING, baseline, line, kind)

    def copies(self) -> None:
        """Set the question about copies with boxes to tick."""
        page, left = self.page, self.page.left
        baseline = self.flow.down + self.pitch - _DROP
        with page.tagged("P"):
            for words in ("Đề nghị cấp bản sao:  Có", "Không"):
                left += page.text(left, baseline, words, _LABEL) + 5
                page.box(left, baseline - _BOX, _BOX, _BOX)
                left += _BOX + 14
            left += page.text(left, baseline, "Số lượng:", _LABEL) + 4
            page.text(left + 16 * MM, baseline, "bản", _LABEL)
        page.dots(left, baseline, 15 * MM)
        self.flow.down += self.pitch

    def signing(self) -> None:
        """Set the date line to write on and a place to sign for each signer."""
        flow, page, signers = self.flow, self.page, self.sheet.signers
        dated = f"Làm tại {drawable(self.sheet.place)}, ngày ........ tháng ........ năm ............"
        kind = Type(Face.ITALIC, _SIZE)
        size = min(kind.size, kind.size * page.measures.column / kind.width(dated))
        with page.tagged("P"):
            page.text(page.right, flow.down + self.pitch, dated, Type(Face.ITALIC, size), align="right")
        flow.down += self.pitch * 1.15
        for place, words in enumerate(signers):
            middle = page.right - page.measures.column * 0.26
            if len(signers) > 1:
                middle = page.left + page.measures.column * (place + 0.5) / len(signers)
            with page.tagged("P"):
                page.text(middle, flow.down + self.pitch, drawable(words), _VALUE, align="centre")
            below = flow.down + self.pitch + 14
            with page.tagged("P"):
                page.text(middle, below, "(Ký, ghi rõ họ, chữ đệm, tên)", _SMALL, align="centre")
        flow.down += self.pitch + 14 + _SIGN_ROOM

    @property
    def beside_thumbs(self) -> float:
        """Return the width left of the room for thumb-prints."""
        return self.page.measures.column - len(self.sheet.signers) * (_THUMB[0] + _INNER) - 3 * _INNER

    def thumbs_height(self) -> float:
        """Return the height of the box for a person who cannot read or write."""
        words = len(break_lines(_READ_BACK, _SMALL, self.beside_thumbs)) * 13
        return max(_THUMB[1] + 2 * _INNER, words + 2 * self.pitch + 3 * _INNER)

    def thumbs(self) -> None:
        """Set the box for a person who cannot read or write: read back, by whom, before whom, the thumb-print."""
        flow, page, signers = self.flow, self.page, self.sheet.signers
        height, left = self.thumbs_height(), self.page.left + _INNER
        page.box(page.left, flow.down, page.measures.column, height)
        baseline = flow.down + _INNER
        with page.tagged("P"):
            for line in break_lines(_READ_BACK, _SMALL, self.beside_thumbs):
                baseline += 13
                page.line(left, baseline, line, _SMALL)
        for label in ("Người ghi và đọc lại: ", "Người làm chứng: "):
            baseline += self.pitch
            with page.tagged("P"):
                used = page.text(left, baseline, label, _LABEL)
            page.dots(left + used, baseline, self.beside_thumbs - used)
        for place, signer in enumerate(signers):
            box = page.right - (len(signers) - place) * (_THUMB[0] + _INNER)
            page.box(box, flow.down + _INNER, _THUMB[0], height - 2 * _INNER)
            name = "Điểm chỉ" if len(signers) == 1 else f"Điểm chỉ {drawable(signer).lower()}"
            with page.tagged("P"):
                page.text(box + _THUMB[0] / 2, flow.down + _INNER + 12, name, _TINY, align="centre")
        flow.down += height
        with page.tagged("P"):
            code = f"Mã hồ sơ: {drawable(self.sheet.case_code)}"
            page.text(page.left, flow.down + 14, code, Type(Face.REGULAR, 10.5))


def _broken(entry: FilledEntry, width: float) -> list[Line]:
    """Return the lines of a value that starts behind its label."""
    indent = _LABEL.width(f"{drawable(entry.label)}: ")
    return break_lines(drawable(entry.value), _VALUE, width, first_indent=indent)


def _lines_of(entry: FilledEntry, width: float) -> int:
    return len(_broken(entry, width)) or entry.blank_lines


def _natural(entry: FilledEntry) -> float:
    """Return the width an entry wants on one line."""
    value = _VALUE.width(drawable(entry.value)) if entry.value else _LEAST_BLANK
    return _LABEL.width(f"{drawable(entry.label)}: ") + value
