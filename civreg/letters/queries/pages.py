"""Danh sách thư, trang một thư, sổ thư: what staff see; names are read, so each reading is logged."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Actor, Permission
from civreg.cases import queries as cases
from civreg.cases.queries.briefs import briefs
from civreg.letters.models import Letter, LetterMove
from civreg.letters.queries.access import open_actions, sees, units_with_letters, visible_to
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.naming import names_text
from civreg.letters.queries.of_case import shared_letters
from civreg.letters.queries.replacing import Twin, replacements
from civreg.letters.queries.sheets import SAMPLE_CODE, SAMPLE_NUMBER, dress_now, number_text, sheet_of
from civreg.letters.rules import (
    ACTION_WORDS,
    HAND_OVER_WAYS,
    KIND_WORDS,
    NUMBERED,
    STATE_WORDS,
    HoldReason,
    Language,
    LetterAction,
    LetterKind,
    LetterState,
    LetterWords,
    hold_codes,
    hold_sentence,
    number_is_void,
    unpack_words,
)
from civreg.shared import audit, clock, crypto, files
from civreg.shared.errors import NotFound, Refusal
from civreg.shared.paper.letter import render_letter
from civreg.units import queries as units

_NO_VISIT = datetime(9000, 1, 1, tzinfo=clock.ZONE)
"""Sorts letters that no visit carries yet behind all others."""
_NO_TITLE = "Lời thư hiện ra sau khi ông/bà chọn cách xưng hô với người đã mất (bấm “Bỏ tạm giữ”)."
_NOT_FOUND = "Không tìm thấy thư này ở đơn vị của ông/bà."


@dataclass(frozen=True)
class LetterRow:
    """A letter as a list shows it.

    Attributes:
        number: as the book writes it, or None before it is issued.
        void: the number was given and the letter cancelled.
        held_reason: sentences, or empty.
        needed_by: the start of the visit that carries it.
        actions: what the actor may do now, the next step first.
        recalled_at: since when its paper must come back, because the registration was annulled.
        outdated_at: since when the register says something else than its words.
        spoiled: sheets that were spoiled and printed again (bản in lại).
        replaced_by: the letter written in its place, if any.
        replaces: the letter it was written in place of, if any.
    """

    id: UUID
    case_id: UUID
    case_code: str
    unit_id: int
    unit_name: str
    kind: LetterKind
    kind_words: str
    language: Language
    names: str
    state: LetterState
    state_words: str
    number: str | None
    void: bool
    held_reason: str
    needed_by: datetime | None
    drafted_at: datetime
    print_run_id: UUID | None
    version: int
    actions: tuple[LetterAction, ...]
    recalled_at: datetime | None
    outdated_at: datetime | None
    spoiled: int
    replaced_by: Twin | None
    replaces: Twin | None


@dataclass(frozen=True)
class MoveRow:
    """One hand the letter passed through.

    Attributes:
        way: where it was handed over, in words; empty for other steps.
        photograph_id: of the move whose receipt was photographed.
    """

    words: str
    state_words: str
    at: datetime
    by: str
    recipient: str
    relation: str
    note: str
    way: str
    photograph_id: UUID | None


@dataclass(frozen=True)
class LetterPage:
    """Everything the page of one letter shows.

    Attributes:
        words: what it says (final once issued, as it would be today before); None when it cannot be written yet.
        problem: why it cannot be written yet, or empty.
        needs_title: a person must choose the form of address before it can be released.
        may_be_mother_and_child: whether “mẹ và bé” is a question here.
        together_with: who may stand in the same condolence (mother and child have both died); only a head is asked.
        sha256: of the final bytes.
    """

    row: LetterRow
    words: LetterWords | None
    problem: str
    moves: tuple[MoveRow, ...]
    needs_title: bool
    may_be_mother_and_child: bool
    together_with: str
    sha256: str | None


@dataclass(frozen=True)
class Narrow:
    """Which letters of a list are wanted beside unit and kind.

    Attributes:
        drafted_before: drafted earlier than this: those that wait long.
        needed_before: carried by a visit that begins earlier than this.
        without_visit: no visit carries it yet.
        recalled: its paper must come back, because the registration was annulled.
        stopped: a head must say what becomes of it: something came up after its number.
        language: only letters in this language.
        units: only letters that stand at one of these; all when None.
    """

    drafted_before: datetime | None = None
    needed_before: datetime | None = None
    without_visit: bool = False
    recalled: bool = False
    stopped: bool = False
    language: Language | None = None
    units: frozenset[int] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return them as conditions of a query."""
        found: list[ColumnElement[bool]] = []
        if self.units is not None:
            found.append(Letter.unit_id.in_(self.units))
        if self.drafted_before is not None:
            found.append(Letter.drafted_at < self.drafted_before)
        if self.needed_before is not None:
            found.append(Letter.needed_by < self.needed_before)
        if self.without_visit:
            found.append(Letter.needed_by.is_(None))
        if self.recalled:
            found += [Letter.recalled_at.is_not(None), Letter.state != LetterState.CANCELLED.value]
        if self.stopped:
            issued = Letter.state == LetterState.ISSUED.value
            found.append(Letter.outdated_at.is_not(None) | issued & Letter.held_reason.is_not(None))
        if self.language is not None:
            found.append(Letter.language == self.language.value)
        return found


