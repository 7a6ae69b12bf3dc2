"""Hundreds of different letters in seconds: copies by SQL of three registered cases, each drafted by the service.

The copies are weight and not a story: people, case and consent are there as the letter reads them, deadlines, papers
and figures are not. From the draft on, everything is the services' work.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.shared.database import new_id
from civreg.shared.text import fold, fold_joined, sort_key_vi
from tests.cases.test_circumstances import DEATH
from tests.letters.flow import letter_of, registered
from tests.world import BIRTH, MARRIAGE, World

_FAMILIES = ("Nguyễn", "Thạch", "Kim", "Sơn", "Kiên", "Lâm", "Trần", "Đặng", "Huỳnh", "Bùi", "Ngô")
_MIDDLES = ("Thị", "Văn", "Sa", "Sô", "Minh", "Ngọc", "Quốc", "Hữu", "Thanh")
_SECONDS = ("Thị", "Văn", "Hoàng", "Thái", "Mỹ", "Chanh", "Gia", "Đức")
_GIVEN = (
    "Hường",
    "Rết",
    "Vươn",
    "Đào",
    "Khang",
    "Bảo An",
    "Bích",
    "Ý",
    "Phia",
    "Khane",
    "Út",
    "Trúc Ly",
    "Nở",
)


def many_drafts(session: Session, world: World, count: int) -> list[LetterRow]:
    """Return `count` drafted letters of Trà Cú, births, marriages and deaths in turns, no two with the same names."""
    models = [registered(session, world, form) for form in (BIRTH, MARRIAGE, DEATH)]
    case_ids = [*models]
    for number in range(len(models), count):
        case_id = _copy_case(session, models[number % len(models)], number)
        letters.draft_earned_letter(session, case_id)
        case_ids.append(case_id)
    return [letter_of(session, case_id) for case_id in case_ids[:count]]


def name_of(number: int) -> str:
    """Return the full name of a number; ten thousand numbers have different ones."""
    words = []
    for choices in (_GIVEN, _SECONDS, _MIDDLES, _FAMILIES):
        number, choice = divmod(number, len(choices))
        words.insert(0, choices[choice])
    return " ".join(words)


def _copy_case(session: Session, model: UUID, number: int) -> UUID:
    case_id = new_id()
    _copy(
        session,
        "case_file",
        model,
        id=str(case_id),
        number=10_000 + number,
        code=f"BẢN-{number:05d}",
        tracking_digest=f"copy {number}",
        address=f"Nhà số {number}",
    )
    people = text("SELECT id FROM party WHERE case_id = :case ORDER BY role, ordinal")
    for order, party_id in enumerate(session.scalars(people, {"case": model}).all()):
        name = name_of(number * 8 + order)  # nobody is in two cases: a death near a birth holds the letter
        _copy(
            session,
            "party",
            party_id,
            id=str(new_id()),
            case_id=str(case_id),
            full_name=name,
            folded=fold(name),
            joined=fold_joined(name),
            sort_key=sort_key_vi(name),
            phone_index=f"copy {number}",
        )
    answers = text("SELECT id FROM consent WHERE case_id = :case")
    for consent_id in session.scalars(answers, {"case": model}).all():
        _copy(session, "consent", consent_id, id=str(new_id()), case_id=str(case_id))
    return case_id


def _copy(session: Session, table: str, row_id: UUID, **changes: Any) -> None:
    """Insert the row again with some columns changed; sealed cells of it open no more, they are bound to their row."""
    statement = text(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(one, CAST(:changes AS jsonb))).*"
        f" FROM {table} one WHERE id = :id"
    )
    session.execute(statement, {"changes": json.dumps(changes), "id": row_id})
