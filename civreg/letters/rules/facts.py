"""Dữ kiện của thư: what the words of a letter need to know, kept sealed with the letter.

Names stand in full always: Khmer families are addressed by the whole name, never by its last syllable.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from civreg.shared.partial_date import PartialDate

UNKNOWN_DAY = PartialDate(precision="unknown")
"""A day nobody knows; the letter then names none."""


class LetterKind(StrEnum):
    """The three letters of the programme, and the apology for a visit or a date that was missed."""

    CONGRATULATION_BIRTH = "congratulation_birth"
    CONGRATULATION_MARRIAGE = "congratulation_marriage"
    CONDOLENCE = "condolence"
    APOLOGY = "apology"

    @property
    def congratulates(self) -> bool:
        """Say whether the letter is one of joy: only such a letter may have a border."""
        return _NATURE[self].congratulates

    @property
    def follows_register(self) -> bool:
        """Say whether the letter says what a registration says.

        Such a letter waits for a final registration and the family's consent, and for what corrects or annuls it.
        """
        return _NATURE[self].follows_register


@dataclass(frozen=True, slots=True)
class _Nature:
    """What an occasion asks of the desk."""

    congratulates: bool
    follows_register: bool


_NATURE = {
    LetterKind.CONGRATULATION_BIRTH: _Nature(congratulates=True, follows_register=True),
    LetterKind.CONGRATULATION_MARRIAGE: _Nature(congratulates=True, follows_register=True),
    LetterKind.CONDOLENCE: _Nature(congratulates=False, follows_register=True),
    LetterKind.APOLOGY: _Nature(congratulates=False, follows_register=False),
}


class Language(StrEnum):
    """Ngôn ngữ của thư: Vietnamese, or Vietnamese and Khmer side by side."""

    VIETNAMESE = "vi"
    WITH_KHMER = "vi_km"


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


class Missed(StrEnum):
    """What the office missed: a visit it had booked, or the day of a result."""

    VISIT = "visit"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class ApologyFacts:
    """A visit or a date that the office missed, and the one new promise.

    Attributes:
        recipient: the requester as addressed, "ông/bà Thạch Sa Rết".
        matter: what they came for, in the words of the procedure.
        missed_on, missed_hour: the promise that was not kept; the hour "08 giờ 30" for a visit, else empty.
        reason: why, in words a family understands.
        promised_on, promised_hour: the new promise.
        hotline: who answers; empty says nothing of a telephone.
        ahead: the missed promise was still to come when the head signed: the letter says that it will not be kept.
    """

    unit: str
    recipient: str
    matter: str
    missed: Missed
    missed_on: date
    reason: str
    promised_on: date
    missed_hour: str = ""
    promised_hour: str = ""
    hotline: str = ""
    ahead: bool = False

    def same_promise(self, other: ApologyFacts) -> bool:
        """Say whether both apologise for one missed promise and promise the same anew: it gets one letter.

        Two parts of a bundle may be missed on one day; where their new days differ the family reads both.
        """
        return self._promise == other._promise

    @property
    def _promise(self) -> tuple[Missed, date, str, date, str]:
        return self.missed, self.missed_on, self.missed_hour, self.promised_on, self.promised_hour


LetterFacts = BirthFacts | MarriageFacts | DeathFacts | ApologyFacts

FACTS: dict[LetterKind, type[BirthFacts] | type[MarriageFacts] | type[DeathFacts] | type[ApologyFacts]] = {
    LetterKind.CONGRATULATION_BIRTH: BirthFacts,
    LetterKind.CONGRATULATION_MARRIAGE: MarriageFacts,
    LetterKind.CONDOLENCE: DeathFacts,
    LetterKind.APOLOGY: ApologyFacts,
}


def still_says(said: LetterFacts, now: LetterFacts) -> bool:
    """Say whether what a letter says is what the register says now.

    A letter that went alone before another baby of the birth was registered still says the truth: it is not outdated
    because that one is missing, only when somebody it does name is no longer called so.
    """
    if (
        isinstance(said, BirthFacts)
        and isinstance(now, BirthFacts)
        and set(said.children) <= set(now.children)
    ):
        now = replace(now, children=said.children)
    return said == now


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
        elif name == "missed":
            fields[name] = Missed(value)
    return FACTS[kind](**fields)
