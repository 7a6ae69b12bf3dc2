"""Đối tượng PDF: objects of a document whose text is known when they are added.

ReportLab formats every dictionary of every document anew, key by key; for what is the same on each letter (faces,
shapes, the structure's elements) that took more time than laying out the words.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from reportlab.pdfbase import pdfdoc

_BY_CONTENT = re.compile(r"/(?:FormXob\.)?kit\.[0-9a-f]{16}")


def content_name(*parts: bytes | str) -> str:
    """Return the name of a face or shape by all that it is drawn from: equal names are equal things in any document.

    A run of hundreds of letters finds its copies by these names and need not read any of them (`merging.py`).
    """
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8, "big") + content)
    return f"kit.{whole.hexdigest()[:16]}"


def named_by_content(name: str) -> bool:
    """Return whether a resource of a page, for example `/FormXob.kit.…`, has its name from `content_name`."""
    return _BY_CONTENT.fullmatch(name) is not None


class _Written(pdfdoc.PDFObject):
    def __init__(self, text: bytes) -> None:
        self._text = text

    def format(self, _document: Any) -> bytes:
        return self._text


def written(document: Any, name: str, text: str) -> Any:
    """Add an object by its text, for example `<< /Type /Font >>`; return its reference."""
    return document.Reference(_Written(text.encode("latin-1")), name)


def packed(document: Any, name: str, content: bytes, entries: str = "") -> Any:
    """Add a stream that is compressed already (Flate); return its reference.

    Args:
        document: ReportLab's document.
        name: of the object; the same name again is the same object.
        content: what `zlib.compress` gave.
        entries: more of its dictionary, for example `/Length1 20`.
    """
    return document.Reference(stream(content, entries), name)


def shown(document: Any, reference: Any) -> str:
    """Return a reference as the text of another object writes it: `12 0 R`."""
    return str(reference.format(document), "ascii")


def stream(content: bytes, entries: str) -> Any:
    """Return a stream as `packed` does, for ReportLab to add."""
    head = f"<< /Filter /FlateDecode /Length {len(content)} {entries} >>\nstream\n"
    return _Written(head.encode("ascii") + content + b"\nendstream\n")
