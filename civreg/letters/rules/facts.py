"""Dữ kiện của thư: what the words of a letter need to know, kept sealed with the letter.

Names stand in full always: Khmer families are addressed by the whole name, never by its last syllable.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from civreg.shared.partial_date import PartialDate

UNKNOWN_DAY = PartialDate(precision="unknown")
"""A day nobody knows; the letter then names none."""


class LetterKind(StrEnum):
    """The three letters of the programme."""

    CONGRATULATION_BIRTH = "congratulation_birth"
    CONGRATULATION_MARRIAGE = "congratulation_marriage"
    CONDOLENCE = "condolence"


class Honorific(StrEnum):
    """Cách xưng hô, chosen by a person; the value is the Vietnamese word itself."""

    ELDER = "cụ"
    GRANDFATHER = "ông"
    GRANDMOTHER = "bà"
    BROTHER = "anh"
    SISTER = "chị"
    CHILD = "cháu"


def suggested_honorific(sex: str | None, age: int | None) -> Honorific | None:
    """Return the word a draft starts with, or None when only a person can choose.

    The age serves this choice only; no letter ever says how long somebody lived.
    """
    if age is not None and age < 18:
        return Honorific.CHILD
    if sex not in ("male", "female"):
        return None
    if age is not None and age >= 70:
        return Honorific.ELDER
    if age is None or age >= 50:
        return Honorific.GRANDFATHER if sex == "male" else Honorific.GRANDMOTHER
    return Honorific.BROTHER if sex == "male" else Honorific.SISTER


@dataclass(frozen=True, slots=True)
class BirthFacts:
    """A birth: twins are two registrations, one visit and one letter that names both.

    Attributes:
        unit: the commune with its kind, as in “xã Trà Cú”.
        children: full names in the order of birth.
        mother: full name.
        father: full name; None when unknown or not to be named.
        born: the day; printed only when day, month and year are known for sure.
        mother_and_child: the officer's tick for a letter addressed to “mẹ và bé”.
    """

    unit: str
    children: tuple[str, ...]
    mother: str | None
    father: str | None = None
    born: PartialDate = UNKNOWN_DAY
    mother_and_child: bool = False
    mother_title: Honorific = Honorific.SISTER
    father_title: Honorific = Honorific.BROTHER


@dataclass(frozen=True, slots=True)
class MarriageFacts:
    """A marriage, both names in full."""

    unit: str
    husband: str
    wife: str
    registered_on: date
    husband_title: Honorific = Honorific.BROTHER
    wife_title: Honorific = Honorific.SISTER


@dataclass(frozen=True, slots=True)
class DeathFacts:
    """A death; the day is printed only when it is known for sure.

    Attributes:
        also: who died with them and stands in the same letter, each with the form of address ("cháu Kim Na").
    """

    unit: str
    deceased: str
    title: Honorific
    died: PartialDate = UNKNOWN_DAY
    also: tuple[str, ...] = ()


LetterFacts = BirthFacts | MarriageFacts | DeathFacts

FACTS: dict[LetterKind, type[BirthFacts] | type[MarriageFacts] | type[DeathFacts]] = {
    LetterKind.CONGRATULATION_BIRTH: BirthFacts,
    LetterKind.CONGRATULATION_MARRIAGE: MarriageFacts,
    LetterKind.CONDOLENCE: DeathFacts,
}


def pack_facts(facts: LetterFacts) -> str:
    """Return the facts as JSON, ready to be sealed."""
    return json.dumps(asdict(facts), ensure_ascii=False, sort_keys=True, default=_as_text)


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"cannot pack {type(value).__name__}")


def unpack_facts(kind: LetterKind, packed: str) -> LetterFacts:
    """Return the facts that `pack_facts` packed for a letter of `kind`."""
    fields: dict[str, Any] = json.loads(packed)
    for name, value in fields.items():
        if name in ("born", "died"):
            fields[name] = PartialDate(**value)
        elif name == "title" or name.endswith("_title"):
            fields[name] = Honorific(value)
        elif name.endswith("_on"):
            fields[name] = date.fromisoformat(value)
        elif name in ("children", "also"):
            fields[name] = tuple(value)
    return FACTS[kind](**fields)
