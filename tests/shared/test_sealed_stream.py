from __future__ import annotations

import io
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civreg.shared.sealed_stream import PIECE, StreamBroken, WrongWords, open_stream, seal_stream

WORDS = "nước chảy đá mòn, kiến tha lâu đầy tổ"
LONG = secrets.token_bytes(PIECE * 2 + 12345)


def sealed(*pieces: bytes, words: str = WORDS) -> bytes:
    target = io.BytesIO()
    seal_stream(target, words, pieces)
    return target.getvalue()


def opened(content: bytes, words: str = WORDS) -> bytes:
    return b"".join(open_stream(io.BytesIO(content), words))


@settings(max_examples=15)
@given(st.lists(st.binary(max_size=500), max_size=5))
def test_what_was_sealed_comes_back(pieces: list[bytes]) -> None:
    assert opened(sealed(*pieces)) == b"".join(pieces)


def test_more_than_one_piece_comes_back() -> None:
    content = sealed(LONG[:7], LONG[7:])
    assert len(content) > PIECE * 2
    assert opened(content) == LONG


def test_the_same_text_never_looks_the_same() -> None:
    one, other = sealed(b"Thach Thi Sa Ret " * 100), sealed(b"Thach Thi Sa Ret " * 100)
    assert one[8:] != other[8:]
    assert b"Thach" not in one


def test_other_words_open_nothing() -> None:
    with pytest.raises(WrongWords):
        opened(sealed(b"x"), WORDS + " ")


@settings(max_examples=40)
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_anywhere_is_found(place: int, change: int) -> None:
    content = bytearray(SMALL)
    content[place % len(content)] ^= change
    with pytest.raises((StreamBroken, WrongWords)):
        opened(bytes(content))


@settings(max_examples=30)
@given(st.integers(min_value=0))
def test_a_stream_that_was_cut_off_is_found(length: int) -> None:
    with pytest.raises(StreamBroken):
        opened(SMALL[: length % len(SMALL)])


def test_a_missing_or_moved_piece_is_found() -> None:
    content = sealed(LONG)
    head, size = 40, 4 + PIECE + 16
    first, second, rest = (
        content[head : head + size],
        content[head + size : head + 2 * size],
        content[head + 2 * size :],
    )
    assert rest
    for order in ((second, first, rest), (first, rest), (first, second), (first, second, rest, rest)):
        with pytest.raises(StreamBroken):
            opened(content[:head] + b"".join(order))


def test_short_words_are_refused() -> None:
    with pytest.raises(ValueError, match="20"):
        sealed(b"x", words="ngắn quá")


SMALL = sealed(b"so 123", b"/2026")
