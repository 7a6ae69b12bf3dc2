"""Kiểu chữ: the Tinos faces (widths of Times New Roman) and the check that a text can be drawn at all.

A character that a face lacks vanishes silently in a PDF; here it is refused by name. The letters of
Vietnamese get a fixed place in every document, so that the embedded face is computed once per process and
the faces of many letters are equal byte for byte (`merging.py` then keeps one copy).

Khmer script has its own face and is shaped (`khmer.py`).
"""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

from reportlab import rl_config
from reportlab.lib.rl_accel import fp_str
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont, makeToUnicodeCMap

from civreg.shared.errors import Refusal
from civreg.shared.paper.khmer import BREAK, has_khmer, khmer_characters, khmer_width, runs, stray_break
from civreg.shared.paper.objects import content_name, packed, shown, written

rl_config.useA85 = 0  # page streams as plain Flate: ASCII85 only makes them longer and slower

FOLDER = Path(__file__).parent / "fonts"
PARAGRAPH_LIMIT = 4_000
"""Characters one paragraph or line of a sheet may have; more is a mistake of pasting, not a text."""


class Face(StrEnum):
    """The four faces of Tinos, each with its file in `fonts/`."""

    REGULAR = "Tinos"
    BOLD = "Tinos-Bold"
    ITALIC = "Tinos-Italic"
    BOLD_ITALIC = "Tinos-BoldItalic"


FILES = {
    Face.REGULAR: "Tinos_400Regular-vn.ttf",
    Face.BOLD: "Tinos_700Bold-vn.ttf",
    Face.ITALIC: "Tinos_400Regular_Italic-vn.ttf",
    Face.BOLD_ITALIC: "Tinos_700Bold_Italic-vn.ttf",
}


def _vietnamese_alphabet() -> tuple[int, ...]:
    """Return the code points every sheet may need beyond ASCII, in a fixed order."""
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {unicodedata.normalize("NFC", v + t) for v in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for t in tones}
    letters |= set("đĐ–—‘’“”…·•")
    return tuple(sorted(ord(letter) for letter in letters if ord(letter) > 127))


ALPHABET = _vietnamese_alphabet()
SYMBOLIC = 1 << 2
"""Flag of a face with its own encoding (PDF 32000, table 123); ToUnicode gives the letters back."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """What a document embeds of a face for one subset, ready to be written."""

    length: int
    glyphs: bytes
    to_unicode: bytes
    widths: str
    measures: str


class _OfficeFont(TTFont):
    """A font that gives every document the same first subset: ASCII and the Vietnamese alphabet.

    Subsets are cut, compressed and written out once per process; stock ReportLab does it for every document,
    which costs more than drawing the letter.
    """

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, str(path), asciiReadable=True, shapable=False)
        scratch = pdfdoc.PDFDocument()
        super().splitString("".join(map(chr, ALPHABET)), scratch)
        self._first = cast(Any, self.state.pop(scratch))
        self._codes: dict[int, int] = self._first.assignments
        assert max(self._codes.values()) < 256, "the alphabet fills one subset"
        self._known = frozenset(map(chr, self._codes))

    @cached_property
    def _name(self) -> str:
        """Return the name of the first subset in every document: it is the same one, so it is named by its content."""
        cut = _cut(self, self._base(0), tuple(self._first.subsets[0]))
        return content_name(cut.glyphs, cut.to_unicode, cut.widths, cut.measures)

    def _base(self, index: int) -> str:
        face: Any = self.face
        return f"{SUBSETN(index).decode()}+{face.name.decode()}"

    def _state_of(self, doc: Any) -> Any:
        """Return the subsets of `doc`, which start from the fixed first one."""
        if doc not in self.state:
            state: Any = TTFont.State(True, self)
            state.assignments = dict(self._first.assignments)
            state.subsets = [list(subset) for subset in self._first.subsets]
            state.nextCode = 256  # further letters never change the first subset
            state.internalName = self._name
            self.state[doc] = state
            doc.fontMapping[self.fontName] = f"/{self._name}"
            doc.delayedFonts.append(self)
        return self.state[doc]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: N802 - ReportLab's name
        """Return the name of a subset in the resources of the pages of `doc`."""
        self._state_of(doc)
        return f"/{self._name}+{subset}" if subset else f"/{self._name}"

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> Any:  # noqa: N802 - ReportLab's name
        """Split `text` into (subset, bytes) as ReportLab's canvas wants it."""
        self._state_of(doc)
        if text and self._known.issuperset(text):  # nearly every line: its codes are settled
            return [(0, text.translate(self._codes).encode("latin-1"))]
        return super().splitString(text, doc, encoding)

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - ReportLab's name
        """Add font, descriptor, glyphs and ToUnicode of every subset to `doc`."""
        state = self._state_of(doc)
        state.frozen = 1
        for index, subset in enumerate(state.subsets):
            internal, base = self.getSubsetInternalName(index, doc)[1:], self._base(index)
            cut = _cut(self, base, tuple(subset))
            glyphs = packed(doc, f"glyphs:{base}", cut.glyphs, f"/Length1 {cut.length}")
            letters = packed(doc, f"toUnicode:{base}", cut.to_unicode)
            widths = written(doc, f"widths:{base}", cut.widths)
            descriptor = written(
                doc,
                f"descriptor:{base}",
                f"<< /Type /FontDescriptor /FontName /{base} /FontFile2 {shown(doc, glyphs)} {cut.measures} >>",
            )
            doc.idToObject["BasicFonts"].dict[internal] = written(
                doc,
                f"font:{base}",
                f"<< /Type /Font /Subtype /TrueType /Name /{internal} /BaseFont /{base} /FirstChar 0 "
                f"/LastChar {len(subset) - 1} /Widths {shown(doc, widths)} /ToUnicode {shown(doc, letters)} "
                f"/FontDescriptor {shown(doc, descriptor)} >>",
            )
        del self.state[doc]