def letters(
    session: Session,
    actor: Actor,
    *,
    state: Collection[LetterState] = (),
    unit_id: int | None = None,
    kind: LetterKind | None = None,
    narrow: Narrow | None = None,
    ids: Collection[UUID] | None = None,
    newest_first: bool = False,
    after: UUID | None = None,
    limit: int = 50,
) -> list[LetterRow]:
    """Return letters the actor may see, the one needed first at the top; writes the read log.

    Args:
        session: a transaction that the caller commits, because reading names is written down.
        actor: who looks.
        state: only these states; all when empty.
        unit_id: only this commune.
        kind: only this kind.
        narrow: further conditions.
        ids: only these.
        newest_first: the letter drafted last at the top, for letters whose way has ended.
        after: the last letter of the page before.
        limit: most rows.
    """
    urgency = func.coalesce(Letter.needed_by, _NO_VISIT)
    order = (Letter.id.desc(),) if newest_first else (urgency, Letter.id)
    query = (
        select(Letter).where(visible_to(actor), *_only(unit_id, kind, narrow)).order_by(*order).limit(limit)
    )
    if state:
        query = query.where(Letter.state.in_([wanted.value for wanted in state]))
    if ids is not None:
        query = query.where(Letter.id.in_(ids))
    last = session.get(Letter, after) if after else None
    if last is not None:
        needed_by = last.needed_by or _NO_VISIT
        behind = (urgency > needed_by) | (urgency == needed_by) & (Letter.id > last.id)
        query = query.where(Letter.id < last.id if newest_first else behind)
    found = session.scalars(query).all()
    if found:
        audit.record_read(
            session, "letters.list", actor_id=actor.user_id, subject_type="letter", subject_id=None
        )
    return _rows(session, actor, found)


def units_of_letters(session: Session, actor: Actor) -> set[int]:
    """Return the units at which letters stand that the actor sees; what an ended unit numbered stays there."""
    return {unit_id for unit_id in units_with_letters(session) if sees(actor, unit_id)}


def count_by_state(
    session: Session,
    actor: Actor,
    *,
    unit_id: int | None = None,
    kind: LetterKind | None = None,
    narrow: Narrow | None = None,
) -> dict[LetterState, int]:
    """Return how many letters stand at each step, for the desk and the tabs; no names are read."""
    query = (
        select(Letter.state, func.count())
        .where(visible_to(actor), *_only(unit_id, kind, narrow))
        .group_by(Letter.state)
    )
    return {LetterState(row[0]): row[1] for row in session.execute(query)}


