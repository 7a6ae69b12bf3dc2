"""The way of a letter through the services, as far as a test wants it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.cases.rules import RequestForm
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.letters.rules import LetterState
from civreg.shared import clock
from civreg.shared.database import new_id
from tests.world import BIRTH, World, ask, receive, register


def registered(session: Session, world: World, form: RequestForm = BIRTH, **changes: Any) -> UUID:
    """Register a case and do what follows from it; return its id."""
    case_id = ask(session, world, form, key=str(new_id()), **changes).case_id
    receive(session, world, case_id)
    register(session, world, case_id)
    work.run_waiting(session)
    return case_id


def letter_of(session: Session, case_id: UUID) -> LetterRow:
    """Return the one letter of a case as the machine sees it now."""
    session.expire_all()
    (row,) = queries.letters_of_case(session, SYSTEM, case_id)
    return row


def approved(session: Session, world: World, case_id: UUID) -> LetterRow:
    """Let the head approve the letter of a case; the job has not run yet."""
    row = letter_of(session, case_id)
    letters.approve(session, world.head, row.id, expected_version=row.version)
    return letter_of(session, case_id)


def issued(session: Session, world: World, form: RequestForm = BIRTH, **changes: Any) -> LetterRow:
    """Bring a case to an issued letter."""
    case_id = registered(session, world, form, **changes)
    approved(session, world, case_id)
    work.run_waiting(session)
    return letter_of(session, case_id)


def with_officer(session: Session, world: World, form: RequestForm = BIRTH, **changes: Any) -> LetterRow:
    """Bring a case to a printed, signed letter that an officer carries."""
    row = issued(session, world, form, **changes)
    letters.print_run(session, world.clerk, [row.unit_id])
    letters.sign_many(session, world.clerk, [row.id])
    letters.give_many(session, world.clerk, [row.id], officer_name=world.officer.full_name)
    return letter_of(session, row.case_id)


def handed_over(session: Session, world: World, form: RequestForm = BIRTH, **changes: Any) -> LetterRow:
    """Bring a case to a letter in the family's hands, and its figures up to date."""
    row = with_officer(session, world, form, **changes)
    letters.hand_over(
        session,
        world.officer,
        row.id,
        expected_version=row.version,
        to_whom="Thạch Thị Sa Rết",
        relation="mẹ",
        at=clock.now(),
    )
    work.run_waiting(session)
    return letter_of(session, row.case_id)


def numbers(session: Session) -> list[int]:
    """Return every letter number that was given, in order."""
    return list(
        session.execute(text("SELECT number FROM letter WHERE number IS NOT NULL ORDER BY number")).scalars()
    )


def topics(session: Session) -> list[str]:
    """Return every topic published about letters, in order."""
    return list(
        session.execute(text("SELECT topic FROM outbox WHERE topic LIKE 'letter.%' ORDER BY id")).scalars()
    )


def state_of(session: Session, case_id: UUID) -> LetterState:
    """Return where the letter of a case stands."""
    return letter_of(session, case_id).state
