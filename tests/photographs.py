"""Photographs for tests: made, never taken from a person."""

from __future__ import annotations

import io
import zlib

from PIL import Image

from civreg.shared.imaging import Picture, reencode

GPS = 0x8825
ORIENTATION = 0x0112


def jpeg(width: int = 640, height: int = 480, *, colour: str = "#8899aa", **saved: object) -> bytes:
    """A plain JPEG."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, "JPEG", **saved)
    return written.getvalue()


def png(width: int = 640, height: int = 480, mode: str = "RGB") -> bytes:
    """A plain PNG."""
    written = io.BytesIO()
    Image.new(mode, (width, height)).save(written, "PNG")
    return written.getvalue()


def heavy_jpeg() -> bytes:
    """What a good camera makes of a detailed scene: 20 million pixels, close to 20 MB, held sideways, with its place."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[GPS] = {1: "N", 2: (9.0, 38.0, 12.0), 3: "E", 4: (106.0, 15.0, 40.0)}
    written = io.BytesIO()
    scene = Image.effect_noise((5000, 4000), 90).convert("RGB")
    scene.save(written, "JPEG", quality=95, exif=exif, comment=b"may anh cua gia dinh")
    return written.getvalue()


def bomb() -> bytes:
    """A PNG of two kilobytes that says it has 3,600,000,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    size = (60_000).to_bytes(4) * 2
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + bytes([8, 2, 0, 0, 0]))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def picture(colour: str = "#8899aa", width: int = 640, height: int = 480) -> Picture:
    """A photograph as it is kept."""
    return reencode(io.BytesIO(jpeg(width, height, colour=colour)))
