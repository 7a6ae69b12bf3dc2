"""Trang giấy: one document being drawn, measured from the top left in points, tagged for screen readers.

Geometry of Nghị định 30/2020/NĐ-CP, phụ lục I: A4, top and bottom 20-25 mm, left 30-35 mm, right 15-20 mm,
page number centred in the top margin from page 2.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from reportlab.lib.rl_accel import fp_str
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from civreg.shared.paper.fonts import Face, fonts
from civreg.shared.paper.khmer import drawn_khmer, has_khmer, runs
from civreg.shared.paper.objects import content_name, shown, stream, written
from civreg.shared.paper.setting import Line, Type

MM = 72 / 25.4
"""Points in a millimetre."""

Colour = tuple[float, float, float]
_ESCAPED = {code: f"\\{code:03o}" for code in (*range(32), *b"()\\", *range(127, 256))}
"""How a string of a page's stream writes the codes that it cannot hold as they are."""
BLACK: Colour = (0.0, 0.0, 0.0)
Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Measures:
    """Khổ giấy và lề: the size of a sheet and its margins, in millimetres."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float

    @property
    def column(self) -> float:
        """Return the width of the text, in points."""
        return (self.width - self.left - self.right) * MM


A4 = Measures(width=210, height=297, top=20, bottom=20, left=30, right=20)
"""A4 with the margins of Nghị định 30/2020."""
A4_LANDSCAPE = Measures(width=297, height=210, top=20, bottom=20, left=20, right=20)
"""A4 lying, for wide tables."""
A5 = Measures(width=148, height=210, top=16, bottom=14, left=19, right=16)
"""A5, a card size some communes print letters on (not a size of Nghị định 30/2020)."""
A5_LEFT = Measures(width=297, height=210, top=16, bottom=14, left=17.5, right=166)
"""The left half of a lying A4 that is folded once."""
A5_RIGHT = Measures(width=297, height=210, top=16, bottom=14, left=166, right=17.5)
"""The right half: the cover outside, the words inside."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """One element of the structure: its role, and what is said in place of a drawing."""

    role: str
    spoken: str


class Page:
    """The document being drawn; `finish()` gives its bytes.

    Attributes:
        canvas: ReportLab's, for shapes.
        measures: size and margins; the margins may change while it is drawn (columns, halves of a card).
        number: of the current page, from 1.
        numbered: whether pages from 2 on show their number.
        background: drawn first on every further page, for example a frame.
    """

    def __init__(
        self,
        title: str,
        measures: Measures = A4,
        *,
        subject: str = "",
        offset_mm: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Start page 1.

        Args:
            title: shown by readers in place of the file's name.
            measures: size and margins.
            subject: what the paper is, for the document's properties.
            offset_mm: right and down shift of everything drawn, for pre-printed stock and crooked trays.
        """
        fonts()
        self.measures = measures
        self._buffer = io.BytesIO()
        size = (measures.width * MM, measures.height * MM)
        self.canvas: Any = Canvas(  # its _code and _doc carry the tags, which ReportLab does not offer
            self._buffer,
            pagesize=size,
            pageCompression=1,
            invariant=1,
            lang="vi",
            initialFontName=cast(Any, Face.REGULAR.value),  # the stubs say float; unset it names Helvetica
        )
        self.canvas.setTitle(title)
        self.canvas.setSubject(subject)
        self.canvas.setCreator("civreg")
        self.canvas.setProducer("civreg")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self._shift = (offset_mm[0] * MM, offset_mm[1] * MM)
        self.number = 1
        self.numbered = True
        self.background: Callable[[Page], None] | None = None
        self._marks: list[list[_Mark]] = [[]]
        self._open = False

    @property
    def left(self) -> float:
        """Return the left edge of the text."""
        return self.measures.left * MM

    @property
    def right(self) -> float:
        """Return the right edge of the text."""
        return (self.measures.width - self.measures.right) * MM

    @property
    def top(self) -> float:
        """Return the upper edge of the text, from the top of the sheet."""
        return self.measures.top * MM

    @property
    def bottom(self) -> float:
        """Return the lower edge of the text, from the top of the sheet."""
        return (self.measures.height - self.measures.bottom) * MM

    def x(self, left: float) -> float:
        """Return the canvas abscissa of `left`, shifted for the stock."""
        return left + self._shift[0]

    def y(self, down: float) -> float:
        """Return the canvas ordinate of `down` points below the top edge, shifted for the stock."""
        return self.measures.height * MM - down - self._shift[1]

    def text(self, left: float, baseline: float, words: str, kind: Type, *, align: Align = "left") -> float:
        """Draw one line of clean text; return its width."""
        width = kind.width(words)
        start = left - {"left": 0.0, "centre": width / 2, "right": width}[align]
        self._show(start, baseline, words, kind, 0.0)
        return width

    def line(self, at: float, baseline: float, line: Line, kind: Type, *, align: Align = "left") -> None:
        """Draw one broken line; `at` is the left edge, middle or right edge of its column."""
        start = at + {"left": line.indent, "centre": -line.width / 2, "right": -line.width}[align]
        self._show(start, baseline, line.drawn, kind, line.stretch)

    def _show(self, left: float, baseline: float, words: str, kind: Type, stretch: float) -> None:
        if has_khmer(words):
            self._show_runs(left, baseline, words, kind)
        else:
            self.put(left, baseline, words, kind, stretch)

    def put(self, left: float, baseline: float, words: str, kind: Type, stretch: float) -> None:
        """Write words without Khmer at a place; `stretch` is added to every space, in points.

        The operators are those of ReportLab's text object, which would measure the words once more.
        """
        font, document, size = fonts()[kind.face], self.canvas._doc, fp_str(kind.size)
        shown = "".join(
            f"{font.getSubsetInternalName(subset, document)} {size} Tf ({codes.decode('latin-1').translate(_ESCAPED)}) Tj "
            for subset, codes in font.splitString(words, document)
        )
        spread = (f"{fp_str(stretch)} Tw ", "0 Tw ") if stretch else ("", "")
        at = fp_str(self.x(left), self.y(baseline))
        self.canvas._code.append(f"BT 1 0 0 1 {at} Tm {spread[0]}{shown}{spread[1]}ET")

    def _show_runs(self, left: float, baseline: float, words: str, kind: Type) -> None:
        """Draw a line with Khmer in it: each script in its face, Khmer shaped and with its letters as ActualText."""
        for khmer, part in runs(words):
            if khmer:
                self.canvas._code.append(
                    drawn_khmer(self.canvas._doc, part, self.x(left), self.y(baseline), kind.size)
                )
            else:
                self._show(left, baseline, part, kind, 0.0)
            left += kind.width(part)

    def picture_size(self, content: bytes) -> tuple[float, float]:
        """Return width and height of a picture, in pixels."""
        width, height = ImageReader(io.BytesIO(content)).getSize()
        return float(width), float(height)

    def picture(self, content: bytes, left: float, down: float, width: float, height: float) -> None:
        """Draw a picture as decoration, as large as fits into the box, in its middle."""
        with self.artifact():
            self.canvas.drawImage(
                ImageReader(io.BytesIO(content)),
                self.x(left),
                self.y(down + height),
                width,
                height,
                preserveAspectRatio=True,
                anchor="c",
                mask="auto",
            )

    def rule(
        self, left: float, down: float, width: float, *, thickness: float = 0.7, colour: Colour = BLACK
    ) -> None:
        """Draw a horizontal rule as decoration (not read aloud)."""
        with self.artifact():
            self.canvas.setLineWidth(thickness)
            self.canvas.setStrokeColorRGB(*colour)
            self.canvas.line(self.x(left), self.y(down), self.x(left + width), self.y(down))

    def dots(self, left: float, down: float, width: float) -> None:
        """Draw a dotted line to write on, as decoration; nothing when there is no room for one."""
        if width <= 0:
            return
        with self.artifact():
            self.canvas.saveState()
            self.canvas.setLineWidth(0.9)
            self.canvas.setLineCap(1)
            self.canvas.setDash(0, 2.6)
            self.canvas.setStrokeColorRGB(*BLACK)
            self.canvas.line(self.x(left), self.y(down), self.x(left + width), self.y(down))
            self.canvas.restoreState()

    def box(self, left: float, down: float, width: float, height: float, *, thickness: float = 0.5) -> None:
        """Draw an empty box whose upper left corner is given, as decoration (also the ☐ no face has)."""
        self.boxes([(left, down, width, height)], thickness=thickness)

    def boxes(self, places: Iterable[tuple[float, float, float, float]], *, thickness: float = 0.5) -> None:
        """Draw empty boxes (left, down, width, height) as decoration, in one stroke."""
        areas = " ".join(
            f"{fp_str(self.x(left), self.y(down + height), width, height)} re"
            for left, down, width, height in places
        )
        with self.artifact():
            self.canvas.setLineWidth(thickness)
            self.canvas.setStrokeColorRGB(*BLACK)
            self.canvas._code.append(f"{areas} S")

    def shape(self, draw: Callable[..., None], *at: float) -> None:
        """Draw as decoration what is the same on many sheets: written out once per process, kept once per document.

        Args:
            draw: draws on a page it is given, and nothing but lines and areas; called once for each geometry.
            at: more arguments of `draw`, in points.
        """
        name, packed, entries = _written_shape(draw, at, self.measures, self._shift)
        if not self.canvas.hasForm(name):
            self.canvas._doc.addForm(name, stream(packed, entries))
        with self.artifact():
            self.canvas.doForm(name)

    def cells(self, left: float, down: float, cell: float, runs: Iterable[tuple[int, int, int]]) -> None:
        """Fill squares of a grid in black; a run is column, row and how many squares to the right, rows going down."""
        areas = " ".join(f"{column} {-row - 1} {count} 1 re" for column, row, count in runs)
        self.canvas._code.append(
            f"q {cell:.6f} 0 0 {cell:.6f} {self.x(left):.4f} {self.y(down):.4f} cm 0 g {areas} f Q"
        )

    @contextmanager
    def tagged(self, role: str, *, spoken: str = "") -> Iterator[None]:
        """Mark what the block draws as one element of the structure (P, H1, Figure …).

        `spoken` is what a screen reader says in place of a drawing.
        """
        marks = self._marks[-1]
        self.canvas._code.append(f"/{role} <</MCID {len(marks)}>> BDC")
        marks.append(_Mark(role, spoken))
        self._open = True
        yield
        self._open = False
        self.canvas._code.append("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what the block draws as decoration that a screen reader passes over."""
        if self._open:
            yield
            return
        self.canvas._code.append("/Artifact BMC")
        yield
        self.canvas._code.append("EMC")

    def next_page(self) -> None:
        """Close the page and start the next one, with its number centred in the top margin."""
        self.canvas.showPage()
        self.number += 1
        self._marks.append([])
        if self.background is not None:
            self.background(self)
        if not self.numbered:
            return
        with self.artifact():
            middle = (self.left + self.right) / 2
            self.text(middle, self.top - 4 * MM, str(self.number), Type(Face.REGULAR, 13), align="centre")

    def finish(self) -> bytes:
        """Close the document and return its bytes."""
        self.canvas.showPage()
        _write_structure(self.canvas._doc, self._marks)
        self.canvas.save()
        return self._buffer.getvalue()


@lru_cache(maxsize=64)
def _written_shape(
    draw: Callable[..., None], at: tuple[float, ...], measures: Measures, shift: tuple[float, float]
) -> tuple[str, bytes, str]:
    """Return name, compressed operators and dictionary of a shape, taken from a page that nobody sees."""
    scratch = Page("", measures, offset_mm=(shift[0] / MM, shift[1] / MM))
    draw(scratch, *at)
    packed = zlib.compress("\n".join(scratch.canvas._code).encode("ascii"), 9)
    box = fp_str(0, 0, measures.width * MM, measures.height * MM)
    entries = f"/Type /XObject /Subtype /Form /BBox [{box}] /Resources << >>"
    return content_name(packed, entries), packed, entries


def _write_structure(document: Any, marks: Sequence[Sequence[_Mark]]) -> None:
    """Write the structure tree (tagged PDF, ISO 32000 §14.7) for the marked parts of every page, in order."""
    root = pdfdoc.PDFDictionary({"Type": "/StructTreeRoot"})
    root_reference = document.Reference(root, "structure")
    whole = pdfdoc.PDFDictionary({"Type": "/StructElem", "S": "/Document", "P": root_reference})
    whole_reference = document.Reference(whole, "structure.document")
    parent = shown(document, whole_reference)
    elements: list[str] = []
    parents: list[str] = []
    for index, page in enumerate(document.Pages.pages):
        at, of_page = shown(document, document.Reference(page)), []
        for number, mark in enumerate(marks[index]):
            spoken = pdfdoc.PDFString(mark.spoken).format(document).decode("latin-1") if mark.spoken else ""
            element = written(
                document,
                f"structure.{index}.{number}",
                f"<< /Type /StructElem /S /{mark.role} /P {parent} /Pg {at} /K {number}"
                f"{f' /Alt {spoken}' if spoken else ''} >>",
            )
            of_page.append(shown(document, element))
        elements += of_page
        kept = written(document, f"structure.parents.{index}", f"[{' '.join(of_page)}]")
        parents.append(f"{index} {shown(document, kept)}")
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents = index
        page.Tabs = "/S"
    whole["K"] = f"[{' '.join(elements)}]"
    root["K"] = f"[{parent}]"
    root["ParentTree"] = written(document, "structure.tree", f"<< /Nums [{' '.join(parents)}] >>")
    document.Catalog.StructTreeRoot = root
    document.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