def _only(unit_id: int | None, kind: LetterKind | None, narrow: Narrow | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if unit_id is not None:
        conditions.append(Letter.unit_id == unit_id)
    if kind is not None:
        conditions.append(Letter.kind == kind.value)
    if narrow is not None:
        conditions += narrow.conditions()
    return conditions


def letters_of_case(session: Session, actor: Actor, case_id: UUID) -> list[LetterRow]:
    """Return the letters of one case; empty when there are none or they are not the actor's."""
    found = session.scalars(select(Letter).where(visible_to(actor), Letter.case_id == case_id)).all()
    return _rows(session, actor, found)


def letters_shared_with(session: Session, actor: Actor, case_id: UUID) -> list[LetterRow]:
    """Return the letters of other cases that name the people of this one (twins, mother and child)."""
    found = shared_letters(session, cases.letter_facts(session, case_id))
    return _rows(session, actor, [letter for letter in found if sees(actor, letter.unit_id)])


def _together_with(session: Session, actor: Actor, letter: Letter) -> str:
    if not actor.may(Permission.LETTER_APPROVE, letter.unit_id):
        return ""
    others = cases.letter_facts(session, letter.case_id).died_together
    return " và ".join(person.full_name for other in others for person in other.people)


def letter_page(session: Session, actor: Actor, letter_id: UUID, templates: Path) -> LetterPage:
    """Return one letter with its words and its history; writes the read log.

    Raises:
        NotFound: no such letter, or another unit's.
    """
    letter = _visible(session, actor, letter_id)
    audit.record_read(
        session, "letter.page", actor_id=actor.user_id, subject_type="letter", subject_id=letter.id
    )
    words, problem = _words_of(session, letter, templates)
    reasons = hold_codes(letter.held_reason)
    return LetterPage(
        row=_rows(session, actor, [letter])[0],
        words=words,
        problem=problem,
        moves=_moves(session, letter),
        needs_title=HoldReason.TITLE_NOT_CHOSEN in reasons,
        may_be_mother_and_child=HoldReason.FATHER_UNKNOWN in reasons,
        together_with=_together_with(session, actor, letter)
        if HoldReason.MOTHER_AND_CHILD in reasons
        else "",
        sha256=letter.sha256,
    )


def letter_pdf(session: Session, actor: Actor, letter_id: UUID, templates: Path) -> bytes:
    """Return the final bytes of an issued letter, or a preview of a draft; writes the read log.

    Raises:
        NotFound: no such letter, or another unit's.
        Refusal: the draft cannot be written yet; the sentence says what is missing.
    """
    letter = _visible(session, actor, letter_id)
    audit.record_read(
        session, "letter.pdf", actor_id=actor.user_id, subject_type="letter", subject_id=letter.id
    )
    if letter.file_id is not None:
        return files.load(session, letter.file_id)
    _refuse_without_title(letter)
    today = clock.today()
    dress = dress_now(session, letter, templates, today)
    return render_letter(
        sheet_of(session, dress.unit, dress.words, dress.paper, today, SAMPLE_NUMBER, SAMPLE_CODE)
    )


def receipt_photograph(session: Session, actor: Actor, letter_id: UUID, move_id: UUID) -> bytes:
    """Return the JPEG of a signed receipt; writes the read log.

    Raises:
        NotFound: no such letter or photograph, or another unit's.
    """
    letter = _visible(session, actor, letter_id)
    move = session.get(LetterMove, move_id)
    if move is None or move.letter_id != letter.id or move.file_id is None:
        raise NotFound("Không có ảnh chữ ký nhận này.")
    audit.record_read(
        session, "letter.receipt", actor_id=actor.user_id, subject_type="letter", subject_id=letter.id
    )
    return files.load(session, move.file_id)


def _visible(session: Session, actor: Actor, letter_id: UUID) -> Letter:
    letter = session.get(Letter, letter_id)
    if letter is None or not sees(actor, letter.unit_id):
        raise NotFound(_NOT_FOUND)
    return letter


def _rows(session: Session, actor: Actor, found: Sequence[Letter]) -> list[LetterRow]:
    names = units.units_by_ids(session, {letter.unit_id for letter in found})
    known = briefs(session, {letter.case_id for letter in found})
    after, before = replacements(session, found)
    correcting = {
        letter.id: known[letter.case_id].correcting and LetterKind(letter.kind).follows_register
        for letter in found
    }
    return [
        LetterRow(
            id=letter.id,
            case_id=letter.case_id,
            case_code=known[letter.case_id].code,
            unit_id=letter.unit_id,
            unit_name=names[letter.unit_id].name,
            kind=LetterKind(letter.kind),
            kind_words=KIND_WORDS[LetterKind(letter.kind)],
            language=Language(letter.language),
            names=names_text(facts_of(letter)),
            state=LetterState(letter.state),
            state_words=STATE_WORDS[LetterState(letter.state)],
            number=number_text(letter.number, letter.year) if letter.number and letter.year else None,
            void=number_is_void(letter.state, letter.number),
            held_reason=_why_waiting(letter, correcting=correcting[letter.id]),
            needed_by=letter.needed_by,
            drafted_at=letter.drafted_at,
            print_run_id=letter.print_run_id,
            version=letter.version,
            actions=open_actions(actor, letter, correcting=correcting[letter.id]),
            recalled_at=letter.recalled_at,
            outdated_at=letter.outdated_at,
            spoiled=letter.spoiled,
            replaced_by=after.get(letter.id),
            replaces=before.get(letter.id),
        )
        for letter in found
    ]


def _why_waiting(letter: Letter, *, correcting: bool) -> str:
    """Return why a letter goes no further: what holds or stops it, or that its registration is being corrected."""
    if letter.held_reason is None and correcting and letter.state in NUMBERED:
        return hold_sentence((HoldReason.CORRECTION_OPEN,))
    return _spoken(letter.held_reason)


def _words_of(session: Session, letter: Letter, templates: Path) -> tuple[LetterWords | None, str]:
    if letter.sealed_words:
        return unpack_words(crypto.unseal(letter.sealed_words, "letter", letter.id, "sealed_words")), ""
    try:
        _refuse_without_title(letter)
        return dress_now(session, letter, templates, clock.today()).words, ""
    except Refusal as refusal:
        return None, refusal.sentence


def _refuse_without_title(letter: Letter) -> None:
    """Show no guess of how the deceased is called: a person chooses first."""
    if HoldReason.TITLE_NOT_CHOSEN in hold_codes(letter.held_reason):
        raise Refusal(_NO_TITLE)


def _spoken(reason: str | None) -> str:
    codes = hold_codes(reason)
    return hold_sentence(codes) if codes else reason or ""


def _moves(session: Session, letter: Letter) -> tuple[MoveRow, ...]:
    moves = session.scalars(
        select(LetterMove).where(LetterMove.letter_id == letter.id).order_by(LetterMove.id)
    ).all()
    names = accounts.names_of(session, {move.actor_id for move in moves if move.actor_id})
    return tuple(_move_row(move, names) for move in moves)


def _move_row(move: LetterMove, names: dict[UUID, str]) -> MoveRow:
    opened = crypto.unseal(move.sealed_recipient, "letter_move", move.id, "sealed_recipient")
    taken = json.loads(opened) if opened else {}
    words = "Lập dự thảo" if move.action == "draft" else ACTION_WORDS[LetterAction(move.action)]
    return MoveRow(
        words=words,
        state_words=STATE_WORDS[LetterState(move.to_state)],
        at=move.at,
        by=names.get(move.actor_id, "") if move.actor_id else "Hệ thống",
        recipient=taken.get("name", ""),
        relation=taken.get("relation", ""),
        note=_spoken(move.note),
        way=HAND_OVER_WAYS[move.way] if move.way else "",
        photograph_id=move.id if move.file_id else None,
    )
