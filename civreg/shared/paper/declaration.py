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
_PITCH = 18.0
"""Points between lines: room to write by hand."""
_LABEL = Type(Face.REGULAR, _SIZE)
_VALUE = Type(Face.BOLD, _SIZE)
_SMALL = Type(Face.ITALIC, 11.5)
_GAP = 5 * MM
_LEAST_BLANK = 22 * MM
"""A dotted line shorter than this is no room to write: it goes to the next line."""
_BOX = 8.5
_THUMB = (30 * MM, 24 * MM)
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
    page = Page(drawable(sheet.title), A4, subject=f"Hồ sơ {drawable(sheet.case_code)}")
    flow = Flow(page, page.top, size=_SIZE)
    flow.centred(NATION, size=12.5)
    flow.centred(MOTTO, size=13.5)
    width = Type(Face.BOLD, 13.5).width(MOTTO)
    page.rule((page.left + page.right - width) / 2, flow.down + 5, width)
    flow.skip(12)
    flow.centred(sheet.title, size=15, role="H1")
    flow.skip(2)
    flow.centred(f"Kính gửi: {sheet.to}", size=13)
    flow.skip(4)
    for section in sheet.sections:
        if section.opening:
            flow.paragraph(section.opening, face=Face.ITALIC)
            flow.skip(3 if section.columns else 0)
        if section.columns:
            _columns(flow, section)
        else:
            for row in section.rows:
                _row(flow, row)
        flow.skip(4)
    flow.paragraph(sheet.pledge)
    _copies(flow)
    _signing(flow, sheet)
    _thumbs(flow, sheet)
    return page.finish()


def _row(flow: Flow, row: tuple[FilledEntry, ...]) -> None:
    """Set entries side by side, each in an equal share; a row is as high as its highest entry."""
    page = flow.page
    share = (page.measures.column - _GAP * (len(row) - 1)) / len(row)
    if len(row) > 1 and any(_natural(entry) > share for entry in row):
        for entry in row:
            _row(flow, (entry,))
        return
    height = max(_height(entry, share) for entry in row)
    flow.room(height)
    for place, entry in enumerate(row):
        _entry(page, entry, page.left + place * (share + _GAP), flow.down, share)
    flow.down += height


def _natural(entry: FilledEntry) -> float:
    """Return the width an entry wants on one line."""
    value = _VALUE.width(drawable(entry.value)) if entry.value else _LEAST_BLANK / 2
    return _LABEL.width(f"{drawable(entry.label)}: ") + value


def _height(entry: FilledEntry, width: float) -> float:
    if not entry.value:
        return entry.blank_lines * _PITCH
    indent = _LABEL.width(f"{drawable(entry.label)}: ")
    return len(break_lines(drawable(entry.value), _VALUE, width, first_indent=indent)) * _PITCH


def _entry(page: Page, entry: FilledEntry, left: float, down: float, width: float) -> None:
    label = f"{drawable(entry.label)}: "
    used = _LABEL.width(label)
    baseline = down + _PITCH - 4
    with page.tagged("P"):
        page.text(left, baseline, label, _LABEL)
        for line in break_lines(drawable(entry.value), _VALUE, width, first_indent=used):
            page.line(left, baseline, line, _VALUE)
            baseline += _PITCH
    if not entry.value:
        page.dots(left + used, baseline, width - used)
        for below in range(1, entry.blank_lines):
            page.dots(left, baseline + below * _PITCH, width)


def _columns(flow: Flow, section: FilledSection) -> None:
    """Set a ruled table: labels at the left, one column for each party."""
    page = flow.page
    first = page.measures.column * _LABEL_COLUMN
    share = (page.measures.column - first) / len(section.columns)
    heads = tuple(FilledEntry("", name) for name in section.columns)
    for label, row in (("Thông tin", heads), *((row[0].label, row) for row in section.rows)):
        is_head = row is heads
        cells = [
            break_lines(drawable(entry.value), _VALUE, share - 2 * PADDING) if entry.value else None
            for entry in row
        ]
        names = break_lines(drawable(label), _VALUE if is_head else _LABEL, first - 2 * PADDING)
        blanks = max((entry.blank_lines for entry in row), default=1)
        lines = max(len(names), *(blanks if cell is None else len(cell) for cell in cells))
        height = lines * _PITCH + 2 * PADDING
        flow.room(height)
        page.box(page.left, flow.down, first, height)
        _cell(page, names, _VALUE if is_head else _LABEL, page.left, flow.down, first, centred=is_head)
        for place, cell in enumerate(cells):
            left = page.left + first + place * share
            page.box(left, flow.down, share, height)
            if cell is None:
                for below in range(1, blanks + 1):
                    at = flow.down + PADDING + below * _PITCH - 4
                    page.dots(left + PADDING, at, share - 2 * PADDING)
            else:
                _cell(page, cell, _VALUE, left, flow.down, share, centred=is_head)
        flow.down += height


