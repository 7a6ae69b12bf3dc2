"""Điều đã nhập: what a person typed into a form that could not be taken, so that nothing is typed twice.

An error page of a POST shows the answers and offers to send them again with a fresh token. Passwords and files
are never carried. A form that came from another site is shown without the button: pressing it would finish
somebody else's forgery.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import HTTPException

SECRET_WORDS = ("password", "mat_khau", "csrf_token")
_MOST_FIELDS = 300
_LONGEST = 1024 * 1024
_PREFIX = "kept."

AWAY = (
    "Hệ thống tạm thời chưa ghi nhận được, nhưng những gì ông/bà đã ghi vẫn còn trên trang này. "
    "Xin chờ ít phút rồi bấm nút gửi một lần nữa."
)
STALE = "Trang đã mở quá lâu nên chưa gửi được. Những gì ông/bà đã ghi vẫn còn; xin bấm nút gửi một lần nữa."
FOREIGN = "Nội dung này được gửi từ một trang khác nên không được nhận. Ông/bà hãy ghi ở trang của xã."
"""What a page says that comes back with everything a family typed."""


@dataclass(frozen=True)
class KeptForm:
    """The answers of one form and where they were going.

    Attributes:
        action: the local path they were sent to.
        fields: names and values in the order they came; nothing secret.
        foreign: whether the form came from another site.
    """

    action: str
    fields: tuple[tuple[str, str], ...]
    foreign: bool = False


def kept_form() -> KeptForm | None:
    """Return what this POST carried, or None when there was nothing to keep."""
    if request.method != "POST" or (request.content_length or 0) > _LONGEST:
        return None
    try:
        pairs = [(name, value) for name, values in request.form.lists() for value in values]
    except HTTPException:  # too large to be read at all
        return None
    # an empty value says something too: a box that was empty when the form was opened, or emptied since
    fields = tuple((name, value) for name, value in pairs if not _is_secret(name))
    if not any(value for _, value in fields) or len(fields) > _MOST_FIELDS:
        return None
    return KeptForm(request.full_path.rstrip("?"), fields, is_foreign())


def is_foreign() -> bool:
    """Tell whether the browser says that this request was started by another site."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def carried_form() -> KeptForm | None:
    """Return the form that the sign-in page carried through (fields named `kept.…`), or None."""
    action = local_path(request.form.get("kept_action", ""))
    fields = tuple(
        (name.removeprefix(_PREFIX), value)
        for name, values in request.form.lists()
        for value in values
        if name.startswith(_PREFIX) and not _is_secret(name)
    )
    return KeptForm(action, fields) if action and fields else None


def local_path(target: str) -> str:
    r"""Return `target` when it is a path on this site, else the empty text (no open redirect).

    `//host`, `/\host`, addresses with a scheme and control characters are refused.
    """
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    printable = all(character.isprintable() for character in target)
    return target if plain and printable and not parts.scheme and not parts.netloc else ""


def _is_secret(name: str) -> bool:
    return any(word in name.casefold() for word in SECRET_WORDS)
