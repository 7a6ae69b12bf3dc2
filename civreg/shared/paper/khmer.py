"""Chữ Khmer: Noto Sans Khmer, shaped by HarfBuzz, drawn glyph by glyph, readable as its letters.

A Khmer syllable is not drawn letter after letter: subscripts go under their consonant and some vowels before it. So
glyphs and places come from HarfBuzz, and every shaped run carries its letters as ActualText, without which nobody
could copy, search or hear them. For readers that pass over ActualText a code stands for a glyph *and* the letters of
its syllable, so that ToUnicode gives them back in order too. A document embeds only the glyphs it uses.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import uharfbuzz
from reportlab.pdfbase import pdfdoc

from civreg.shared.paper.objects import packed

PATH = Path(__file__).parent / "fonts" / "NotoSansKhmer-Regular.ttf"
BREAK = "\u200b"
"""Zero-width space: where a line of Khmer may break."""
_INTERNAL = "FKhmer"
_BASE = "KHMERA+NotoSansKhmer"
_KHMER = re.compile("[\u1780-\u17ff\u19e0-\u19ff\u200b]+")
_LETTER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")
_STRAY = re.compile(
    f"(?<![\u1780-\u17ff\u19e0-\u19ff{BREAK}]){BREAK}+(?![\u1780-\u17ff\u19e0-\u19ff{BREAK}])"
)
_SYLLABLE = re.compile("[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*|.", re.DOTALL)
_DROPPED_TABLES = ("GSUB", "GPOS", "GDEF", "name", "post", "cmap", "OS/2", "STAT", "DSIG")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One placed glyph, in thousandths of the type size: its number, how far it moves on, where it is shifted to.

    Attributes:
        letters: of the whole syllable at its first glyph, empty at the others.
    """

    number: int
    letters: str
    advance: float
    right: float
    up: float


@lru_cache(maxsize=1)
def _face() -> tuple[Any, Any]:
    """Return HarfBuzz's face and font, loaded once per process."""
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(PATH)))
    return face, uharfbuzz.Font(face)


def has_khmer(text: str) -> bool:
    """Say whether any letter of the text is Khmer."""
    return _LETTER.search(text) is not None


def stray_break(text: str) -> bool:
    """Say whether a break mark stands where no letter beside it is Khmer: there nobody meant it."""
    return _STRAY.search(text) is not None


def runs(text: str) -> list[tuple[bool, str]]:
    """Return the text as runs of one script each, with whether it is Khmer."""
    found, last = [], 0
    for match in _KHMER.finditer(text):
        if match.start() > last:
            found.append((False, text[last : match.start()]))
        found.append((True, match[0]))
        last = match.end()
    if last < len(text):
        found.append((False, text[last:]))
    return found


def syllables(word: str) -> list[str]:
    """Return the pieces a word may be cut into: letters, or whole syllables of Khmer."""
    return _SYLLABLE.findall(word)


@lru_cache(maxsize=1)
def khmer_characters() -> frozenset[int]:
    """Return the letters and signs of Khmer that the face has."""
    return frozenset(code for code in _face()[0].unicodes if _LETTER.match(chr(code)))


@lru_cache(maxsize=5_000)
def shaped(run: str) -> tuple[Glyph, ...]:
    """Return the glyphs of a run of Khmer in the order they are drawn."""
    face, font = _face()
    typed = re.findall(f"{BREAK}*[^{BREAK}]{BREAK}*", run)  # each letter with the break marks beside it
    buffer = uharfbuzz.Buffer()
    buffer.add_str("".join(letter.strip(BREAK) for letter in typed))
    buffer.guess_segment_properties()
    buffer.language = "km"
    uharfbuzz.shape(font, buffer)
    unit, starts = 1000 / face.upem, [info.cluster for info in buffer.glyph_infos]
    firsts = sorted(set(starts))
    ends = dict(zip(firsts, [*firsts[1:], len(typed)], strict=True))
    return tuple(
        Glyph(
            info.codepoint,
            "".join(typed[start : ends[start]]) if starts.index(start) == index else "",
            place.x_advance * unit,
            place.x_offset * unit,
            place.y_offset * unit,
        )
        for index, (start, info, place) in enumerate(
            zip(starts, buffer.glyph_infos, buffer.glyph_positions, strict=True)
        )
    )


def khmer_width(run: str) -> float:
    """Return the width of a run in thousandths of the type size."""
    return sum(glyph.advance for glyph in shaped(run))


