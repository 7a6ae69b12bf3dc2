"""Thư nào được gửi: which letter a final registration earns, and what makes a person decide first.

Tone safety (practice document): better a letter that waits than one that hurts. A held letter is a draft that
somebody who knows the family releases, rewords or cancels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from civreg.deadlines.rules import full_age_on
from civreg.letters.rules.facts import ApologyFacts, LetterKind
from civreg.shared.partial_date import PartialDate


class Occasion(StrEnum):
    """What was registered."""

    BIRTH = "birth"
    MARRIAGE = "marriage"
    DEATH = "death"


KIND_OF = {
    Occasion.BIRTH: LetterKind.CONGRATULATION_BIRTH,
    Occasion.MARRIAGE: LetterKind.CONGRATULATION_MARRIAGE,
    Occasion.DEATH: LetterKind.CONDOLENCE,
}


class HoldReason(StrEnum):
    """Why a letter waits for a person."""

    CONSENT_LATER = "consent_later"
    CONSENT_NOT_ASKED = "consent_not_asked"
    MOTHER_UNKNOWN = "mother_unknown"
    FATHER_UNKNOWN = "father_unknown"
    ABANDONED_CHILD = "abandoned_child"
    MOTHER_UNDER_AGE = "mother_under_age"
    CHILD_DIED = "child_died"
    BIRTH_AND_DEATH = "birth_and_death"
    LONG_AFTER_BIRTH = "long_after_birth"
    TITLE_NOT_CHOSEN = "title_not_chosen"
    TWIN_WAITING = "twin_waiting"
    TWIN_HAS_LETTER = "twin_has_letter"
    INFANT_UNDER_A_DAY = "infant_under_a_day"
    MOTHER_AND_CHILD = "mother_and_child"
    CORRECTION_OPEN = "correction_open"
    STILLBORN_SIBLING = "stillborn_sibling"
    PARENT_DETAINED = "parent_detained"
    NAMED_TWICE = "named_twice"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PROMISE_OVER = "promise_over"
    PROMISE_MOVED = "promise_moved"
    PROMISE_KEPT = "promise_kept"


HOLD_WORDS: Mapping[HoldReason, str] = {
    HoldReason.CONSENT_LATER: "Gia đình hẹn trả lời sau về việc nhận thư: hỏi lại gia đình.",
    HoldReason.CONSENT_NOT_ASKED: "Chưa hỏi gia đình có muốn nhận thư không: hỏi rồi ghi câu trả lời.",
    HoldReason.CONSENT_WITHDRAWN: "Gia đình đã trả lời lại là không nhận thư: hủy thư.",
    HoldReason.MOTHER_UNKNOWN: "Hồ sơ không có tên mẹ: cân nhắc có gửi thư không, gửi cho ai.",
    HoldReason.FATHER_UNKNOWN: "Hồ sơ không có tên cha: chọn thư gửi “mẹ và bé” hoặc hủy thư.",
    HoldReason.ABANDONED_CHILD: "Trẻ bị bỏ rơi: cân nhắc có gửi thư không, gửi cho ai.",
    HoldReason.MOTHER_UNDER_AGE: "Mẹ chưa đủ hoặc chưa chắc đủ 18 tuổi khi sinh: người biết gia đình quyết định.",
    HoldReason.CHILD_DIED: "Bé đã mất: không gửi thư chúc mừng; cân nhắc thư chia buồn.",
    HoldReason.BIRTH_AND_DEATH: "Gia đình vừa có người mất, vừa có trẻ mới sinh: người biết gia đình quyết định.",
    HoldReason.LONG_AFTER_BIRTH: "Bé đã hơn một tuổi khi đăng ký: xem lại lời thư trước khi gửi.",
    HoldReason.TWIN_WAITING: "Bé sinh cùng lần chưa đăng ký xong: chờ để một thư ghi tên các bé, hoặc bỏ tạm giữ để gửi "
    "thư trước.",
    HoldReason.TWIN_HAS_LETTER: "Bé sinh cùng lần đã có thư khác: mỗi lần sinh một thư; xem thư ấy, hủy một trong hai "
    "thư nếu trùng.",
    HoldReason.INFANT_UNDER_A_DAY: "Bé mất trong ngày đầu đời: chỉ gửi thư chia buồn khi người biết gia đình thấy nên "
    "gửi.",
    HoldReason.MOTHER_AND_CHILD: "Gia đình mất cả mẹ và bé: lãnh đạo chọn một thư chia buồn chung hoặc hai thư.",
    HoldReason.CORRECTION_OPEN: "Đăng ký đang được sửa sai sót: chờ ghi kết quả sửa ở hồ sơ, thư sẽ theo lời mới.",
    HoldReason.STILLBORN_SIBLING: "Có bé sinh cùng lần không còn sống khi sinh: người biết gia đình quyết định có gửi thư "
    "không.",
    HoldReason.PARENT_DETAINED: "Cha hoặc mẹ đang bị tạm giữ, tạm giam hoặc chấp hành án: người biết gia đình quyết định.",
    HoldReason.NAMED_TWICE: "Có hồ sơ khác cùng loại ghi cùng họ tên, cùng ngày: xem có phải đăng ký hai lần không rồi mới "
    "gửi.",
    HoldReason.PROMISE_OVER: "Ngày hẹn lại ghi trong thư xin lỗi đã qua: hỏi gia đình đã được giải quyết chưa, rồi gửi hoặc "
    "hủy thư.",
    HoldReason.PROMISE_MOVED: "Ngày hẹn lại hoặc chuyến hẹn lại ghi trong thư xin lỗi đã đổi hoặc không còn: lời thư không còn đúng, hủy thư và "
    "gọi cho gia đình.",
    HoldReason.PROMISE_KEPT: "Cán bộ đã đến nhà theo lời hẹn lại ghi trong thư xin lỗi: hỏi gia đình có còn cần thư không, rồi "
    "gửi hoặc hủy thư.",
    HoldReason.TITLE_NOT_CHOSEN: "Chưa chọn cách xưng hô với người đã mất (cụ, ông, bà, anh, chị, cháu).",
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known about a registration when its letter is drafted.

    Attributes:
        consent: the family's last answer to “nhận thư”: yes, no, later, or None when nobody asked.
        re_registered: đăng ký lại, an old event registered again: no letter.
        mother_named: a birth has the mother's name.
        father_unknown: no father is named, or he is marked unknown.
        mother_and_child: the officer ticked the letter to “mẹ và bé”.
        abandoned: the child was found abandoned.
        mother_born: her birth, often a year only.
        event: the day of birth, marriage or death.
        registered_on: the day of the registration.
        child_died: the registered child has died, or a death of the same child is being registered.
        death_or_birth_near: the household has a death (for a birth) or a birth (for a death) near in time.
        title_chosen: a death has its honorific.
        lived_under_a_day: the child lived less than 24 hours: never a congratulation, a condolence only by a person.
        twin_waiting: another baby of the same birth is not registered yet.
        twin_has_letter: another baby of the same birth has a letter of its own.
        died_together: mother and child have both died.
        correction_open: the registration is being corrected.
        stillborn_sibling: another child of this birth was born dead.
        parent_detained: a parent is in custody or in prison.
        named_twice: the same newborn or deceased stands in another registration of the kind.
    """

    consent: str | None
    event: PartialDate
    registered_on: date
    re_registered: bool = False
    mother_named: bool = True
    father_unknown: bool = False
    mother_and_child: bool = False
    abandoned: bool = False
    mother_born: PartialDate | None = None
    child_died: bool = False
    death_or_birth_near: bool = False
    title_chosen: bool = True
    lived_under_a_day: bool = False
    twin_waiting: bool = False
    twin_has_letter: bool = False
    died_together: bool = False
    correction_open: bool = False
    stillborn_sibling: bool = False
    parent_detained: bool = False
    named_twice: bool = False


