"""Reading a PDF back as a person's software does."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader
from pypdf.generic import ContentStream


def reader(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def words(content: bytes) -> str:
    """All text of a PDF with single blanks."""
    return " ".join(" ".join(page.extract_text() for page in reader(content).pages).split())


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in reader(content).pages]


def positions(content: bytes, page: int = 0) -> list[tuple[float, float, str]]:
    """(left, baseline above the lower edge, text) of every piece of text of a page."""
    found: list[tuple[float, float, str]] = []

    def visit(text: str, _cm: object, tm: list[float], _font: object, _size: float) -> None:
        if text.strip():
            found.append((tm[4], tm[5], text.strip()))

    reader(content).pages[page].extract_text(visitor_text=visit)
    return found


def colours(content: bytes) -> set[tuple[str, ...]]:
    """Every colour set on any page, in its own stream or in a shape it shares with others."""
    found: set[tuple[str, ...]] = set()
    for page in reader(content).pages:
        shared = page["/Resources"].get("/XObject", {}).values()
        streams = [page["/Contents"], *(one for one in shared if one.get_object()["/Subtype"] == "/Form")]
        raw = "\n".join(one.get_object().get_data().decode("latin-1") for one in streams)
        found |= {tuple(m) for m in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", raw)}
    return found


def operations(content: bytes, page: int = 0) -> list[tuple[list[object], bytes]]:
    source = reader(content)
    stream = ContentStream(source.pages[page]["/Contents"].get_object(), source)
    return [(list(operands), operator) for operands, operator in stream.operations]
