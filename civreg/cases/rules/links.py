"""Hồ sơ liên quan: which two cases may be tied together, and what the tie means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civreg.procedures.rules import LinkKind
from civreg.shared.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class LinkWords:
    """What pages say of a tie.

    Attributes:
        title: how the tie is called where it is made.
        of_second: what the second case is, read on the page of the first.
        of_first: what the first case is, read on the page of the second.
        meaning: what follows from it.
    """

    title: str
    of_second: str
    of_first: str
    meaning: str


LINK_WORDS: Mapping[LinkKind, LinkWords] = {
    "twin": LinkWords(
        "Sinh đôi, sinh ba",
        "Bé sinh cùng lần",
        "Bé sinh cùng lần",
        "Mỗi bé một hồ sơ, một giấy khai sinh. Cả lần sinh có một thư chúc mừng ghi tên các bé.",
    ),
    "marriage_before_birth": LinkWords(
        "Cha mẹ kết hôn trước, khai sinh sau",
        "Khai sinh của con, làm sau",
        "Kết hôn của cha mẹ, làm trước",
        "Một chuyến đi làm cả hai. Khai sinh ghi số và ký sau khi kết hôn đã đăng ký.",
    ),
    "mother_and_child": LinkWords(
        "Mẹ và bé, có người đã mất",
        "Hồ sơ của mẹ hoặc bé",
        "Hồ sơ của mẹ hoặc bé",
        "Mọi thư của hai hồ sơ được giữ lại để lãnh đạo đơn vị quyết định.",
    ),
    "birth_and_death": LinkWords(
        "Khai sinh và khai tử của cùng một bé",
        "Khai tử của bé",
        "Khai sinh của bé",
        "Bé sống từ 24 giờ trở lên thì làm cả hai. Không gửi thư chúc mừng; thư chia buồn do người biết gia đình "
        "quyết định.",
    ),
}

_OCCASIONS: Mapping[LinkKind, frozenset[tuple[str, str]]] = {
    "twin": frozenset({("birth", "birth")}),
    "marriage_before_birth": frozenset({("marriage", "birth")}),
    "mother_and_child": frozenset({("birth", "death"), ("death", "birth"), ("death", "death")}),
    "birth_and_death": frozenset({("birth", "death")}),
}
_ASKED: Mapping[LinkKind, str] = {
    "twin": "hai hồ sơ khai sinh",
    "marriage_before_birth": "một hồ sơ kết hôn với một hồ sơ khai sinh",
    "mother_and_child": "hai hồ sơ khai tử, hoặc một hồ sơ khai sinh với một hồ sơ khai tử",
    "birth_and_death": "một hồ sơ khai sinh với một hồ sơ khai tử",
}


def is_first(kind: LinkKind, mine: str, other: str, *, older: bool) -> bool:
    """Return whether the case at hand is the first of the two, by what happened in each (occasion).

    Args:
        kind: the tie.
        mine: occasion of the case at hand.
        other: occasion of the other case.
        older: whether the case at hand was asked for first; decides where the occasions do not.

    Raises:
        InvalidInput: the tie does not hold between such cases; says between which it does.
    """
    ways = [way for way in ((mine, other), (other, mine)) if way in _OCCASIONS[kind]]
    if not ways:
        sentence = (
            f"“{LINK_WORDS[kind].title}” nối {_ASKED[kind]}. Ông/bà chọn lại cách nối hoặc mã hồ sơ kia."
        )
        raise InvalidInput(sentence, {"kind": sentence})
    return older if len(ways) == 2 else ways[0] == (mine, other)