@dataclass(frozen=True, slots=True)
class LetterDecision:
    """Thư được gửi (or None), and the reasons for which it is held first."""

    kind: LetterKind | None
    hold_reasons: tuple[HoldReason, ...] = ()

    @property
    def held(self) -> bool:
        """Return whether a person must decide before the letter goes to the head."""
        return self.kind is not None and bool(self.hold_reasons)


def earned_letter(occasion: Occasion, known: Circumstances) -> LetterDecision:
    """Return which letter a final registration earns, and what a person must look at first."""
    if known.consent == "no" or known.re_registered:
        return LetterDecision(None)
    if occasion is Occasion.BIRTH and known.lived_under_a_day:
        return LetterDecision(None)
    reasons: list[HoldReason] = []
    if known.consent != "yes":
        reasons.append(HoldReason.CONSENT_LATER if known.consent == "later" else HoldReason.CONSENT_NOT_ASKED)
    if known.correction_open:
        reasons.append(HoldReason.CORRECTION_OPEN)
    if known.named_twice:
        reasons.append(HoldReason.NAMED_TWICE)
    if occasion is Occasion.BIRTH:
        reasons += _birth_reasons(known)
    if occasion is not Occasion.MARRIAGE and known.death_or_birth_near:
        reasons.append(HoldReason.BIRTH_AND_DEATH)
    if occasion is Occasion.DEATH:
        reasons += _death_reasons(known)
    return LetterDecision(KIND_OF[occasion], tuple(reasons))


