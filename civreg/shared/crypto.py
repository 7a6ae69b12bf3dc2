"""Niêm phong: sealing of personal fields, blind indexes and tokens.

Sealed text is AES-256-GCM bound to table, row and column, so that a value copied to another row cannot be
opened (ADR 0005). The key id stands in the text, so that keys can be rotated row by row. Blind indexes are
HMACs under a separate key: equality can be searched, values cannot be tried out without the key.
Keys are handed in once at start with `use_keyring`; nothing here reads settings. A keyring that was loaded from a file
is read again as soon as the file is another one, so that running processes follow a rotation without a restart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class SealBroken(Exception):  # noqa: N818 - says what happened to the seal
    """A sealed value does not belong to this row and column, or its key is not here."""


@dataclass(frozen=True)
class Keyring:
    """The sealing keys by id, the id that seals from now on, and the blind-index key.

    Attributes:
        active: id of the key that new seals use.
        seal: key id → 32 bytes.
        index: 32 bytes, used for HMACs only; a rotation leaves it as it is.
        source: the file it was loaded from, and what that file looked like then; None for keys made in memory.
    """

    active: str
    seal: dict[str, bytes]
    index: bytes
    source: tuple[Path, tuple[int, ...]] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.active not in self.seal:
            raise ValueError("the active key is not in the keyring")
        if any(len(key) != KEY_BYTES for key in (*self.seal.values(), self.index)):
            raise ValueError("every key has 32 bytes")

    @classmethod
    def make(cls) -> Keyring:
        """Return a new keyring with one random sealing key, named k1."""
        return cls("k1", {"k1": secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read the keyring from its JSON file (`{"active", "seal": {id: base64}, "index": base64}`)."""
        seen = _look_of(path)
        stored = json.loads(path.read_text("utf-8"))
        seal = {name: base64.b64decode(key) for name, key in stored["seal"].items()}
        return cls(stored["active"], seal, base64.b64decode(stored["index"]), (path, seen))

    def dumps(self) -> str:
        """Return the JSON text that `load` reads."""
        seal = {name: base64.b64encode(key).decode() for name, key in self.seal.items()}
        return json.dumps(
            {"active": self.active, "seal": seal, "index": base64.b64encode(self.index).decode()}
        )

    def with_new_key(self) -> Keyring:
        """Return this keyring with one more sealing key, active from now on (rotation, step one)."""
        numbers = [int(name[1:]) for name in self.seal if name[1:].isdigit()]
        name = f"k{max(numbers, default=0) + 1}"  # never a number that was used: old backups still carry it
        return Keyring(name, {**self.seal, name: secrets.token_bytes(KEY_BYTES)}, self.index)

    def with_active_key_only(self) -> Keyring:
        """Return this keyring without its old sealing keys (rotation, last step)."""
        return Keyring(self.active, {self.active: self.seal[self.active]}, self.index)


def _look_of(path: Path) -> tuple[int, ...]:
    """Return what tells one version of a key file from another; it is replaced as a whole, never written into."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


_ring: list[Keyring] = []


def use_keyring(keyring: Keyring) -> None:
    """Hand in the keys of this process; the factory and the tests call it once."""
    _ring[:] = [keyring]


def keyring() -> Keyring:
    """Return the keys of this process, read again when their file was replaced by a rotation.

    A file that cannot be read at the moment changes nothing: the keys in memory still open everything.

    Raises:
        SealBroken: when no keys were handed in.
    """
    if not _ring:
        raise SealBroken("no keyring was handed in")
    ring = _ring[0]
    if ring.source is not None:
        path, seen = ring.source
        try:
            if _look_of(path) != seen:
                ring = Keyring.load(path)
                use_keyring(ring)
        except (OSError, ValueError, KeyError):
            return ring
    return ring


def _bound_to(table: str, row_id: UUID, column: str) -> bytes:
    return f"{table}\x1f{row_id}\x1f{column}".encode()


def seal_bytes(value: bytes, table: str, row_id: UUID, column: str) -> bytes:
    """Seal bytes for one cell; the result starts with the key id and a zero byte."""
    ring = keyring()
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(ring.seal[ring.active]).encrypt(nonce, value, _bound_to(table, row_id, column))
    return ring.active.encode() + b"\0" + nonce + sealed


def open_bytes(sealed: bytes, table: str, row_id: UUID, column: str) -> bytes:
    """Open what `seal_bytes` sealed for the same cell.

    Raises:
        SealBroken: when the value was moved, changed, or sealed with a key that is not here.
    """
    name, _, rest = sealed.partition(b"\0")
    key = keyring().seal.get(name.decode("ascii", "replace"))
    if key is None:
        raise SealBroken(f"no key {name!r} for {table}.{column}")
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _bound_to(table, row_id, column))
    except (InvalidTag, ValueError) as cause:  # ValueError: too short to be sealed by us
        raise SealBroken(f"the seal of {table}.{column} does not belong to this row") from cause


def seal(value: str, table: str, row_id: UUID, column: str) -> str:
    """Seal a text for one cell, as `key:base64`; an empty text stays empty."""
    if not value:
        return ""
    name, _, rest = seal_bytes(value.encode(), table, row_id, column).partition(b"\0")
    return f"{name.decode()}:{base64.b64encode(rest).decode()}"


def unseal(sealed: str | None, table: str, row_id: UUID, column: str) -> str:
    """Open what `seal` sealed for the same cell; nothing gives the empty text.

    Raises:
        SealBroken: as `open_bytes`.
    """
    if not sealed:
        return ""
    name, _, rest = sealed.partition(":")
    try:
        content = base64.b64decode(rest, validate=True)
    except ValueError as cause:
        raise SealBroken(f"the seal of {table}.{column} was changed") from cause
    return open_bytes(name.encode() + b"\0" + content, table, row_id, column).decode()


def key_of(sealed: str | bytes) -> str:
    """Return the id of the key a value was sealed with."""
    if isinstance(sealed, bytes):
        return sealed.partition(b"\0")[0].decode("ascii")
    return sealed.partition(":")[0]


def blind(value: str, purpose: str) -> str:
    """Return the blind index of a value (hex HMAC-SHA-256), different for each purpose."""
    return hmac.new(keyring().index, f"{purpose}\x1f{value}".encode(), hashlib.sha256).hexdigest()


def token() -> str:
    """Return an unguessable URL-safe token of 256 bits (sessions, drafts)."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """Return the SHA-256 of an unguessable token: what the database keeps instead of the token."""
    return hashlib.sha256(value.encode()).hexdigest()
