"""Dòng niêm phong: a long stream of bytes, compressed and sealed piece by piece under words that a person keeps.

Made for backups: the key is apart from the sealing keys of the cells (`civreg.shared.crypto`), and nothing is ever held in
memory but one piece. Layout: magic, salt, key check, then pieces of `[length][AES-256-GCM]`. The nonce counts the pieces
and its last byte marks the last one, so that a changed, moved, missing or cut-off piece is found. The key comes from the
words by scrypt with a salt of its own, so no two streams share a key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SHORTEST_WORDS = 20
"""Fewest characters of the words a stream is sealed with."""
PIECE = 1024 * 1024
_MAGIC = b"CIVREG1\n"
_SALT, _CHECK, _LENGTH = 16, 16, 4
_HEADER = len(_MAGIC) + _SALT + _CHECK
_COMPRESSION = 1
"""Quick: half of a backup is sealed cells, which do not get smaller."""


class WrongWords(Exception):  # noqa: N818 - says what is wrong, as `SealBroken` does
    """The stream was sealed with other words (or its head was changed)."""


class StreamBroken(Exception):  # noqa: N818
    """The stream was changed, cut off, or is none of ours."""


def seal_stream(target: BinaryIO, words: str, pieces: Iterable[bytes]) -> None:
    """Write everything that `pieces` gives to `target`, compressed and sealed with `words`.

    Raises:
        ValueError: when the words are too short to keep anything safe.
    """
    if len(words) < SHORTEST_WORDS:
        raise ValueError(f"at least {SHORTEST_WORDS} characters")
    salt = secrets.token_bytes(_SALT)
    key, check = _derive(words, salt)
    header = _MAGIC + salt + check
    target.write(header)
    cipher, number = AESGCM(key), 0
    waiting = bytearray()
    for compressed in _compressed(pieces):
        waiting += compressed
        while len(waiting) > PIECE:
            _write_piece(target, cipher.encrypt(_nonce(number), bytes(waiting[:PIECE]), header))
            del waiting[:PIECE]
            number += 1
    _write_piece(target, cipher.encrypt(_nonce(number, last=True), bytes(waiting), header))


def open_stream(source: BinaryIO, words: str) -> Iterator[bytes]:
    """Give the bytes that were sealed, piece by piece; what was given before an error must not be trusted.

    Raises:
        WrongWords: other words sealed it.
        StreamBroken: it was changed or cut off.
    """
    header = source.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise StreamBroken("not a sealed stream")
    key, check = _derive(words, header[len(_MAGIC) : len(_MAGIC) + _SALT])
    if not hmac.compare_digest(check, header[-_CHECK:]):
        raise WrongWords
    cipher, number = AESGCM(key), 0
    unpack = zlib.decompressobj()
    piece = _read_piece(source)
    while True:
        following = _read_piece(source)
        try:
            plain = cipher.decrypt(_nonce(number, last=not following), piece, header)
            opened = unpack.decompress(plain)
        except (InvalidTag, zlib.error) as reason:
            raise StreamBroken(f"piece {number} was changed, or the stream was cut off") from reason
        if opened:
            yield opened
        if not following:
            break
        piece, number = following, number + 1
    if not unpack.eof:
        raise StreamBroken("the stream ends too early")


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    pack = zlib.compressobj(_COMPRESSION)
    for piece in pieces:
        yield pack.compress(piece)
    yield pack.flush()


def _derive(words: str, salt: bytes) -> tuple[bytes, bytes]:
    """Return the key, and bytes that tell whether the words are right without saying anything of the key."""
    derived = hashlib.scrypt(
        words.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32 + _CHECK
    )
    return derived[:32], derived[32:]


def _nonce(number: int, *, last: bool = False) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _write_piece(target: BinaryIO, sealed: bytes) -> None:
    target.write(len(sealed).to_bytes(_LENGTH, "big"))
    target.write(sealed)


def _read_piece(source: BinaryIO) -> bytes:
    """Return the next sealed piece, nothing at the end."""
    length = source.read(_LENGTH)
    if not length:
        return b""
    size = int.from_bytes(length, "big")
    if len(length) < _LENGTH or size > PIECE + 16:
        raise StreamBroken("a piece has no length of ours")
    sealed = source.read(size)
    if len(sealed) < size:
        raise StreamBroken("the stream was cut off")
    return sealed
