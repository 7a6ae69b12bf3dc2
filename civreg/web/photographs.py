"""Ảnh gửi lên: the photographs of one form, each taken or refused on its own, with the words for both.

The page says for every photograph whether it was kept, so that a broken upload costs one photograph and not all.
The script sends one photograph a request and reads the answer as JSON; without it one form carries several.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast
from uuid import uuid4

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from civreg.shared.errors import Refusal
from civreg.shared.imaging import Picture, reencode

MOST_BODY = 64 * 1024 * 1024
"""Bytes of one form with photographs: three of the largest. It lies on the disk while it is read, not in memory."""
MOST_AT_ONCE = 12
"""Photographs in one form."""
_CHUNK = 1024 * 1024
KEPT = "đã gửi."
SIZES = "Ảnh JPG hoặc PNG, mỗi ảnh không quá 20 MB, mỗi lần gửi không quá 60 MB."
"""Said before anything is chosen."""
TOO_LARGE = (
    "Lần gửi này nặng hơn 60 MB nên chưa nhận được ảnh nào. Ông/bà gửi từng ảnh một, mỗi ảnh không quá 20 MB."
)
NONE_CHOSEN = "Ông/bà chọn ít nhất một ảnh rồi gửi."
TOO_MANY_AT_ONCE = (
    f"Mỗi lần gửi không quá {MOST_AT_ONCE} ảnh. Ảnh này chưa được gửi; ông/bà gửi tiếp lần sau."
)

Keep = Callable[[str, Picture], object]
"""Keeps one picture under its key, in a transaction of its own; raises `Refusal`."""


@dataclass(frozen=True)
class Outcome:
    """What became of one photograph.

    Attributes:
        name: as the person's device calls the file; shown to that person only, never stored.
        is_kept: it lies with the case now.
        sentence: what to do when not.
        status: of an answer that carries this photograph alone.
    """

    name: str
    is_kept: bool
    sentence: str
    status: int


def new_key() -> str:
    """Return the key a fresh form carries: what it sends is kept once, however often it is sent."""
    return uuid4().hex


def take(keep: Keep, *, before: Callable[[], None] = lambda: None) -> tuple[Outcome, ...]:
    """Take the photographs of this request one after the other.

    Args:
        keep: keeps one.
        before: asked before each is decoded; may refuse.
    """
    sent = [file for file in request.files.getlist("photo") if file.filename]
    return tuple(_take(file, keep, before, is_over=place >= MOST_AT_ONCE) for place, file in enumerate(sent))


def _take(file: FileStorage, keep: Keep, before: Callable[[], None], *, is_over: bool) -> Outcome:
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2][:80]
    try:
        if is_over:
            raise Refusal(TOO_MANY_AT_ONCE)
        before()
        stream = cast(BinaryIO, file.stream)
        key = _key(stream)
        keep(key, reencode(stream))
    except Refusal as refusal:
        return Outcome(name, False, refusal.sentence, refusal.status)
    return Outcome(name, True, KEPT, 200)


def _key(stream: BinaryIO) -> str:
    """Return the key of one photograph: its own from the script, else of the form and the photograph's bytes."""
    key = request.form.get("upload_key", "")
    if wants_json():
        return key
    digest = hashlib.sha256()
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return f"{key[:60]}-{digest.hexdigest()[:24]}"


def wants_json() -> bool:
    """Return whether the script asks, which sends one photograph a request."""
    return request.accept_mimetypes.best == "application/json"


def said(outcomes: tuple[Outcome, ...]) -> ResponseReturnValue:
    """Return the answer that the script reads."""
    first = outcomes[0] if outcomes else Outcome("", False, NONE_CHOSEN, 422)
    return jsonify(kept=first.is_kept, sentence=first.sentence), first.status
