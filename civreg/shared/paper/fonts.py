"""Kiểu chữ: the Tinos faces (widths of Times New Roman) and the check that a text can be drawn at all.

A character that a face lacks vanishes silently in a PDF; here it is refused by name. The letters of
Vietnamese get a fixed place in every document, so that the embedded face is computed once per process and
the faces of many letters are equal byte for byte (`merging.py` then keeps one copy).

Khmer script: shaping works (uharfbuzz, Noto Sans Khmer), but the shaped text cannot be copied or searched
without an ActualText for every cluster, so it is not offered; Khmer names are written in Latin letters.
"""

from __future__ import annotations

import unicodedata
import zlib
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

from civreg.shared.errors import Refusal

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


class _OfficeFace(TTFontFace):  # type: ignore[misc]
    """A face whose subsets are cut and compressed once per process instead of once per document."""

    def addSubsetObjects(self, doc: Any, fontname: str, subset: list[int]) -> Any:  # noqa: N802 - ReportLab's
        """Add the embedded face and its descriptor to `doc`; return the reference ReportLab wants."""
        length, packed = _cut(self, tuple(subset))
        stream = pdfdoc.PDFStream(content=packed, filters=[])
        stream.dictionary["Length1"] = length
        stream.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": "/FontDescriptor",
                "FontName": pdfdoc.PDFName(fontname),
                "FontFile2": doc.Reference(stream, f"fontFile:{fontname}"),
                "Flags": SYMBOLIC,
                "FontBBox": pdfdoc.PDFArray(self.bbox),
                "Ascent": self.ascent,
                "Descent": self.descent,
                "CapHeight": self.capHeight,
                "ItalicAngle": self.italicAngle,
                "StemV": self.stemV,
                "MissingWidth": self.defaultWidth,
            }
        )
        return doc.Reference(descriptor, f"fontDescriptor:{fontname}")


@lru_cache(maxsize=32)
def _cut(face: _OfficeFace, subset: tuple[int, ...]) -> tuple[int, bytes]:
    """Return the length and the compressed bytes of a face cut to `subset`."""
    raw = face.makeSubset(list(subset))
    return len(raw), zlib.compress(raw, 9)


class _OfficeFont(TTFont):  # type: ignore[misc]
    """A font that gives every document the same first subset: ASCII and the Vietnamese alphabet."""

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, str(path), asciiReadable=True, shapable=False)
        self.face = _OfficeFace(str(path))
        scratch = pdfdoc.PDFDocument()
        super().splitString("".join(map(chr, ALPHABET)), scratch)
        self._first = self.state.pop(scratch)

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> Any:  # noqa: N802 - ReportLab's name
        """Split `text` into (subset, bytes), starting each document from the fixed first subset."""
        if doc not in self.state:
            state = self.state[doc] = TTFont.State(True, self)
            state.assignments = dict(self._first.assignments)
            state.subsets = [list(subset) for subset in self._first.subsets]
            state.nextCode = self._first.nextCode
        return super().splitString(text, doc, encoding)


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
    missing = next((c for c in clean if ord(c) not in drawable_characters() or not c.isprintable()), None)
    if missing is None:
        return clean
    shown = f"“{missing}” " if missing.isprintable() and not unicodedata.combining(missing) else ""
    raise Refusal(
        f"Không in được ký tự {shown}(U+{ord(missing):04X}). Ông/bà bỏ hoặc gõ lại ký tự này rồi in lại.",
        field=field,
    )


def _too_long(length: int, limit: int, field: str | None) -> Refusal:
    """Return the refusal of a text longer than a line of paper can be."""
    return Refusal(
        f"Nội dung dài {length} ký tự, trang giấy chỉ nhận tối đa {limit}. Ông/bà rút ngắn rồi in lại.", field=field
    )