class NewPromise(StrEnum):
    """What became of the new promise of an apology."""

    STANDS = "stands"
    MOVED = "moved"
    KEPT = "kept"


_OF_PROMISE = {
    NewPromise.STANDS: (),
    NewPromise.MOVED: (HoldReason.PROMISE_MOVED,),
    NewPromise.KEPT: (HoldReason.PROMISE_KEPT,),
}


def apology_decision(
    facts: ApologyFacts, today: date, promise: NewPromise = NewPromise.STANDS
) -> LetterDecision:
    """Return what a signed apology makes of its letter: it goes out while its new promise is still to come.

    Args:
        facts: what it says.
        today: the day it is asked.
        promise: what became of the new promise; a trip that was made stays made when its day is over.
    """
    over = facts.promised_on < today and promise is not NewPromise.KEPT
    return LetterDecision(LetterKind.APOLOGY, (HoldReason.PROMISE_OVER,) if over else _OF_PROMISE[promise])


def _death_reasons(known: Circumstances) -> list[HoldReason]:
    """Return what makes a letter of condolence wait."""
    asked = {
        HoldReason.INFANT_UNDER_A_DAY: known.lived_under_a_day,
        HoldReason.MOTHER_AND_CHILD: known.died_together,
        HoldReason.TITLE_NOT_CHOSEN: not known.title_chosen,
    }
    return [reason for reason, holds in asked.items() if holds]


def _birth_reasons(known: Circumstances) -> list[HoldReason]:
    """Return what makes a letter of congratulation on a birth wait."""
    asked = {
        HoldReason.CHILD_DIED: known.child_died,
        HoldReason.ABANDONED_CHILD: known.abandoned,
        HoldReason.MOTHER_UNKNOWN: not known.mother_named,
        HoldReason.FATHER_UNKNOWN: known.father_unknown and not known.mother_and_child,
        HoldReason.MOTHER_UNDER_AGE: _may_be_under_age(known.mother_born, known.event),
        HoldReason.TWIN_WAITING: known.twin_waiting,
        HoldReason.TWIN_HAS_LETTER: known.twin_has_letter,
        HoldReason.STILLBORN_SIBLING: known.stillborn_sibling,
        HoldReason.PARENT_DETAINED: known.parent_detained,
        HoldReason.LONG_AFTER_BIRTH: _long_after(known.event, known.registered_on),
    }
    return [reason for reason, holds in asked.items() if holds]


def _may_be_under_age(mother_born: PartialDate | None, event: PartialDate) -> bool:
    """Return whether the mother was, or by an inexact date may have been, under 18 at the birth."""
    latest = mother_born.latest() if mother_born else None
    born = event.earliest()
    return latest is not None and born is not None and born < full_age_on(latest, 18)


def _long_after(event: PartialDate, registered_on: date) -> bool:
    """Return whether the child was certainly older than a year on the day of registration."""
    latest = event.latest()
    return latest is not None and full_age_on(latest, 1) < registered_on


def stop_reasons(
    decision: LetterDecision, consent: str, decided: Collection[HoldReason]
) -> tuple[HoldReason, ...]:
    """Return what stops a letter that has its number already: what holds a draft, and nobody has decided yet.

    A further letter for the same birth stops nothing here: the later of the two waits, as a draft.

    Args:
        decision: what the registration earns as it stands now.
        consent: the family's last answer.
        decided: reasons that a person looked at and let the letter go all the same.
    """
    found = decision.hold_reasons
    if decision.kind is None:
        found = (HoldReason.CONSENT_WITHDRAWN if consent == "no" else HoldReason.CHILD_DIED,)
    return tuple(one for one in found if one not in decided and one is not HoldReason.TWIN_HAS_LETTER)


def hold_sentence(reasons: tuple[HoldReason, ...]) -> str:
    """Return the reasons as the sentences that the letter page shows."""
    return " ".join(HOLD_WORDS[reason] for reason in reasons)


def hold_codes(stored: str | None) -> tuple[HoldReason, ...]:
    """Return the machine's reasons out of what is stored with a held letter; a person's own words are none."""
    parts = (stored or "").split(",")
    known = {reason.value for reason in HOLD_WORDS}
    return tuple(HoldReason(part) for part in parts) if set(parts) <= known else ()
