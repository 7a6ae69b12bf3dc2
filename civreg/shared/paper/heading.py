"""Phần đầu và phần ký của văn bản: what every paper of the office starts and ends with.

Nghị định 30/2020/NĐ-CP, phụ lục I, mục II: Quốc hiệu và tiêu ngữ, tên cơ quan, số, địa danh và thời gian,
chức vụ - họ tên - chữ ký, nơi nhận.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.page import A4, MM, Page
from civreg.shared.paper.setting import Type, break_balanced, break_lines
from civreg.shared.text import date_line

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, slots=True)
class Heading:
    """Tên cơ quan ban hành, and above it the agency it belongs to (none for a commune).

    Attributes:
        agency: lines in capitals, bold, with the rule under the last.
        above: lines in capitals, not bold, above them.
    """

    agency: tuple[str, ...]
    above: tuple[str, ...] = ()

    @classmethod
    def of_commune(cls, unit: str) -> Heading:
        """Return the heading of a commune's People's Committee; `unit` as in “xã Trà Cú”."""
        return cls(agency=("ỦY BAN NHÂN DÂN", unit.upper()))


@dataclass(frozen=True, slots=True)
class Signature:
    """Khối ký: the lines of authority and position in capitals, and the signer's name.

    Attributes:
        lines: for example ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH").
        name: họ và tên; empty leaves room for a hand-written name.
        note: a small line under the position, for example “(Ký, ghi rõ họ tên)”.
    """

    lines: tuple[str, ...]
    name: str = ""
    note: str = ""

    @classmethod
    def of_chair(cls, name: str = "", *, deputy: bool = False) -> Signature:
        """Return the block of the chair of a People's Committee, or of the deputy who signs for them (KT.)."""
        position = ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH") if deputy else ("CHỦ TỊCH",)
        return cls(lines=("TM. ỦY BAN NHÂN DÂN", *position), name=name)


def draw_heading(
    page: Page,
    heading: Heading | None,
    *,
    place: str,
    dated_on: date | None,
    number: str | None = None,
    scale: float = 1.0,
    room: float = 0.0,
) -> float:
    """Draw agency, Quốc hiệu, number and date line; return how far down they reach (points from the top).

    Without `heading` (pre-printed stock) agency and Quốc hiệu are left out and their room stays. `number` is
    what follows “Số: ”; None leaves the line out. `scale` shrinks it all for A5. `room` keeps more height free for a
    letterhead.
    """
    upper, step = Type(Face.BOLD, 12.5 * scale), 16 * scale
    nation_width = upper.width(NATION)
    nation_middle = page.right - nation_width / 2
    agency_column = page.right - nation_width - page.left - 3 * MM * scale
    agency_middle = page.left + agency_column / 2
    down = page.top + 11 * scale
    below = max(down + 2 * step, page.top + room)
    if heading is not None:
        below = max(below, _draw_agency(page, heading, agency_middle, agency_column, scale))
        _draw_nation(page, nation_middle, down, upper, scale)
    below += 10 * scale
    if number is not None:
        with page.tagged("P"):
            kind = Type(Face.REGULAR, 13 * scale)
            page.text(agency_middle, below, f"Số: {drawable(number)}", kind, align="centre")
    if dated_on is not None:
        with page.tagged("P"):
            kind = Type(Face.ITALIC, 13 * scale)
            dated = f"{drawable(place)}, {date_line(dated_on)}"
            size = min(kind.size, kind.size * nation_width / kind.width(dated))
            page.text(nation_middle, below, dated, Type(Face.ITALIC, size), align="centre")
    return below


def _draw_nation(page: Page, middle: float, down: float, kind: Type, scale: float) -> None:
    """Draw Quốc hiệu and tiêu ngữ with the rule of the motto's length."""
    with page.tagged("P"):
        page.text(middle, down, NATION, kind, align="centre")
    below = down + 16 * scale
    with page.tagged("P"):
        width = page.text(middle, below, MOTTO, Type(Face.BOLD, 13.5 * scale), align="centre")
    page.rule(middle - width / 2, below + 5.5 * scale, width)


def _draw_agency(page: Page, heading: Heading, middle: float, column: float, scale: float) -> float:
    """Draw the agency with the rule of about half its length; return the next baseline."""
    bold = Type(Face.BOLD, 12.5 * scale)
    down = page.top + 11 * scale
    for texts, kind in ((heading.above, Type(Face.REGULAR, 12.5 * scale)), (heading.agency, bold)):
        for text in texts:
            with page.tagged("P"):
                for line in break_lines(drawable(text), kind, column):
                    page.line(middle, down, line, kind, align="centre")
                    down += 16 * scale
    rule = min(column, bold.width(drawable(heading.agency[-1]))) * 0.45
    page.rule(middle - rule / 2, down - 10.5 * scale, rule)
    return down


_BLOCK = 0.48
"""Share of the text's width that one of two signature blocks side by side may take."""


def _name_lines(name: str) -> list[str]:
    """Return a signer's name in lines that fit a block, measured on A4; A5 shrinks type and block alike."""
    return [line.text for line in break_balanced(drawable(name), Type(Face.BOLD, 14), A4.column * _BLOCK)]


def signature_height(signature: Signature, *, scale: float = 1.0) -> float:
    """Return the height of a signature block with room for signature and seal, in points."""
    lines = len(signature.lines) + bool(signature.note) + max(1, len(_name_lines(signature.name)))
    return (17 * lines + 66) * scale


def draw_signature(
    page: Page, signature: Signature, down: float, *, scale: float = 1.0, middle: float | None = None
) -> float:
    """Draw the block with its first baseline at `down`, centred on the right half; return its lower edge.

    A long position moves the block to the left, so that it ends at the margin.
    """
    bold = Type(Face.BOLD, 13.5 * scale)
    widest = max((bold.width(drawable(text)) for text in signature.lines), default=0.0)
    centre = (
        middle
        if middle is not None
        else min(page.right - page.measures.column * 0.26, page.right - widest / 2)
    )
    for text in signature.lines:
        with page.tagged("P"):
            page.text(centre, down, drawable(text), bold, align="centre")
        down += 17 * scale
    if signature.note:
        with page.tagged("P"):
            page.text(centre, down, drawable(signature.note), Type(Face.ITALIC, 12 * scale), align="centre")
        down += 17 * scale
    down += 66 * scale
    if signature.name:
        with page.tagged("P"):
            for line in _name_lines(signature.name):
                page.text(centre, down, line, Type(Face.BOLD, 14 * scale), align="centre")
                down += 17 * scale
        return down
    return down + 17 * scale


def draw_receivers(page: Page, receivers: tuple[str, ...], down: float, *, scale: float = 1.0) -> float:
    """Draw “Nơi nhận” on the left with its first baseline at `down`; return its lower edge."""
    if not receivers:
        return down
    with page.tagged("P"):
        page.text(page.left, down, "Nơi nhận:", Type(Face.BOLD_ITALIC, 12 * scale))
    down += 14 * scale
    kind = Type(Face.REGULAR, 11 * scale)
    last = len(receivers) - 1
    for index, receiver in enumerate(receivers):
        text = f"- {drawable(receiver)}{'.' if index == last else ';'}"
        with page.tagged("P"):
            for line in break_lines(text, kind, page.measures.column * 0.42):
                page.line(page.left, down, line, kind)
                down += 13 * scale
    return down
