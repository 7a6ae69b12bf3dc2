"""Letters per second of the page kit against a bare ReportLab canvas that draws the same page.

The floor is what a careful program would do by hand: the calls that the kit made on its canvas (same words,
faces, sizes, positions, shapes) are recorded once per letter and replayed on a plain Canvas with stock TTFonts,
with nothing left to lay out, check or tag. Floor and kit take turns in the same process.

What limits the ratio: laying out, the check of every character and the tags cost the kit about half of its
time; it gains more by cutting and compressing the faces once per process, which stock ReportLab does for every
document.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pikepdf
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from civreg.letters.rules import (
    BirthFacts,
    DeathFacts,
    Honorific,
    LetterFacts,
    LetterKind,
    MarriageFacts,
    latest_template,
    usual_layout,
    words_for,
)
from civreg.shared.paper import page as page_module
from civreg.shared.paper.fonts import FILES, FOLDER, Face
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.paper.merging import merge
from civreg.shared.paper.ornament import Ornament
from civreg.shared.paper.setting import Type
from civreg.shared.partial_date import PartialDate
from tests.letters.many import name_of

LETTERS = 60
KINDS = (LetterKind.CONGRATULATION_BIRTH, LetterKind.CONGRATULATION_MARRIAGE, LetterKind.CONDOLENCE)
TURNS = 7
TEMPLATES = Path(__file__).parents[1] / "templates" / "letters"

Call = tuple[int, str, tuple[Any, ...], dict[str, Any], int]
"""Object, method, arguments, keywords, and the object that came back (or -1)."""


@dataclass(frozen=True)
class Ref:
    """Stands in a recorded call for an object that an earlier call made."""

    order: int


class Recorder:
    """Stands in front of the kit's canvas, its paths and text objects, and writes every call down."""

    def __init__(self, target: Any, calls: list[Call], order: int = 0) -> None:
        self._target, self._calls, self.order = target, calls, order

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if name.startswith("_") or not callable(value):
            return value

        def call(*arguments: Any, **keywords: Any) -> Any:
            made = len(self._calls) + 1 if name in ("beginText", "beginPath") else -1
            self._calls.append((self.order, name, arguments, keywords, made))
            plain = [each._target if isinstance(each, Recorder) else each for each in arguments]
            result = value(*plain, **keywords)
            return Recorder(result, self._calls, made) if made > 0 else result

        return call


def sheets(count: int = LETTERS) -> list[LetterSheet]:
    """Return `count` different letters, births, marriages and deaths in turns."""
    names = [path.name for path in TEMPLATES.iterdir()]
    texts = {kind: (TEMPLATES / latest_template(kind, names)[0]).read_text("utf-8") for kind in KINDS}
    made = []
    for order in range(count):
        first, second = name_of(2 * order), name_of(2 * order + 1)
        day = date(2026, 1, 1) + timedelta(days=order % 300)
        kind = KINDS[order % 3]
        facts: LetterFacts = (
            BirthFacts("xã Trà Cú", (f"{second} An",), first, second, PartialDate.of(day)),
            MarriageFacts("xã Trà Cú", second, first, day),
            DeathFacts("xã Trà Cú", first, Honorific.ELDER, PartialDate.of(day)),
        )[order % 3]
        words = words_for(kind, facts, texts[kind])
        made.append(
            LetterSheet(
                heading=Heading.of_commune("xã Trà Cú"),
                place="Trà Cú",
                dated_on=day,
                title=words.title,
                subtitle=words.subtitle,
                salutation=words.salutation,
                paragraphs=words.paragraphs,
                closing=words.closing,
                signature=Signature.of_chair("Nguyễn Văn Hường", deputy=True),
                ornament=Ornament(usual_layout(kind).border.value),
            )
        )
    return made


def recorded(sheet: LetterSheet) -> list[Call]:
    calls: list[Call] = []

    def recording(*arguments: Any, **keywords: Any) -> Recorder:
        return Recorder(Canvas(*arguments, **keywords), calls)

    with ExitStack() as stack:
        for place, name, ours in (
            (page_module, "Canvas", recording),
            (page_module.Page, "shape", _each_time),
            (page_module.Page, "cells", _one_by_one),
            (page_module.Page, "put", _as_text),
        ):
            stack.enter_context(patch.object(place, name, ours))
        render_letter(sheet)
    return [
        (
            order,
            name,
            tuple(_plain(name, argument) for argument in given),
            more,
            made,
        )
        for order, name, given, more, made in calls
    ]


