"""Sinh đôi, sinh ba: told once by the family, a code for each baby on one receipt."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases.queries import babies_of_one_birth, case_page
from tests.web.family import BIRTH, Family, count_cases, radios_of, tell_birth, told_of
from tests.world import World

TWINS = {
    "child_name": "Thạch Minh Khang",
    "babies": "2",
    "child2_name": "Thạch Minh Châu",
    "child2_sex": "female",
    "child3_name": "Không tính đến",
}


@pytest.fixture
def family(client: FlaskClient) -> Family:
    return Family(client)


def _send(family: Family, world: World, **changed: dict[str, str]) -> str:
    tell_birth(family, world, **changed)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    answer = family.client.post(f"{BIRTH}/xem-lai", data=body)
    assert answer.status_code == 303
    again = family.client.post(f"{BIRTH}/xem-lai", data=body)
    assert again.status_code == 303
    return family.open("/yeu-cau/da-gui")


def test_twins_are_told_once_and_get_a_code_each_on_one_screen(
    family: Family, session: Session, world: World
) -> None:
    receipt = _send(family, world, child_name=TWINS)
    codes = [told_of(receipt, f"Mã yêu cầu, bé {which}") for which in ("thứ nhất", "thứ hai")]
    assert len(set(codes)) == 2
    assert (
        "Mỗi bé một giấy khai sinh nên có một mã riêng. Cán bộ gọi một lần và đến một lần cho các bé."
        in html.unescape(receipt)
    )
    assert count_cases(session) == 2
    ids = session.execute(text("SELECT id FROM case_file ORDER BY id")).scalars().all()
    assert babies_of_one_birth(session, ids[1]) == ids
    first, second = (case_page(session, world.officer, one) for one in ids)
    named = [{one.role: (one.full_name, one.sex) for one in page.people} for page in (first, second)]
    assert named[0]["child"] == ("Thạch Minh Khang", "male")
    assert named[1]["child"] == ("Thạch Minh Châu", "female")
    assert named[0]["mother"] == named[1]["mother"] == ("Thạch Thị Sa Rết", "female")
    for name in ("address", "hamlet", "event_day", "place_of_event", "requester.phone", "letter_consent"):
        assert first.fields[name] == second.fields[name]
    printed = family.open("/yeu-cau/da-gui/in")
    assert all(code in printed for code in codes)


def test_a_family_without_a_phone_reads_a_pin_for_each_baby(family: Family, world: World) -> None:
    receipt = _send(
        family,
        world,
        child_name={**TWINS, "babies": "3", "child3_name": "", "child3_sex": "male"},
        phone={"phone_owner": "none"},
    )
    pins = [told_of(receipt, f"Mã PIN, bé {which}") for which in ("thứ hai", "thứ ba")]
    assert all(pin.isdigit() for pin in pins)


def test_a_baby_without_a_name_yet_is_kept_with_a_note(
    family: Family, session: Session, world: World
) -> None:
    _send(family, world, child_name={**TWINS, "child2_name": ""})
    notes = session.execute(text("SELECT note FROM case_file ORDER BY id")).scalars().all()
    assert ["Em bé chưa đặt tên. Bé gái." in note for note in notes] == [False, True]


def test_the_second_baby_s_sex_is_asked_for_at_its_box(family: Family, world: World) -> None:
    family.answer(f"{BIRTH}/commune", commune=str(world.tra_cu))
    answer = family.send(f"{BIRTH}/child_name", **{**TWINS, "child2_sex": ""})
    assert answer.status_code == 422
    said = html.unescape(answer.text)
    assert said.count("Ông/bà chọn bé thứ hai là trai hay gái.") == 2
    assert 'value="Thạch Minh Châu"' in said


def test_one_baby_is_the_usual_answer(family: Family, session: Session, world: World) -> None:
    page = family.open(f"{BIRTH}/child_name")
    assert radios_of(page, "babies") == {"1": True, "2": False, "3": False}
    receipt = _send(family, world)
    assert told_of(receipt, "Mã yêu cầu")
    assert "bé thứ hai" not in receipt
    assert count_cases(session) == 1
