"""Danh sách giao thư: the list with a column for signatures that travels with the letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from civreg.shared.paper.flow import Column, Flow
from civreg.shared.paper.fonts import Face
from civreg.shared.paper.heading import Heading, Signature, draw_heading, draw_signature, signature_height
from civreg.shared.paper.page import A4, MM, Page


@dataclass(frozen=True, slots=True)
class HandOverRow:
    """Một thư trên danh sách: its number, what it is, for whom, where."""

    number: str
    kind: str
    family: str
    place: str


@dataclass(frozen=True, slots=True)
class HandOverList:
    """Danh sách giao, nhận thư: from the letter clerk to the officer, and from the officer to the families.

    Attributes:
        heading: the agency.
        place: địa danh of the date line.
        dated_on: the day of the list.
        run: the name of the print run, may be empty.
        rows: the letters, in print order.
        clerk: họ tên of who gives.
        officer: họ tên of who takes, empty when not known yet.
    """

    heading: Heading
    place: str
    dated_on: date
    rows: tuple[HandOverRow, ...]
    run: str = ""
    clerk: str = ""
    officer: str = ""


COLUMNS = (
    Column("TT", 10, "centre"),
    Column("Số thư", 22, "centre"),
    Column("Loại thư", 26),
    Column("Gia đình nhận", 40),
    Column("Địa chỉ", 31),
    Column("Người nhận ký, ghi rõ họ tên, ngày", 37),
)


def render_list(handed: HandOverList) -> bytes:
    """Return the PDF of the list, with room to sign in every row.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    title = "DANH SÁCH GIAO, NHẬN THƯ"
    page = Page(title, A4, subject=handed.run)
    down = draw_heading(page, handed.heading, place=handed.place, dated_on=handed.dated_on)
    flow = Flow(page, down + 12, size=12)
    flow.centred(title, size=14, role="H1")
    count = f"{len(handed.rows):02d} thư"
    flow.centred(f"{handed.run} ({count})" if handed.run else count, face=Face.REGULAR, size=13)
    flow.skip(8)
    rows = [
        (str(order), row.number, row.kind, row.family, row.place, "")
        for order, row in enumerate(handed.rows, start=1)
    ]
    flow.table(COLUMNS, rows, row_height=11 * MM)
    giver = Signature(("NGƯỜI GIAO",), name=handed.clerk, note="(Ký, ghi rõ họ tên)")
    taker = Signature(("NGƯỜI NHẬN ĐI TRAO",), name=handed.officer, note="(Ký, ghi rõ họ tên)")
    flow.room(max(signature_height(one, scale=0.9) for one in (giver, taker)) + 26)
    down = flow.down + 26
    draw_signature(page, giver, down, scale=0.9, middle=page.left + page.measures.column * 0.24)
    draw_signature(page, taker, down, scale=0.9)
    return page.finish()
