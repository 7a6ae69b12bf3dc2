"""Gộp tệp in: many papers in one PDF for one print run, each face kept once.

Every letter embeds its faces so that it stands alone for ever; in a run of hundreds the equal copies are
dropped, which makes the file of 500 letters a few megabytes and lets the printer load each face once.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from itertools import islice

import pikepdf

from civreg.shared.errors import Refusal
from civreg.shared.paper.objects import named_by_content

BUNDLE = 500
"""Papers held open at a time: the memory of a run grows with this, not with its length."""


def merge(pdfs: Iterable[bytes], *, title: str = "Đợt in thư", double_sided: bool = False) -> bytes:
    """Return one PDF with the pages of all `pdfs`, in order; the same inputs give the same bytes.

    Args:
        pdfs: taken one at a time, so that a generator may read them from the database.
        title: shown by readers.
        double_sided: add an empty page after a paper of odd length, so that none starts on a back.

    Raises:
        Refusal: when there is nothing to print.
    """
    bundles: list[bytes] = []
    papers = iter(pdfs)
    while bundle := list(islice(papers, BUNDLE)):
        bundles.append(_joined(bundle, title, double_sided=double_sided))
    if not bundles:
        raise Refusal("Chưa có tờ nào để in. Ông/bà chọn ít nhất một thư đã cấp số.")
    return bundles[0] if len(bundles) == 1 else _joined(bundles, title, double_sided=False)


def _joined(pdfs: list[bytes], title: str, *, double_sided: bool) -> bytes:
    """Return the pages of a few PDFs as one; all of them stay open until it is written."""
    run = pikepdf.new()
    seen: dict[str, pikepdf.Object] = {}
    sources = [pikepdf.open(io.BytesIO(content)) for content in pdfs]
    for source in sources:
        known: dict[tuple[int, int], str] = {}
        for page in source.pages:
            if "/StructParents" in page.obj:
                del page.obj["/StructParents"]  # the tags of one letter mean nothing in a run
            _append(run, page, seen, known)
        if double_sided and len(source.pages) % 2:
            run.add_blank_page(page_size=_size(run.pages[-1]))
    run.Root.Lang = pikepdf.String("vi")
    run.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    run.docinfo["/Title"] = title
    run.docinfo["/Producer"] = "civreg"
    buffer = io.BytesIO()
    run.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    for source in sources:
        source.close()
    return buffer.getvalue()


def _append(
    run: pikepdf.Pdf,
    page: pikepdf.Page,
    seen: dict[str, pikepdf.Object],
    known: dict[tuple[int, int], str],
) -> None:
    """Add a page; its fonts, pictures (letterheads) and shapes are those of the first equal ones in the run.

    What the run has already is taken off the page before it is copied, because copying it costs the most.

    Args:
        run: the document.
        page: of another document, open as long as the run is.
        seen: what pages may share, by what tells unequal ones apart.
        known: the same, by the place of an object in the page's document: looked at once for all its pages.
    """
    own: list[tuple[str, str, str]] = []
    resources = page.obj.get("/Resources", pikepdf.Dictionary())
    for category, key_of in (("/Font", _font_key), ("/XObject", _drawing_key)):
        there = resources.get(category, pikepdf.Dictionary())
        for name in sorted(there.keys()):
            key = name if named_by_content(name) else _looked_up(there[name], name, key_of, known)
            if not key:
                continue
            own.append((category, name, key))
            if key in seen:
                del there[name]
    run.pages.append(page)
    copied = run.pages[-1].obj
    for category, name, key in own:
        there = copied.Resources[category]
        if key in seen:
            there[name] = seen[key]
        else:
            seen[key] = there[name]


def _looked_up(
    shared: pikepdf.Object,
    name: str,
    key_of: Callable[[str, pikepdf.Object], str],
    known: dict[tuple[int, int], str],
) -> str:
    """Return the key of what says nothing by its name, and remember it for the further pages of its document."""
    key = known.get(shared.objgen) or key_of(name, shared)
    if shared.is_indirect:
        known[shared.objgen] = key
    return key


def _font_key(name: str, font: pikepdf.Object) -> str:
    inner = font["/DescendantFonts"][0] if "/DescendantFonts" in font else font
    descriptor = inner.get("/FontDescriptor")
    if descriptor is None or "/FontFile2" not in descriptor:
        return ""
    # two cuts of the Khmer face may hold the same glyphs under other codes: its ToUnicode tells them apart
    return f"{name}:{font.BaseFont}:{_digest(descriptor.FontFile2)}:{_digest(font.ToUnicode)}"


def _drawing_key(_name: str, drawn: pikepdf.Object) -> str:
    return f"{drawn.get('/Subtype')}:{_numbers(drawn.get('/BBox'))}:{_digest(drawn)}"


def _numbers(box: pikepdf.Object | None) -> list[float]:
    return [float(value) for value in box] if box is not None else []


def _digest(stream: pikepdf.Object) -> str:
    return hashlib.sha256(stream.read_raw_bytes()).hexdigest()


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height of `page` in points."""
    left, low, right, high = (float(value) for value in page.mediabox)
    return right - left, high - low
