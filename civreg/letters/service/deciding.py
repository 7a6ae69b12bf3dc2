"""Quyết định về thư: the head approves or cancels; whoever knows the family holds and releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter, LetterMove
from civreg.letters.queries.access import visible_to
from civreg.letters.queries.naming import names_text
from civreg.letters.queries.of_case import (
    Choices,
    Drafted,
    as_written,
    drafted_from,
    known_of,
    standing_letters,
    with_choices_of,
)
from civreg.letters.rules import (
    KIND_WORDS,
    BirthFacts,
    HoldReason,
    Honorific,
    LetterAction,
    LetterFacts,
    LetterKind,
    LetterState,
    hold_codes,
    hold_sentence,
    pack_facts,
    unpack_facts,
)
from civreg.letters.service.steps import load_for, note_audit, note_audits, step, tell
from civreg.shared import audit, clock, crypto
from civreg.shared.errors import NotAllowed, NotFound, Refusal
from civreg.units import queries as units

PILE = 25
"""Letters of a pile that get their numbers in one commit: the words are looked up and the logs written once for them."""
_REFUSED = "Gia đình đã trả lời không nhận thư. Ông/bà hủy thư này."
_NOT_ASKED = "Gia đình chưa đồng ý nhận thư. Ông/bà hỏi gia đình, ghi câu trả lời vào hồ sơ, rồi bỏ tạm giữ."
_CHANGED = "Điều này mới có sau khi lập thư: ông/bà tạm giữ thư để người biết gia đình quyết định."
_NO_MOTHER = "Hồ sơ không có tên mẹ nên thư chưa có người nhận. Ông/bà ghi tên mẹ vào hồ sơ hoặc hủy thư."
_OTHER_GONE = "Thư kia đã duyệt nên không gộp được nữa. Ông/bà hủy thư kia trước, hoặc để hai thư riêng (bỏ dấu chọn thư chung)."
_CORRECTING = (
    "Đăng ký đang được sửa sai sót. Ông/bà ghi kết quả sửa ở hồ sơ trước; thư theo lời mới rồi mới duyệt."
)
_NO_SAMPLE = "Chưa duyệt thư nào. Ông/bà mở đọc ít nhất một {kind} trong các thư đã chọn (bấm vào tên), rồi duyệt cả chồng."
_NO_TITLE = "Ông/bà chọn cách xưng hô với người đã mất (cụ, ông, bà, anh, chị, cháu) rồi bỏ tạm giữ."


def approve(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int) -> None:
    """The head approves a draft (duyệt thư); the job that numbers and renders it is queued in the same commit.

    The words take the case as it stands now, so that a name corrected since the draft is right.

    Raises:
        Refusal: the family has not said yes, or something has happened since that a person must look at first
            (a death in the household, say) and nobody has decided.
    """
    letter = _approved(session, actor, letter_id, expected_version)
    tell(session, letter, "letter.approved", clock.today())
    note_audit(session, actor, letter, "letter.approved")


def _approved(session: Session, actor: Actor, letter_id: UUID, expected_version: int) -> Letter:
    letter = load_for(session, actor, letter_id, LetterAction.APPROVE, expected_version)
    step(session, actor, letter, LetterAction.APPROVE)
    drafted = _drafted_now(session, letter, Choices())
    refuse_without_consent(drafted)
    refuse_while_correcting(drafted)
    new = set(drafted.decision.hold_reasons) - decided_reasons(session, letter.id)
    if new:
        raise Refusal(f"{hold_sentence(tuple(sorted(new)))} {_CHANGED}")
    _seal_facts(letter, with_choices_of(drafted.facts, _facts_of(letter)))
    letter.approved_by, letter.approved_at = actor.user_id, clock.now()
    return letter


def approve_many(session: Session, actor: Actor, versions: Mapping[UUID, int]) -> None:
    """The head approves a pile, all or none, after she has read a sample of each kind in it.

    Args:
        session: the caller's transaction.
        actor: the head.
        versions: letter → version at which the list showed it.

    Raises:
        Refusal: no letter of a kind in the pile was opened by her; or one of them cannot be approved, and its
            names stand before the reason.
    """
    kinds: dict[str, list[UUID]] = {}
    for letter in session.scalars(select(Letter).where(Letter.id.in_(versions), visible_to(actor))):
        kinds.setdefault(letter.kind, []).append(letter.id)
    read = audit.read_by(session, actor.user_id, ("letter.page", "letter.pdf"), versions)
    for kind, ids in sorted(kinds.items()):
        if not read & set(ids):
            raise Refusal(_NO_SAMPLE.format(kind=KIND_WORDS[LetterKind(kind)].lower()))
    approved: list[Letter] = []
    for letter_id in sorted(versions):
        try:
            approved.append(_approved(session, actor, letter_id, versions[letter_id]))
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            names = names_text(_facts_of(session.get_one(Letter, letter_id)))
            sentence = f"Chưa duyệt thư nào. Thư có tên {names}: {refusal.sentence}"
            raise type(refusal)(sentence) from refusal
    for start in range(0, len(approved), PILE):
        pile = approved[start : start + PILE]
        together = [str(letter.id) for letter in pile]
        tell(session, pile[0], "letter.approved", clock.today(), letter_ids=together)
    note_audits(session, actor, approved, "letter.approved")


def hold(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str) -> None:
    """Put a draft or an approved letter aside until somebody has decided (tạm giữ)."""
    letter = load_for(session, actor, letter_id, LetterAction.HOLD, expected_version)
    step(session, actor, letter, LetterAction.HOLD, note=reason.strip())
    letter.held_reason = reason.strip()
    note_audit(session, actor, letter, "letter.held")


def release(
    session: Session,
    actor: Actor,
    letter_id: UUID,
    *,
    expected_version: int,
    mother_and_child: bool = False,
    honorific: Honorific | None = None,
    together: bool = False,
) -> None:
    """Somebody who knows the family has decided: the letter is a draft again (bỏ tạm giữ).

    Args:
        session: the caller's transaction.
        actor: who decided.
        letter_id: the held letter.
        expected_version: of the page it was decided on.
        mother_and_child: address the letter to “mẹ và bé”.
        honorific: how the deceased is called.
        together: one condolence names mother and child; the head's choice, the other letter is cancelled with it.

    Raises:
        NotAllowed: somebody else than the head chooses one letter for mother and child.
        Refusal: consent, the mother's name or the form of address is still missing; says where to put it.
    """
    letter = load_for(session, actor, letter_id, LetterAction.RELEASE, expected_version)
    drafted = _drafted_now(session, letter, Choices(mother_and_child, honorific, together))
    refuse_without_consent(drafted)
    refuse_while_correcting(drafted)
    if HoldReason.TITLE_NOT_CHOSEN in drafted.decision.hold_reasons:
        raise Refusal(_NO_TITLE, field="honorific")
    if isinstance(drafted.facts, BirthFacts) and drafted.facts.mother is None:
        raise Refusal(_NO_MOTHER)
    decided = set(_drafted_now(session, letter, Choices()).decision.hold_reasons)
    decided |= decided_reasons(session, letter.id)
    step(session, actor, letter, LetterAction.RELEASE, note=",".join(sorted(decided)) or None)
    _seal_facts(letter, drafted.facts)
    letter.held_reason = None
    if together:
        _give_up_other(session, actor, letter)
    note_audit(
        session, actor, letter, "letter.released", mother_and_child=mother_and_child, together=together
    )


def _give_up_other(session: Session, actor: Actor, letter: Letter) -> None:
    """Cancel the letters that the common one takes the place of; one that is approved already stays, and is said.

    Raises:
        Refusal: the other letter has gone too far to be replaced.
    """
    actor.require(Permission.LETTER_APPROVE, letter.unit_id)
    known = known_of(session, letter.case_id)
    for other in standing_letters(session, [one.case_id for one in known.died_together]):
        if LetterState(other.state) not in (LetterState.DRAFT, LetterState.HELD):
            raise Refusal(_OTHER_GONE)
        held = load_for(session, actor, other.id, LetterAction.CANCEL, None)
        step(session, actor, held, LetterAction.CANCEL, note=f"Thư chung ở hồ sơ {known.code}.")
        held.held_reason = None
        note_audit(session, actor, held, "letter.cancelled", number_void=False)


def cancel(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str) -> None:
    """The head cancels a letter (hủy thư); a number already given stays in the letter book as void."""
    letter = load_for(session, actor, letter_id, LetterAction.CANCEL, expected_version)
    step(session, actor, letter, LetterAction.CANCEL, note=reason.strip())
    letter.held_reason = None
    note_audit(session, actor, letter, "letter.cancelled", number_void=letter.number is not None)


def refuse_without_consent(drafted: Drafted) -> None:
    """Refuse a letter that the family does not want, or was not asked about."""
    if drafted.consent != "yes":
        raise Refusal(_REFUSED if drafted.consent == "no" else _NOT_ASKED)


def refuse_while_correcting(drafted: Drafted) -> None:
    """No word releases a letter whose registration is being corrected: its words would be the old ones."""
    if HoldReason.CORRECTION_OPEN in drafted.decision.hold_reasons:
        raise Refusal(_CORRECTING)


def decided_reasons(session: Session, letter_id: UUID) -> set[HoldReason]:
    """Return the reasons to hold or stop a letter that somebody looked at and let it go all the same."""
    ways = (LetterAction.RELEASE.value, LetterAction.STOP.value, LetterAction.LET_GO.value)
    moves = session.execute(
        select(LetterMove.action, LetterMove.note)
        .where(LetterMove.letter_id == letter_id, LetterMove.action.in_(ways))
        .order_by(LetterMove.id)
    )
    decided: set[HoldReason] = set()
    stopped: set[HoldReason] = set()
    for action, note in moves:
        if action == LetterAction.RELEASE:
            decided |= set(hold_codes(note)) if note else set()
        elif action == LetterAction.STOP:
            stopped |= set(hold_codes(note))
        else:
            decided |= stopped  # the note is the head's reason; what was let go stands in the stop before it
    return decided


def _drafted_now(session: Session, letter: Letter, choices: Choices) -> Drafted:
    if (written := as_written(session, letter)) is not None:
        return written
    drafted = drafted_from(session, known_of(session, letter.case_id), choices)
    if drafted is None:
        raise Refusal("Thủ tục của hồ sơ này không có thư. Ông/bà hủy thư.")
    # the letter names the unit that sends it, also where its ended case stayed with the unit before
    unit = units.unit_by_id(session, letter.unit_id).spoken
    return replace(drafted, facts=replace(drafted.facts, unit=unit))


def _facts_of(letter: Letter) -> LetterFacts:
    packed = crypto.unseal(letter.sealed_facts, "letter", letter.id, "sealed_facts")
    return unpack_facts(LetterKind(letter.kind), packed)


def _seal_facts(letter: Letter, facts: LetterFacts) -> None:
    letter.sealed_facts = crypto.seal(pack_facts(facts), "letter", letter.id, "sealed_facts")
