"""Bìa đợt in: the sheet that lies on a pile of letters, with a box to tick for every hand each one passes through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from civreg.shared.paper.flow import Column, Flow
from civreg.shared.paper.fonts import Face
from civreg.shared.paper.page import A4, MM, Page
from civreg.shared.text import format_date_vi


@dataclass(frozen=True, slots=True)
class CoverRow:
    """Một thư trong đợt in: its number and kind, for whom, where it is carried, and by which visit."""

    number: str
    kind: str
    family: str
    place: str
    visit: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Bìa đợt in.

    Attributes:
        unit: where the run belongs.
        printed_at: when the run was made; aware, of Vietnam.
        rows: the letters, in the order they lie underneath.
    """

    unit: str
    printed_at: datetime
    rows: tuple[CoverRow, ...]


COLUMNS = (
    Column("TT", 9, "centre"),
    Column("Số thư", 21, "centre"),
    Column("Loại thư", 25),
    Column("Tên trên thư", 36),
    Column("Nơi trao", 28),
    Column("Cần trước", 19, "centre"),
    Column("In", 9, "centre"),
    Column("Ký", 10, "centre"),
    Column("Giao", 11, "centre"),
)
"""The last three are empty boxes to tick by hand."""


def render_cover(cover: Cover) -> bytes:
    """Return the PDF of the cover; the same cover gives the same bytes.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    title = "BÌA ĐỢT IN THƯ"
    page = Page(title, A4)
    flow = Flow(page, page.top, size=11)
    flow.centred(title, size=14, role="H1")
    made = f"{cover.printed_at:%H:%M} ngày {format_date_vi(cover.printed_at.date())}"
    flow.centred(f"{cover.unit}, in lúc {made}", face=Face.REGULAR, size=12)
    flow.centred(
        f"{len(cover.rows):02d} thư, xếp theo chuyến mang đi rồi theo ấp, khóm", face=Face.REGULAR, size=12
    )
    flow.skip(8)
    rows = [
        (str(order), row.number, row.kind, row.family, row.place, row.visit, "", "", "")
        for order, row in enumerate(cover.rows, start=1)
    ]
    flow.table(COLUMNS, rows, row_height=8 * MM)
    flow.skip(6)
    flow.paragraph("Tờ hỏng: gạch dòng ấy, ghi “Tờ hỏng, in lại” trên máy; số thư giữ nguyên.", size=11)
    return page.finish()
