"""Ảnh chụp giấy tờ: whatever a phone sends becomes one small upright JPEG without hidden facts, or is refused.

The kind is told by the first bytes, never by the name. Everything is decoded and encoded again: the place where
the photograph was taken (EXIF, GPS), comments and anything glued to the file stay behind. Sizes are checked before
a single pixel is decoded, large photographs are decoded at a fraction of their size, and one process decodes one
photograph at a time, so that memory is bounded. This is the only user of Pillow.
"""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageDraw

from civreg.shared.errors import Refusal

MOST_BYTES = 21 * 1024 * 1024
"""The largest photograph taken, in bytes: "20 MB" as phones count, with a little over."""
KEPT_BYTES = 1_048_576
"""What a photograph is shrunk to, in bytes."""
LONG_SIDE = 2000
"""Pixels of the longer side of a kept photograph: an A4 paper stays readable (about 170 dots per inch)."""

_MOST_PIXELS_BY_PARTS = 200_000_000
"""A JPEG in one scan is decoded at a fraction of its size: even 200 megapixels need little memory."""
_MOST_PIXELS_WHOLE = 40_000_000
"""What is decoded is held whole, PNG and JPEG of several scans as they are: at most 240 MB for a moment."""
_QUALITIES = (82, 72, 60, 45)
_PEN = 5
"""Pixels of a drawn line: a ball pen on a field of a thousand pixels."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BROKEN = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, struct.error)
"""What Pillow raises for bytes that are no image after all."""
_one_at_a_time = threading.BoundedSemaphore()

Image.MAX_IMAGE_PIXELS = None  # the limits above are checked before decoding, and depend on how it decodes

EMPTY = "Tệp này trống. Ông/bà chọn lại ảnh rồi gửi lại."
TOO_HEAVY = "Ảnh này nặng hơn 20 MB. Ông/bà chụp lại ở cỡ ảnh vừa (không cần ảnh gốc), rồi gửi lại."
TOO_WIDE = "Ảnh này có quá nhiều điểm ảnh. Ông/bà chụp màn hình ảnh này, rồi gửi ảnh chụp màn hình."
BROKEN = "Ảnh này bị hỏng hoặc chưa tải lên hết. Ông/bà gửi lại; vẫn không được thì chụp lại."
HEIC = (
    "Ảnh này ở dạng HEIC nên chưa nhận được. Ông/bà chụp màn hình ảnh rồi gửi ảnh chụp màn hình; hoặc vào "
    "Cài đặt, Camera, Định dạng, chọn “Tương thích nhất” rồi chụp lại."
)
PDF = "Tệp này là PDF, không phải ảnh. Ông/bà chụp ảnh tờ giấy bằng điện thoại rồi gửi ảnh đó."
DRAWING = "Tệp này là trang web hoặc hình vẽ, không phải ảnh chụp. Ông/bà chụp ảnh tờ giấy rồi gửi ảnh đó."
OTHER_KIND = (
    "Chỉ nhận ảnh JPG hoặc PNG. Ông/bà chụp ảnh tờ giấy bằng điện thoại, hoặc chụp màn hình, rồi gửi ảnh đó."
)


@dataclass(frozen=True, slots=True)
class Picture:
    """Ảnh đã mã hóa lại: a JPEG of at most `KEPT_BYTES`, upright, without metadata.

    Attributes:
        content: the bytes.
        width: in pixels.
        height: in pixels.
    """

    content: bytes
    width: int
    height: int


def reencode(source: BinaryIO) -> Picture:
    """Turn an uploaded photograph into the JPEG that is kept.

    Args:
        source: the bytes as sent, seekable; read from the start.

    Raises:
        Refusal: not a photograph that can be read, or too large; the sentence says what to do.
    """
    _refuse_by_weight(source)
    source.seek(0)
    _refuse_by_kind(source.read(1024))
    with _one_at_a_time:
        try:
            source.seek(0)
            with Image.open(source, formats=("JPEG", "PNG")) as image:
                return _shrunk(image, _turn_of(image), source)
        except _BROKEN as broken:
            raise Refusal(BROKEN) from broken


def draw_lines(lines: Iterable[Sequence[tuple[int, int]]], width: int, height: int) -> Picture:
    """Draw lines (a signature) in black on white and return the JPEG that is kept.

    Args:
        lines: each a row of points within the field.
        width: of the field, in pixels.
        height: of the field, in pixels.
    """
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.line(list(line), fill="black", width=_PEN, joint="curve")
    return _small_enough(image)


def _refuse_by_weight(source: BinaryIO) -> None:
    size = source.seek(0, io.SEEK_END)
    if not size:
        raise Refusal(EMPTY)
    if size > MOST_BYTES:
        raise Refusal(TOO_HEAVY)


def _refuse_by_kind(head: bytes) -> None:
    """Tell the kind by the first bytes; a photograph that is also something else is refused as that."""
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n\0").lower()
    if b"%PDF-" in head:
        raise Refusal(PDF)
    if lowered.startswith(b"<") or any(
        mark in lowered for mark in (b"<svg", b"<html", b"<script", b"<!doctype", b"<?php")
    ):
        raise Refusal(DRAWING)
    if head[4:8] == b"ftyp":
        raise Refusal(HEIC)
    if not head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        raise Refusal(OTHER_KIND)


def _turn_of(image: Image.Image) -> Image.Transpose | None:
    """Return how the camera was held; a photograph with spoilt EXIF is taken as it lies."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return None


def _shrunk(image: Image.Image, turn: Image.Transpose | None, source: BinaryIO) -> Picture:
    _refuse_by_pixels(image, _MOST_PIXELS_BY_PARTS)
    if image.format in ("JPEG", "MPO") and _is_one_scan(source):
        image.draft("RGB", (LONG_SIDE, LONG_SIDE))
    _refuse_by_pixels(image, _MOST_PIXELS_WHOLE)  # a long strip is not drawn smaller
    image.load()
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    plain = Image.new("RGB", image.size, "white")  # carries no comment, profile or EXIF over
    if image.has_transparency_data:
        see_through = image.convert("RGBA")
        plain.paste(see_through, mask=see_through)
    else:
        plain.paste(image.convert("RGB"))
    upright = plain.transpose(turn) if turn is not None else plain
    return _small_enough(upright)


def _refuse_by_pixels(image: Image.Image, most: int) -> None:
    """Look at the size that the header states, which costs nothing; `most` is in pixels."""
    if image.width * image.height > most:
        raise Refusal(TOO_WIDE)


def _small_enough(image: Image.Image) -> Picture:
    """Encode, more and more coarsely, until the photograph fits."""
    while True:
        for quality in _QUALITIES:
            written = io.BytesIO()
            image.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= KEPT_BYTES:
                return Picture(written.getvalue(), *image.size)
        image = image.reduce(2)


def _is_one_scan(source: BinaryIO) -> bool:
    """Return whether the first scan of a JPEG holds all its colours (SOF0/SOF1): such a file is decoded row by row.

    Progressive files and files of several scans are held whole by the decoder, however small they are drawn.
    """
    position = source.tell()
    source.seek(2)
    colours = 0
    try:
        while True:
            marker, code = source.read(2)
            while code == 0xFF:  # fill bytes
                code = source.read(1)[0]
            if marker != 0xFF:
                return False
            body = source.read(int.from_bytes(source.read(2)) - 2)
            if code in (0xC0, 0xC1):
                colours = body[5]
            elif 0xC2 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
                return False
            elif code == 0xDA:
                return colours > 0 and body[0] == colours
    except (ValueError, IndexError):
        return False
    finally:
        source.seek(position)
