"""What the tests of papers share: a death, and the acts that make a slip due."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.rules import (
    PersonForm,
    RequestForm,
)
from civreg.shared.partial_date import PartialDate
from tests.world import World, version

DEATH = RequestForm(
    procedure="death_at_home",
    unit_id=0,
    requester_name="Thạch Sa Rây",
    phone="0912345678",
    requester_relation="con",
    hamlet="Ấp Chợ",
    address="Nhà sau chùa",
    people=(
        PersonForm(
            "deceased",
            "Thạch Sên",
            birth=PartialDate(1941),
            sex="male",
            ethnic_group="Khmer",
            residence="Ấp Chợ, xã Trà Cú",
        ),
    ),
    event=PartialDate(2026, 11, 14),
    event_hour="khoảng 03 giờ",
    place_of_event="Tại nhà, ấp Chợ, xã Trà Cú, tỉnh Vĩnh Long",
    letter_consent="yes",
    death_paper_by_commune=True,
)
WRONG_NAME = "Giấy chứng sinh ghi tên mẹ khác với căn cước"


def ask_for_papers(session: Session, world: World, case_id: UUID, *codes: str) -> None:
    cases.request_papers(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        papers=codes,
        reason=WRONG_NAME,
    )


def end(session: Session, world: World, case_id: UUID, end: Callable[..., None], reason: str) -> None:
    actor = world.head if end is cases.refuse else world.officer
    end(session, actor, case_id, expected_version=version(session, world, case_id), reason=reason)