@lru_cache(maxsize=32)
def _cut(font: _OfficeFont, base: str, subset: tuple[int, ...]) -> _Cut:
    """Return what to embed of `font` for the code points of `subset`, in their order."""
    face: Any = font.face
    raw = face.makeSubset(list(subset))
    widths = " ".join(f"{face.getCharWidth(code):.4g}" for code in subset)
    box = fp_str(*face.bbox)
    return _Cut(
        length=len(raw),
        glyphs=zlib.compress(raw, 9),
        to_unicode=zlib.compress(makeToUnicodeCMap(base, list(subset)).encode("ascii"), 9),
        widths=f"[{widths}]",
        measures=(
            f"/Flags {SYMBOLIC} /FontBBox [{box}] /Ascent {fp_str(face.ascent)} /Descent {fp_str(face.descent)} "
            f"/CapHeight {fp_str(face.capHeight)} /ItalicAngle {fp_str(face.italicAngle)} "
            f"/StemV {fp_str(face.stemV)} /MissingWidth {fp_str(face.defaultWidth)}"
        ),
    )


@lru_cache(maxsize=1)
def fonts() -> dict[Face, Any]:
    """Load and register the faces once per process; return them by name."""
    loaded = {face: _OfficeFont(face.value, FOLDER / name) for face, name in FILES.items()}
    for font in loaded.values():
        pdfmetrics.registerFont(font)
    return loaded


@lru_cache(maxsize=1)
def drawable_characters() -> frozenset[int]:
    """Return the code points that all four faces have."""
    covered = [frozenset(font.face.charToGlyph) for font in fonts().values()]
    return covered[0].intersection(*covered[1:])


@lru_cache(maxsize=20_000)
def word_width(word: str, face: Face) -> float:
    """Return the width of `word` in thousandths of the type size (cached: the words of letters repeat)."""
    if has_khmer(word):
        parts = runs(word)
        return sum(khmer_width(part) if khmer else word_width(part, face) for khmer, part in parts)
    metrics = fonts()[face].face
    return float(sum(metrics.getCharWidth(ord(letter)) for letter in word))


def drawable(text: str, *, field: str | None = None, limit: int = PARAGRAPH_LIMIT) -> str:
    """Return `text` in NFC with single spaces, sure to be drawn whole.

    Raises:
        Refusal: when it is too long, or has a character that the faces lack (named with its code point).
    """
    if len(text) > limit * 4:  # NFD has up to three code points a letter: refuse before the work of folding
        raise _too_long(len(text), limit, field)
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if len(clean) > limit:
        raise _too_long(len(clean), limit, field)
    if _shown_letters().issuperset(clean):  # nearly every text: one look instead of one a letter
        return clean
    missing = next((c for c in clean if not _has_glyph(c)), None)
    if missing == BREAK and not stray_break(clean):
        missing = next((c for c in clean if c != BREAK and not _has_glyph(c)), None)
    if missing is None:
        return clean
    shown = f"“{missing}” " if missing.isprintable() and not unicodedata.combining(missing) else ""
    raise Refusal(
        f"Không in được ký tự {shown}(U+{ord(missing):04X}). Ông/bà bỏ hoặc gõ lại ký tự này rồi in lại.",
        field=field,
    )


@lru_cache(maxsize=1)
def _shown_letters() -> frozenset[str]:
    """Return the letters of the four faces that may be drawn anywhere; Khmer has rules of its own."""
    return frozenset(letter for letter in map(chr, drawable_characters()) if letter.isprintable())


def _has_glyph(letter: str) -> bool:
    return (ord(letter) in drawable_characters() and letter.isprintable()) or ord(
        letter
    ) in khmer_characters()


def _too_long(length: int, limit: int, field: str | None) -> Refusal:
    """Return the refusal of a text longer than a line of paper can be."""
    return Refusal(
        f"Nội dung dài {length} ký tự, trang giấy chỉ nhận tối đa {limit}. Ông/bà rút ngắn rồi in lại.",
        field=field,
    )