def _each_time(page: page_module.Page, draw: Callable[..., None], *at: float) -> None:
    """Draw frame and flower with the canvas's own calls, as a program without shared shapes does for every sheet."""
    page.canvas.saveState()
    draw(page, *at)
    page.canvas.restoreState()


def _one_by_one(
    page: page_module.Page, left: float, down: float, cell: float, runs: Iterable[tuple[int, int, int]]
) -> None:
    """Draw the squares of a QR code as rectangles of one path, which is what the canvas offers for them."""
    page.canvas.setFillColorRGB(*page_module.BLACK)
    path = page.canvas.beginPath()
    for column, row, count in runs:
        low = page.y(down + (row + 1) * cell)
        path.rect(page.x(left + column * cell), low, count * cell, cell)
    page.canvas.drawPath(path, stroke=0, fill=1)


def _as_text(
    page: page_module.Page, left: float, baseline: float, words: str, kind: Type, stretch: float
) -> None:
    """Draw words with a text object, which is what the canvas offers for them."""
    text = page.canvas.beginText(page.x(left), page.y(baseline))
    text.setFont(kind.face.value, kind.size)
    if stretch:
        text.setWordSpace(stretch)
    text.textOut(words)
    if stretch:
        text.setWordSpace(0)
    page.canvas.drawText(text)


def _plain(method: str, argument: Any) -> Any:
    if isinstance(argument, Recorder):
        return Ref(argument.order)
    return f"Bare-{argument}" if method == "setFont" and isinstance(argument, str) else argument


def bare(drawings: Iterable[list[Call]]) -> bytes:
    """Draw letters, taken one at a time, on one stock canvas; return its PDF."""
    buffer = io.BytesIO()
    size = (page_module.A4.width * page_module.MM, page_module.A4.height * page_module.MM)
    canvas = Canvas(buffer, pagesize=size, pageCompression=1, invariant=1, initialFontName="Bare-Tinos")  # type: ignore[arg-type]
    for calls in drawings:
        objects: dict[int, Any] = {0: canvas}
        for order, name, given, more, made in calls:
            if name == "save":
                continue
            arguments = [objects[each.order] if isinstance(each, Ref) else each for each in given]
            result = getattr(objects[order], name)(*arguments, **more)
            if made > 0:
                objects[made] = result
    canvas.save()
    return buffer.getvalue()


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def register_stock_fonts() -> None:
    """Register the same faces as stock TTFonts; ReportLab keeps one font per face name, so these get others."""
    for face in Face:
        font = TTFont(f"Bare-{face.value}", str(FOLDER / FILES[face]))
        font.face.name = b"Bare" + font.face.name
        pdfmetrics.registerFont(font)
        assert type(pdfmetrics.getFont(f"Bare-{face.value}")) is TTFont


def main() -> None:
    register_stock_fonts()
    letters = sheets()
    drawings = [recorded(sheet) for sheet in letters]
    for sheet, drawing in zip(letters[:3], drawings[:3], strict=True):
        assert text_of(render_letter(sheet)) == text_of(bare([drawing])), "the floor draws another page"

    kit, floor = [], []
    for _turn in range(TURNS):
        start = time.perf_counter()
        for drawing in drawings:
            bare([drawing])
        floor.append(LETTERS / (time.perf_counter() - start))
        start = time.perf_counter()
        for sheet in letters:
            render_letter(sheet)
        kit.append(LETTERS / (time.perf_counter() - start))
    value, bottom = statistics.median(kit), statistics.median(floor)
    print(f"letters_render {value:.1f} letters/s {bottom:.1f} {value / bottom:.2f}")

    pdfs = [render_letter(sheet) for sheet in letters] * 5
    ours, plainly = [], []
    for _turn in range(TURNS):
        start = time.perf_counter()
        plain = appended(pdfs)
        plainly.append(len(pdfs) / (time.perf_counter() - start))
        start = time.perf_counter()
        run = merge(pdfs)
        ours.append(len(pdfs) / (time.perf_counter() - start))
    value, bottom = statistics.median(ours), statistics.median(plainly)
    print(f"letters_print_run {value:.1f} letters/s {bottom:.1f} {value / bottom:.2f}")
    print(
        f"letters_print_run_size {len(run) / 1024:.0f} KiB {len(plain) / 1024:.0f} {len(run) / len(plain):.3f}"
    )


def appended(pdfs: list[bytes]) -> bytes:
    """The floor of a print run: pages appended with pikepdf, every face kept as often as it comes."""
    run = pikepdf.new()
    sources = [pikepdf.open(io.BytesIO(content)) for content in pdfs]
    for source in sources:
        run.pages.extend(source.pages)
    buffer = io.BytesIO()
    run.save(buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
