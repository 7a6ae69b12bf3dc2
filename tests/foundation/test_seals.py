"""A sealed value opens in its own cell only: not in another row, column or table, and not when a byte was changed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts import service as accounts
from civreg.cases import queries as cases
from civreg.cases.service import load_draft, save_draft
from civreg.feedback import queries as feedback
from civreg.feedback.service import tell_complaint
from civreg.letters import queries as letters
from civreg.letters.queries import LetterRow
from civreg.shared import crypto
from civreg.shared.crypto import SealBroken
from civreg.work import LETTER_TEMPLATES
from tests.cases.test_tidings import tell
from tests.letters.flow import handed_over, registered
from tests.sealed_cells import cells, columns_with_rows, fill_empty
from tests.world import BIRTH, MARRIAGE, PASSWORD, World

PROCEDURE = "birth_at_home"


@dataclass(frozen=True)
class Full:
    """Two letters in the families' hands, a registered case with its draft letter, two tidings, two unfinished drafts."""

    birth: LetterRow
    marriage: LetterRow
    case_id: UUID
    drafts: tuple[str, str]


@pytest.fixture
def full(session: Session, world: World) -> Full:
    found = Full(
        handed_over(session, world, BIRTH),
        handed_over(session, world, MARRIAGE),
        registered(session, world, BIRTH, phone="0909000999", procedure="birth_mobile"),
        (
            save_draft(session, None, PROCEDURE, {"phone": "0901"}),
            save_draft(session, None, PROCEDURE, {"phone": "0902"}),
        ),
    )
    for actor in (world.officer, world.head):
        accounts.start_second_factor(session, actor, PASSWORD)
    tell(session, world)
    tell(session, world)
    for words in ("Cán bộ nói to", "Cán bộ đến muộn"):
        tell_complaint(session, found.case_id, send_key=uuid4(), visit_id=None, text=words, wants_call=False)
    session.flush()
    fill_empty(session)
    return found


def test_every_sealed_value_opens_in_its_own_cell_only(session: Session, full: Full) -> None:
    every = cells(session)
    columns = {(cell.table, cell.column) for cell in every}
    assert {".".join(column) for column in columns} == columns_with_rows(session) >= set(READERS)
    rows = {(cell.table, cell.row_id) for cell in every}
    for cell in every:
        cell.opens_as(cell.table, cell.row_id, cell.column)
        elsewhere = [(cell.table, row_id, cell.column) for table, row_id in rows if table == cell.table]
        elsewhere += [(table, cell.row_id, column) for table, column in columns]
        elsewhere += [(cell.table, uuid4(), cell.column)]
        for place in elsewhere:
            if place != (cell.table, cell.row_id, cell.column):
                with pytest.raises(SealBroken):
                    cell.opens_as(*place)


def swap(session: Session, table: str, column: str) -> None:
    """Exchange the values of the first two rows that hold one, as somebody with the database in hands would."""
    query = text(
        f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL AND length({column}) > 0 ORDER BY id"
    )
    first, second = session.execute(query).all()[:2]
    assert first[1] != second[1]
    for row_id, value in ((first[0], second[1]), (second[0], first[1])):
        session.execute(text(f"UPDATE {table} SET {column} = :v WHERE id = :id"), {"v": value, "id": row_id})
    session.expire_all()


Reading = Callable[[Session, World, Full], object]


def _case_pages(session: Session, world: World, full: Full) -> object:
    ids = session.scalars(text("SELECT id FROM case_file ORDER BY id"))
    return [cases.case_page(session, world.officer, case_id) for case_id in ids]


def _receipts(session: Session, world: World, full: Full) -> object:
    ids = session.scalars(text("SELECT id FROM case_file ORDER BY id"))
    return [cases.receipt_of(session, case_id) for case_id in ids]


def _letter_pages(session: Session, world: World, full: Full) -> object:
    ids = [row.id for row in (full.birth, full.marriage)]
    ids += [row.id for row in letters.letters_of_case(session, world.head, full.case_id)]
    return [letters.letter_page(session, world.head, letter_id, LETTER_TEMPLATES) for letter_id in ids]


def _pdfs(session: Session, world: World, full: Full) -> object:
    return [
        letters.letter_pdf(session, world.head, row.id, LETTER_TEMPLATES)
        for row in (full.birth, full.marriage)
    ]


def _drafts(session: Session, world: World, full: Full) -> object:
    return [load_draft(session, token, PROCEDURE) for token in full.drafts]


def _second_factors(session: Session, world: World, full: Full) -> object:
    return [accounts.unconfirmed_secret(session, actor) for actor in (world.officer, world.head)]


def _tidings(session: Session, world: World, full: Full) -> object:
    waiting = cases.tidings_waiting(session, world.officer)
    return [cases.tiding_page(session, world.officer, row.id) for row in waiting]


def _complaints(session: Session, world: World, full: Full) -> object:
    waiting = feedback.complaints(session, world.head)
    return [feedback.complaint_page(session, world.head, row.id) for row in waiting]


READERS: dict[str, Reading] = {
    "app_user.sealed_totp_secret": _second_factors,
    "party.sealed_phone": _case_pages,
    "party.sealed_personal_number": _case_pages,
    "party.sealed_ethnic_group": _case_pages,
    "case_file.sealed_tracking": _receipts,
    "case_file.sealed_pin": _receipts,
    "case_file.sealed_eligibility": _case_pages,
    "complaint.sealed_note": _complaints,
    "complaint.sealed_text": _complaints,
    "draft.sealed_answers": _drafts,
    "file.sealed": _pdfs,
    "letter.sealed_facts": _letter_pages,
    "letter.sealed_words": _letter_pages,
    "letter_move.sealed_recipient": _letter_pages,
    "tiding.sealed_family_phone": _tidings,
    "tiding.sealed_note": _tidings,
    "tiding.sealed_reporter_phone": _tidings,
}


def _cells_of(name: str) -> Reading:
    def read(session: Session, world: World, full: Full) -> object:
        return [cell.opens() for cell in cells(session) if f"{cell.table}.{cell.column}" == name]

    return read


def test_swapped_values_are_never_shown(session: Session, world: World, full: Full) -> None:
    for name in sorted(columns_with_rows(session)):
        read = READERS.get(name, _cells_of(name))
        read(session, world, full)
        with session.begin_nested() as swapped:
            swap(session, *name.split("."))
            with pytest.raises(SealBroken, match=name):
                read(session, world, full)
            swapped.rollback()
        session.expire_all()


@given(st.data(), st.text(min_size=1, max_size=40))
def test_a_changed_byte_is_found(data: st.DataObject, value: str) -> None:
    crypto.use_keyring(crypto.Keyring.make())
    row_id = uuid4()
    sealed = crypto.seal(value, "party", row_id, "sealed_phone")
    assert crypto.unseal(sealed, "party", row_id, "sealed_phone") == value
    name, _, rest = sealed.partition(":")
    content = bytearray(base64.b64decode(rest))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        crypto.unseal(f"{name}:{base64.b64encode(content).decode()}", "party", row_id, "sealed_phone")


@given(st.text(max_size=60))
def test_what_was_never_sealed_is_refused_by_name(value: str) -> None:
    crypto.use_keyring(crypto.Keyring.make())
    for typed in (f"k1:{value}", value) if value else ("k1:",):
        with pytest.raises(SealBroken):
            crypto.unseal(typed, "party", uuid4(), "sealed_phone")
