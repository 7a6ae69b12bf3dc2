"""A family chooses what it does together with the birth: residence, insurance card, identity card, and never nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.cases.queries import case_page
from civreg.shared import clock
from tests.web.family import Family, count_cases
from tests.web.office_days import ask_on_the_web, newest_case
from tests.world import MONDAY, World, build_world

CHOICE = (
    "Gia đình làm khai sinh cùng ít nhất một việc nữa: nhập hộ khẩu, thẻ bảo hiểm y tế, thẻ căn cước. "
    "Chỉ cần khai sinh thì chọn dịch vụ khai sinh tại nhà."
)


@pytest.fixture(autouse=True)
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.mark.parametrize(
    ("answers", "parts"),
    [
        ({"part_residence": "no"}, ["birth", "health_insurance"]),
        ({"part_health_insurance": "no"}, ["birth", "residence"]),
        ({"part_identity_card": "yes"}, ["birth", "residence", "health_insurance", "identity_card"]),
    ],
)
def test_what_the_family_leaves_out_is_no_part_of_its_case(
    client: FlaskClient, session: Session, world: World, answers: dict[str, str], parts: list[str]
) -> None:
    seen = ask_on_the_web(Family(client), world, "birth_bundle", **answers)
    assert CHOICE in seen[0], "the page of the service says what there is to choose from"
    review = seen[-3]
    for title, code in (
        ("Đăng ký thường trú (nhập hộ khẩu):", "residence"),
        ("Cấp thẻ bảo hiểm y tế:", "health_insurance"),
        ("Cấp thẻ căn cước cho trẻ dưới 6 tuổi:", "identity_card"),
    ):
        assert (title in review) == (code in parts), "before sending it reads how long its own parts take"
    page = case_page(session, world.officer, newest_case(session))
    assert [part.code for part in page.parts] == parts


def test_a_birth_with_nothing_else_is_sent_to_the_other_service_and_keeps_its_answers(
    client: FlaskClient, session: Session, world: World
) -> None:
    family, path = Family(client), "/yeu-cau/birth_bundle"
    with pytest.raises(AssertionError):
        ask_on_the_web(family, world, "birth_bundle", part_residence="no", part_health_insurance="no")
    review = family.open(f"{path}/xem-lai")
    assert CHOICE in review
    refused = client.post(f"{path}/xem-lai", data=family.body(review))
    assert refused.status_code == 422
    assert CHOICE in refused.text
    assert "Thạch Minh Khang" in refused.text
    assert count_cases(session) == 0
    family.answer(f"{path}/child_insurance", part_health_insurance="yes")
    sent = client.post(f"{path}/xem-lai", data=family.body(family.open(f"{path}/xem-lai")))
    assert sent.status_code == 303
    assert count_cases(session) == 1
