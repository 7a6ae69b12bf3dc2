"""So tên: how likely two written names are one person's, and why, in words an officer can check.

It proposes, a person decides: nothing is merged or refused because of a score.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from civreg.shared.text.letters import fold, fold_joined, nfc, strip_accents

_SHORTEST_FOR_TYPO = 5
"""Letters of the joined name under which one wrong letter says nothing (An / Ân / In)."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Kết quả so tên.

    Attributes:
        score: 0 (nothing alike) to 1 (the same spelling); 0.85 and more is worth a look by a person.
        same_folded: whether the names are equal once case and accents are left aside.
        reasons: Vietnamese sentences that say what differs.
    """

    score: float
    same_folded: bool
    reasons: tuple[str, ...]


def name_match(first: str, second: str) -> NameMatch:
    """Compare two full names (so tên), forgiving what typing and scanning do to them.

    Missing accents, case, NFD, joined Khmer syllables (Sa Rết, Sarết), swapped order, a missing middle name
    and one wrong letter are recognised, each with its sentence. The order of the two does not matter.
    """
    one, other = nfc(first), nfc(second)
    if not fold_joined(one) or not fold_joined(other):
        return NameMatch(0.0, False, ("Một trong hai tên còn trống nên không so được.",))
    same_folded = fold(one) == fold(other)
    if one.casefold() == other.casefold():
        return NameMatch(1.0, True, ("Hai tên viết giống nhau.",))
    if same_folded:
        return _differ_in_accents(one, other)
    return _differ_in_shape(one, other) or _differ_in_letters(one, other)


def _differ_in_accents(one: str, other: str) -> NameMatch:
    pairs = list(zip(one.casefold().split(), other.casefold().split(), strict=True))
    clashes = [pair for pair in pairs if _accents_clash(*pair)]
    if clashes:
        left, right = clashes[0]
        sentence = f"Cùng chữ cái nhưng khác dấu: “{left}” và “{right}”."
        return NameMatch(max(0.80, 0.92 - 0.03 * (len(clashes) - 1)), True, (sentence,))
    if all(_marks(left) == _marks(right) for left, right in pairs):
        return NameMatch(0.99, True, ("Chỉ khác chỗ đặt dấu trong cùng một chữ.",))
    if strip_accents(one) == one or strip_accents(other) == other:
        return NameMatch(0.97, True, ("Cùng chữ cái, một bên viết không dấu.",))
    left, right = next(pair for pair in pairs if _marks(pair[0]) != _marks(pair[1]))
    return NameMatch(0.94, True, (f"Cùng chữ cái, có chữ thiếu dấu: “{left}” và “{right}”.",))


def _marks(syllable: str) -> tuple[str, list[str]]:
    """Return a syllable's bare letters and its accents without their places (hòa = hoà)."""
    decomposed = unicodedata.normalize("NFD", syllable)
    marks = sorted(mark for mark in decomposed if unicodedata.combining(mark))
    return strip_accents(syllable), [*marks, *("đ" for letter in decomposed if letter == "đ")]


def _accents_clash(left: str, right: str) -> bool:
    """Return whether both syllables carry accents and these differ: Hương and Hường are two names."""
    left_marks, right_marks = _marks(left)[1], _marks(right)[1]
    return bool(left_marks) and bool(right_marks) and left_marks != right_marks


def _differ_in_shape(one: str, other: str) -> NameMatch | None:
    words_one, words_other = fold(one).split(), fold(other).split()
    if fold_joined(one) == fold_joined(other):
        return NameMatch(0.95, False, ("Cùng tên, khác cách viết liền hay rời các âm tiết.",))
    if sorted(words_one) == sorted(words_other):
        return NameMatch(0.93, False, ("Cùng các chữ nhưng khác thứ tự (họ và tên có thể bị đảo).",))
    shorter, longer = sorted((words_one, words_other), key=len)
    if (
        len(shorter) >= 2
        and len(shorter) < len(longer)
        and shorter[0] == longer[0]
        and shorter[-1] == longer[-1]
        and _in_order(shorter[1:-1], longer[1:-1])
    ):
        return NameMatch(0.88, False, ("Cùng họ và tên, một bên thiếu chữ đệm.",))
    return None


def _in_order(part: list[str], whole: list[str]) -> bool:
    remaining = iter(whole)
    return all(word in remaining for word in part)


def _differ_in_letters(one: str, other: str) -> NameMatch:
    joined_one, joined_other = fold_joined(one), fold_joined(other)
    shortest = min(len(joined_one), len(joined_other))
    if shortest >= _SHORTEST_FOR_TYPO and OSA.distance(joined_one, joined_other) == 1:
        return NameMatch(0.90, False, (_typo_sentence(one, other),))
    likeness = max(
        OSA.normalized_similarity(joined_one, joined_other),
        OSA.normalized_similarity("".join(sorted(fold(one).split())), "".join(sorted(fold(other).split()))),
    )
    score = round(min(0.84, 0.9 * likeness), 2)
    if score >= 0.7:
        return NameMatch(score, False, ("Hai tên gần giống nhau, khác vài chữ cái.",))
    return NameMatch(score, False, ("Hai tên khác nhau.",))


def _typo_sentence(one: str, other: str) -> str:
    words_one, words_other = fold(one).split(), fold(other).split()
    if len(words_one) == len(words_other):
        for left, right in zip(words_one, words_other, strict=True):
            if left != right:
                left, right = sorted((left, right))
                return f"Khác một chữ cái: “{left}” và “{right}”, có thể do gõ nhầm."
    return "Khác một chữ cái, có thể do gõ nhầm."
