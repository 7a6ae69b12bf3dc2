from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from civreg.shared import imaging
from civreg.shared.errors import Refusal
from civreg.shared.imaging import KEPT_BYTES, LONG_SIDE, MOST_BYTES, reencode
from tests import photographs

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
SMALL = photographs.jpeg(64, 48)
SMALL_PNG = photographs.png(64, 48)


def sentence_for(content: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        reencode(io.BytesIO(content))
    return refused.value.sentence


def test_a_photograph_of_twenty_megabytes_becomes_small_upright_and_placeless() -> None:
    content = photographs.heavy_jpeg()
    assert 18_000_000 < len(content) < MOST_BYTES
    kept = reencode(io.BytesIO(content))
    assert len(kept.content) <= KEPT_BYTES
    assert (kept.width, kept.height) == (1600, LONG_SIDE)  # the camera was held sideways
    image = Image.open(io.BytesIO(kept.content))
    assert (image.format, image.size) == ("JPEG", (1600, LONG_SIDE))
    assert not image.getexif()
    assert b"Exif" not in kept.content
    assert b"may anh" not in kept.content


def test_a_small_photograph_keeps_its_size() -> None:
    kept = reencode(io.BytesIO(SMALL))
    assert (kept.width, kept.height) == (64, 48)


def test_what_is_see_through_becomes_white() -> None:
    kept = reencode(io.BytesIO(photographs.png(8, 8, "RGBA")))
    assert Image.open(io.BytesIO(kept.content)).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_way_to_hold_a_camera_comes_out_upright(turn: int) -> None:
    upright = Image.new("RGB", (64, 32), "black")
    upright.paste("white", (0, 0, 16, 16))  # upper left
    held = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[photographs.ORIENTATION] = turn
    written = io.BytesIO()
    (upright.transpose(held[turn]) if turn in held else upright).save(written, "JPEG", exif=exif)
    kept = Image.open(io.BytesIO(reencode(written).content)).convert("L")
    assert kept.size == (64, 32)
    dots = [kept.getpixel(place) for place in ((6, 6), (58, 6), (6, 26), (58, 26))]
    assert [isinstance(dot, int) and dot > 128 for dot in dots] == [True, False, False, False]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", imaging.EMPTY),
        (b"%PDF-1.7\n%\xe2\xe3", imaging.PDF),
        (SMALL[:2] + b"\xff\xfe\0\x0a%PDF-1.4" + SMALL[2:], imaging.PDF),
        (SVG, imaging.DRAWING),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html></html>", imaging.DRAWING),
        (SMALL[:2] + b"\xff\xfe\0\x12<script>alert(1)" + SMALL[2:], imaging.DRAWING),
        (HEIC, imaging.HEIC),
        (b"GIF89a" + b"\0" * 40, imaging.OTHER_KIND),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 40, imaging.OTHER_KIND),
        (b"PK\x03\x04" + b"\0" * 40, imaging.OTHER_KIND),
        (photographs.bomb(), imaging.TOO_WIDE),
        (photographs.jpeg(7000, 7000, progressive=True), imaging.TOO_WIDE),
        (photographs.jpeg(640, 480)[:-900], imaging.BROKEN),
        (SMALL_PNG[:-30], imaging.BROKEN),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value[:24],
)
def test_what_is_no_photograph_is_refused_with_what_to_do(content: bytes, sentence: str) -> None:
    assert sentence_for(content) == sentence


def test_the_weight_is_looked_at_first() -> None:
    assert sentence_for(b"\xff\xd8\xff" + b"\0" * MOST_BYTES) == imaging.TOO_HEAVY


def test_a_large_photograph_in_one_scan_is_taken() -> None:
    kept = reencode(io.BytesIO(photographs.jpeg(8000, 7000)))
    assert max(kept.width, kept.height) == LONG_SIDE


def test_a_strip_that_no_fraction_makes_small_is_refused() -> None:
    assert sentence_for(photographs.jpeg(60_000, 1500)) == imaging.TOO_WIDE


@settings(max_examples=150)
@given(
    source=st.sampled_from([SMALL, SMALL_PNG]),
    cuts=st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=6)), max_size=6),
    end=st.integers(0, 2000),
)
def test_spoilt_bytes_are_a_photograph_or_a_refusal(
    source: bytes, cuts: list[tuple[int, bytes]], end: int
) -> None:
    spoilt = bytearray(source[: max(1, len(source) - end)] if end < 1000 else source)
    for place, bytes_there in cuts:
        at = place % len(spoilt)
        spoilt[at : at + len(bytes_there)] = bytes_there
    with contextlib.suppress(Refusal):  # anything else that is raised fails the test
        kept = reencode(io.BytesIO(bytes(spoilt)))
        assert kept.content.startswith(b"\xff\xd8\xff")
        assert len(kept.content) <= KEPT_BYTES