def _cell(
    page: Page, lines: list[Line], kind: Type, left: float, down: float, width: float, *, centred: bool
) -> None:
    with page.tagged("P"):
        for number, line in enumerate(lines, start=1):
            baseline = down + PADDING + number * _PITCH - 4
            if centred:
                page.line(left + width / 2, baseline, line, kind, align="centre")
            else:
                page.line(left + PADDING, baseline, line, kind)


def _copies(flow: Flow) -> None:
    """Set the question about copies with boxes to tick."""
    page = flow.page
    flow.room(_PITCH)
    left, baseline = page.left, flow.down + _PITCH - 4
    with page.tagged("P"):
        for words in ("Đề nghị cấp bản sao:  Có", "Không", "Số lượng:"):
            left += page.text(left, baseline, words, _LABEL) + 4
            if words == "Số lượng:":
                break
            page.box(left, baseline - _BOX, _BOX, _BOX)
            left += _BOX + 12
        page.text(left + 16 * MM, baseline, "bản", _LABEL)
    page.dots(left, baseline, 14 * MM)
    flow.down += _PITCH


def _signing(flow: Flow, sheet: DeclarationSheet) -> None:
    """Set the date line to write on and a place to sign for each signer."""
    page = flow.page
    flow.room(_PITCH * 2 + 62)
    flow.skip(2)
    dated = f"Làm tại {drawable(sheet.place)}, ngày ........ tháng ........ năm ............"
    with page.tagged("P"):
        page.text(page.right, flow.down + _PITCH - 4, dated, Type(Face.ITALIC, _SIZE), align="right")
    flow.down += _PITCH
    for place, words in enumerate(sheet.signers):
        middle = _middle(page, place, len(sheet.signers))
        with page.tagged("P"):
            page.text(middle, flow.down + _PITCH - 4, drawable(words), _VALUE, align="centre")
        with page.tagged("P"):
            page.text(
                middle,
                flow.down + _PITCH + 10,
                "(Ký, ghi rõ họ, chữ đệm, tên)",
                _SMALL,
                align="centre",
            )
    flow.down += _PITCH + 62


def _middle(page: Page, place: int, count: int) -> float:
    """Return where a place to sign stands: at the right for one, left and right for two."""
    if count == 1:
        return page.right - page.measures.column * 0.26
    return page.left + page.measures.column * (place + 0.5) / count


def _thumbs(flow: Flow, sheet: DeclarationSheet) -> None:
    """Set the box for a person who cannot read or write: read back, by whom, before whom, and the thumb-print."""
    page = flow.page
    wide, high = _THUMB
    inner = 2 * MM
    words = (
        "Người không đọc, không viết được: người ghi thay ghi đúng lời khai và đọc lại toàn bộ tờ khai; "
        "người khai nghe rõ, công nhận đúng và điểm chỉ."
    )
    left, room = page.left + inner, page.measures.column - len(sheet.signers) * (wide + inner) - 3 * inner
    lines = break_lines(words, _SMALL, room)
    height = max(high + 2 * inner, len(lines) * 13 + 2 * _PITCH + 2 * inner)
    flow.room(height)
    page.box(page.left, flow.down, page.measures.column, height)
    baseline = flow.down + inner
    with page.tagged("P"):
        for line in lines:
            baseline += 13
            page.line(left, baseline, line, _SMALL)
    for label in ("Người ghi và đọc lại: ", "Người làm chứng: "):
        baseline += _PITCH
        with page.tagged("P"):
            used = page.text(left, baseline, label, _LABEL)
        page.dots(left + used, baseline, room - used)
    for place, signer in enumerate(sheet.signers):
        box = page.right - (len(sheet.signers) - place) * (wide + inner)
        page.box(box, flow.down + inner, wide, height - 2 * inner)
        name = "Điểm chỉ" if len(sheet.signers) == 1 else f"Điểm chỉ {drawable(signer).lower()}"
        with page.tagged("P"):
            page.text(box + wide / 2, flow.down + inner + 12, name, _SMALL, align="centre")
    flow.down += height + 4
    with page.tagged("P"):
        page.text(
            page.left, flow.down + 12, f"Mã hồ sơ: {drawable(sheet.case_code)}", Type(Face.REGULAR, 10.5)
        )
    flow.down += 14
