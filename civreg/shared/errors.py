"""Lỗi nghiệp vụ: refusals that carry the Vietnamese sentence a person reads.

A service raises one of these; the edge turns it into a page, a JSON answer or a line on standard error.
The sentence says what to do, not what is wrong.
"""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - the domain's word: a refusal is not a fault
    """A request that cannot be carried out as asked; `sentence` is shown as it is.

    Attributes:
        sentence: what the person should do now, in Vietnamese.
        field: the form field it belongs to, or None for the whole form.
    """

    status = 422

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class InvalidInput(Refusal):
    """One or several answers cannot be used; `fields` maps a field to its sentence."""

    def __init__(self, sentence: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.fields = fields or {}


class NotFound(Refusal):
    """No such thing, or not yours: both give the same answer (404)."""

    status = 404

    def __init__(self, sentence: str = "Không tìm thấy. Ông/bà kiểm tra lại đường dẫn hoặc mã.") -> None:
        super().__init__(sentence)


class NotAllowed(Refusal):
    """The person is known but may not do this (403)."""

    status = 403


class Conflict(Refusal):
    """Somebody acted meanwhile (409).

    Attributes:
        theirs: field → what is stored now.
        yours: field → what was sent.
    """

    status = 409

    def __init__(
        self, sentence: str, *, theirs: dict[str, str] | None = None, yours: dict[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.theirs = theirs or {}
        self.yours = yours or {}


class TooMany(Refusal):
    """Too many tries; wait as the sentence says (429)."""

    status = 429
