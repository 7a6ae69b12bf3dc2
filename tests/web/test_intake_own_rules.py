"""What a commune sets for itself reaches the family: on the page of the service, before sending, on the receipt, afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.procedures import service as procedures
from civreg.procedures.service import Correction, Decision
from civreg.shared import clock
from tests.web.family import Family
from tests.web.office_days import ask_on_the_web
from tests.world import MONDAY, World, build_world

GENERAL = "Trong 05 ngày làm việc."
OWN = "Trong 03 ngày làm việc. Rút ngắn theo Quyết định số 2661/QĐ-UBND ngày 10/11/2026."
MARCH = datetime(2027, 3, 2, 9, tzinfo=clock.ZONE)


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def shorten(session: Session, world: World) -> None:
    decision = Decision(3, "2661/QĐ-UBND", date(2026, 11, 10), date(2026, 11, 16))
    procedures.set_shorter_limit(
        session, world.administrator, unit_id=world.tra_cu, procedure="birth_mobile", decision=decision
    )
    session.commit()


def test_the_term_is_the_commune_s_once_it_is_chosen(
    client: FlaskClient, session: Session, world: World
) -> None:
    shorten(session, world)
    family, path = Family(client), "/yeu-cau/birth_mobile"
    before = family.open(path)
    assert GENERAL in before
    assert OWN not in before
    assert "Đây là quy định chung; xã có thể hẹn sớm hơn." in before
    family.answer(f"{path}/commune", commune=str(world.tra_cu))
    after = family.open(path)
    assert OWN in after
    assert "Đây là thời hạn ở Xã Trà Cú, tỉnh Vĩnh Long." in after
    family.answer(f"{path}/commune", commune=str(world.dai_an))
    assert GENERAL in family.open(path)
    *_, review, _, _ = ask_on_the_web(family, world, "birth_mobile")
    assert OWN in review
    assert "Bao lâu thì xong ở Xã Trà Cú, tỉnh Vĩnh Long" in review
    family.client.delete_cookie("civreg_receipt", path="/yeu-cau")
    *_, elsewhere, _, _ = ask_on_the_web(family, world, "birth_at_home")
    assert "Rút ngắn theo" not in elsewhere


def test_cost_and_last_day_on_the_receipt_are_the_commune_s(
    client: FlaskClient, session: Session, world: World
) -> None:
    """From 1/3/2027 cost and the family's days are not known; a commune that read the law wrote them."""
    for path, values in (
        ("cost", {"words": "5.000 đồng. Quá hạn: 8.000 đồng, có biên lai"}),
        ("citizen_deadline.days", {"days": 60}),
    ):
        procedures.correct_rule(
            session,
            world.administrator,
            unit_id=world.tra_cu,
            procedure="birth_at_home",
            path=path,
            correction=Correction(values, "Nghị quyết số 5/NQ-HĐND", "A", date(2027, 3, 1)),
        )
    session.commit()
    family = Family(client)
    with clock.travelling(MARCH):
        *_, review, sent, printed = ask_on_the_web(
            family,
            world,
            "birth_at_home",
            child_birth_day="1",
            child_birth_month="12",
            child_birth_year="2026",
        )
        late = "Đã quá 60 ngày, gia đình vẫn đăng ký được bình thường."
        assert late in review
        assert late in sent
        for page in (sent, printed):
            assert "Quá hạn: 8.000 đồng, có biên lai." in page
