"""Người ký thư: the lines above a signature, by who signs in whose place (Nghị định 30/2020, điều 13). Pure."""

from __future__ import annotations

from enum import StrEnum

COLLECTIVE = "TM. ỦY BAN NHÂN DÂN"
CHAIR = "CHỦ TỊCH"
DEPUTY = "PHÓ CHỦ TỊCH"


class SigningWay(StrEnum):
    """Thẩm quyền ký: the chair, a deputy in the chair's place (KT.), by order (TL.), or delegated (TUQ.)."""

    CHAIR = "chair"
    DEPUTY = "deputy"
    BY_ORDER = "by_order"
    DELEGATED = "delegated"


WAY_WORDS = {
    SigningWay.CHAIR: "Chủ tịch ký",
    SigningWay.DEPUTY: "Phó Chủ tịch ký thay (KT.)",
    SigningWay.BY_ORDER: "Ký thừa lệnh Chủ tịch (TL.)",
    SigningWay.DELEGATED: "Ký thừa ủy quyền của Chủ tịch (TUQ.)",
}
NEEDS_POSITION = frozenset({SigningWay.BY_ORDER, SigningWay.DELEGATED})
"""Ways in which the signer's own position must be said."""


def signature_lines(way: SigningWay, position: str = "") -> tuple[str, ...]:
    """Return the lines above the signature, in capitals.

    Args:
        way: in whose place it is signed.
        position: chức vụ of who signs by order or delegation; for chair and deputy the usual one when empty.
    """
    own = position.upper()
    if way is SigningWay.CHAIR:
        return COLLECTIVE, own or CHAIR
    if way is SigningWay.DEPUTY:
        return COLLECTIVE, f"KT. {CHAIR}", own or DEPUTY
    mark = "TL." if way is SigningWay.BY_ORDER else "TUQ."
    return f"{mark} {CHAIR}", own
