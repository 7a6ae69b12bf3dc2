"""Chia phần của đơn vị kết thúc: which unit takes which of the things it still holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from civreg.shared.text import fold

_HAMLET_WORDS = ("ap ", "khom ", "thon ", "khu pho ")


@dataclass(frozen=True, slots=True)
class Heirs:
    """Đơn vị nhận: who takes what an ended unit holds.

    Attributes:
        main: the unit that takes everything not named, and the only one where a single unit follows.
        named: id of a case, tiding, role or hamlet → the unit that takes it; ids are unique among all of them.
    """

    main: int
    named: Mapping[UUID, int] = field(default_factory=dict)

    def of(self, thing: UUID) -> int:
        """Return the unit that takes one thing."""
        return self.named.get(thing, self.main)

    @property
    def units(self) -> list[int]:
        """The units that take anything, the main one first."""
        return [self.main, *sorted(set(self.named.values()) - {self.main})]


def hamlet_key(name: str) -> str:
    """Return what a hamlet is compared by, for families write it with or without "Ấp" and accents.

    >>> hamlet_key("Ấp Xoài Xiêm") == hamlet_key("xoai xiem")
    True
    """
    key = fold(name)
    for word in _HAMLET_WORDS:
        key = key.removeprefix(word)
    return key