def drawn_khmer(document: Any, run: str, left: float, baseline: float, size: float) -> str:
    """Return the operators that draw a run, its letters as ActualText; the document will embed what they use.

    Args:
        document: ReportLab's, of the canvas the operators go to.
        run: letters of Khmer only.
        left: canvas abscissa of its start, in points.
        baseline: canvas ordinate, in points.
        size: type size in points.
    """
    spoken = (b"\xfe\xff" + run.encode("utf-16-be")).hex().upper()
    parts = [f"/Span <</Lang (km) /ActualText <{spoken}>>> BDC BT /{_INTERNAL} {size:.4g} Tf"]
    codes = _FACE.codes_of(document)
    for glyph in shaped(run):
        x, y = left + glyph.right * size / 1000, baseline + glyph.up * size / 1000
        code = codes.setdefault((glyph.number, glyph.letters), len(codes))
        parts.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm <{code:04X}> Tj")
        left += glyph.advance * size / 1000
    return " ".join((*parts, "ET EMC"))


_Codes = dict[tuple[int, str], int]
"""(glyph, letters) → the code a document writes for it, in the order of first use."""


class _KhmerFace:
    """The face of documents that have Khmer in them; ReportLab asks it for its objects when it saves one."""

    def __init__(self) -> None:
        self._used: dict[Any, _Codes] = {}

    def codes_of(self, document: Any) -> _Codes:
        """Return the codes a document uses so far; announces the face to a document that is new."""
        if document not in self._used:
            self._used[document] = {(0, ""): 0}
            document.delayedFonts.append(self)
        return self._used[document]

    def addObjects(self, document: Any) -> None:  # noqa: N802 - ReportLab's name
        """Add font, descriptor, glyphs and ToUnicode to the document."""
        cut = _cut(tuple(self._used.pop(document)))
        face, font = _face()
        unit, extents = 1000 / face.upem, font.get_font_extents("ltr")
        dictionary, array = pdfdoc.PDFDictionary, pdfdoc.PDFArray
        descriptor = dictionary(
            {
                "Type": "/FontDescriptor",
                "FontName": f"/{_BASE}",
                "FontFile2": packed(document, "khmer.glyphs", cut.glyphs, f"/Length1 {cut.length}"),
                "Flags": 4,
                "FontBBox": array(
                    [-1000, round(extents.descender * unit), 3000, round(extents.ascender * unit)]
                ),
                "Ascent": round(extents.ascender * unit),
                "Descent": round(extents.descender * unit),
                "CapHeight": 700,
                "ItalicAngle": 0,
                "StemV": 80,
            }
        )
        descendant = dictionary(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": f"/{_BASE}",
                "CIDSystemInfo": dictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": document.Reference(descriptor, "khmer.descriptor"),
                "DW": 0,
                "W": cut.widths,
                "CIDToGIDMap": packed(document, "khmer.map", cut.glyph_of_code),
            }
        )
        whole = dictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": f"/{_BASE}",
                "Encoding": "/Identity-H",
                "DescendantFonts": array([document.Reference(descendant, "khmer.descendant")]),
                "ToUnicode": packed(document, "khmer.unicode", cut.to_unicode),
            }
        )
        document.idToObject["BasicFonts"].dict[_INTERNAL] = document.Reference(whole, "khmer.font")


_FACE = _KhmerFace()


@dataclass(frozen=True, slots=True)
class _Cut:
    """What a document embeds: the face with only its glyphs, their widths and letters, ready to be written."""

    length: int
    glyphs: bytes
    to_unicode: bytes
    glyph_of_code: bytes
    widths: str


@lru_cache(maxsize=64)
def _cut(used: tuple[tuple[int, str], ...]) -> _Cut:
    face, font = _face()
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update({number for number, _letters in used})
    wanted.flags = uharfbuzz.SubsetFlags.RETAIN_GIDS | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    wanted.drop_table_tag_set.update(
        int.from_bytes(tag.ljust(4).encode("ascii"), "big") for tag in _DROPPED_TABLES
    )
    raw = bytes(uharfbuzz.subset(face, wanted).blob.data)
    unit = 1000 / face.upem
    widths = " ".join(f"{font.get_glyph_h_advance(number) * unit:.4g}" for number, _letters in used)
    letters = [(code, letters) for code, (_number, letters) in enumerate(used)]
    return _Cut(
        length=len(raw),
        glyphs=zlib.compress(raw, 9),
        to_unicode=zlib.compress(_to_unicode(letters), 9),
        glyph_of_code=zlib.compress(b"".join(number.to_bytes(2, "big") for number, _letters in used), 9),
        widths=f"[0 [{widths}]]",
    )


def _to_unicode(pairs: list[tuple[int, str]]) -> bytes:
    """Return the CMap that gives the letters of each code back, for readers that pass over ActualText."""
    blocks = []
    for start in range(0, len(pairs), 100):
        part = pairs[start : start + 100]
        lines = "\n".join(
            f"<{code:04X}> <{letters.encode('utf-16-be').hex().upper()}>" for code, letters in part
        )
        blocks.append(f"{len(part)} beginbfchar\n{lines}\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode("ascii")
