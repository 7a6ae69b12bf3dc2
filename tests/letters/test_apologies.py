"""Thư xin lỗi: a signed apology for a missed trip in the office's own words of the day it was signed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import Language, LetterKind
from civreg.shared import clock
from civreg.shared.errors import Conflict, NotFound
from civreg.visits import service as visits
from civreg.work import LETTER_TEMPLATES as FOLDER
from tests.shared.paper_reading import words
from tests.world import MONDAY, World, ask

BOOKED = MONDAY + timedelta(hours=1)
LATER = BOOKED + timedelta(minutes=30) + timedelta(hours=4)


@pytest.fixture
def missed(session: Session, world: World) -> UUID:
    assert world.officer.user_id is not None
    visit_id = visits.book_visit(
        session,
        world.officer,
        case_id=ask(session, world).case_id,
        expected_version=None,
        officer_id=world.officer.user_id,
        starts_at=BOOKED,
    )
    with clock.travelling(LATER):
        assert visits.draft_missed(session) == 1
    return visit_id


def sign(session: Session, world: World, visit_id: UUID) -> None:
    visits.sign_visit_apology(
        session,
        world.head,
        visit_id,
        expected_version=1,
        reason="Xe của cán bộ hỏng giữa đường",
        new_at=MONDAY + timedelta(days=1, hours=2),
    )


def test_a_missed_trip_is_apologised_for_in_writing(session: Session, world: World, missed: UUID) -> None:
    with clock.travelling(LATER):
        with pytest.raises(Conflict, match="chưa được ký"):
            queries.apologies_for_trip(session, world.officer, missed, FOLDER)
        sign(session, world, missed)
        said = " ".join(words(queries.apologies_for_trip(session, world.officer, missed, FOLDER)).split())
    for sentence in (
        "THƯ XIN LỖI Về việc lỡ hẹn đến nhà Kính gửi: Ông/bà Thạch Thị Sa Rết",
        "đã hẹn cử cán bộ đến nhà vào 09 giờ 00 ngày 16 tháng 11 năm 2026 để giải quyết",
        "Lý do: xe của cán bộ hỏng giữa đường.",
        "Chúng tôi xin hẹn lại với gia đình: 10 giờ 00 ngày 17 tháng 11 năm 2026.",
        "Cần hỏi thêm, xin gọi 0294 3874 001.",
    ):
        assert sentence in said
    for outsider in (world.neighbour, world.stranger):
        with pytest.raises(NotFound):
            queries.apologies_for_trip(session, outsider, missed, FOLDER)


def test_printed_again_it_keeps_the_words_of_its_day(session: Session, world: World, missed: UUID) -> None:
    with clock.travelling(LATER):
        sign(session, world, missed)
        first = queries.apologies_for_trip(session, world.officer, missed, FOLDER)
    with clock.travelling(LATER + timedelta(days=1)):
        body = "[Tiêu đề]\nLỜI XIN LỖI\n[Kính gửi]\nKính gửi: {Người nhận}\n[Lời thư]\nXin lỗi {người nhận}."
        made = letters.write_wording(
            session, world.clerk, world.tra_cu, LetterKind.APOLOGY, Language.VIETNAMESE, body
        )
        letters.approve_wording(session, world.head, made, expected_version=1)
        assert queries.apologies_for_trip(session, world.officer, missed, FOLDER) == first
