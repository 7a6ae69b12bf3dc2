"""Sinh đôi, sinh ba: how many babies, and what is each one's own; everything else of a birth is told once."""

from __future__ import annotations

from civreg.web.forms.request import NAME_LIMIT, Box, Option

_SEXES = (Option("female", "Bé gái"), Option("male", "Bé trai"))


def _further_baby(number: int, which: str, when: frozenset[str]) -> tuple[Box, ...]:
    """Return the boxes of one more baby of the same birth."""
    return (
        Box(
            f"child{number}_name",
            f"Họ, chữ đệm và tên của bé {which}",
            "name",
            "Chưa chọn được tên thì để trống.",
            required=False,
            limit=NAME_LIMIT,
            only_when=("babies", when),
        ),
        Box(
            f"child{number}_sex",
            f"Bé {which} là trai hay gái?",
            "choice",
            ask=f"Ông/bà chọn bé {which} là trai hay gái.",
            options=_SEXES,
            only_when=("babies", when),
        ),
    )


BABIES: tuple[Box, ...] = (
    Box(
        "babies",
        "Lần sinh này có mấy bé?",
        "choice",
        required=False,
        options=(
            Option("1", "Một bé"),
            Option("2", "Sinh đôi", "Cha mẹ, chỗ ở chỉ khai một lần; mỗi bé một mã."),
            Option("3", "Sinh ba"),
        ),
    ),
    *_further_baby(2, "thứ hai", frozenset({"2", "3"})),
    *_further_baby(3, "thứ ba", frozenset({"3"})),
)
"""The boxes beside the name of the first baby; an empty count is one baby."""
