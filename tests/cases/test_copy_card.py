from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import CopyCard, copy_card
from civreg.cases.rules.copying import (
    CopyField,
    card_text,
    copy_sections,
    partial_in_numbers,
    partial_in_words,
)
from civreg.procedures import catalogue as shipped
from civreg.procedures.catalogue.screens import entry_screens
from civreg.procedures.rules.screens import EntryScreen
from civreg.shared.errors import NotAllowed, NotFound
from civreg.shared.partial_date import PartialDate
from tests.world import BIRTH, MARRIAGE, World, ask, receive, register, version

DEATH = replace(
    BIRTH,
    procedure="death_at_home",
    requester_relation="con",
    people=(
        replace(
            BIRTH.people[1],
            role="deceased",
            full_name="Kim Văn Tám",
            birth=PartialDate(1941),
            sex="male",
            residence="Ấp Chợ, xã Trà Cú, tỉnh Vĩnh Long",
        ),
    ),
    event=PartialDate(2026, 11, 14),
    event_hour="khoảng 03 giờ",
    place_of_event="Tại nhà, ấp Chợ, xã Trà Cú, tỉnh Vĩnh Long",
    death_paper_by_commune=True,
)


def card_of(session: Session, world: World, form: object = BIRTH, **changes: object) -> CopyCard:
    case_id = ask(session, world, form, **changes).case_id  # type: ignore[arg-type]
    receive(session, world, case_id)
    return copy_card(session, world.officer, case_id)


def fields_of(card: CopyCard, title: str) -> dict[str, CopyField]:
    [section] = [section for section in card.sections if section.title == title]
    return {field.label: field for field in section.fields}


def test_a_birth_is_copied_in_the_order_of_the_register(session: Session, world: World) -> None:
    card = card_of(session, world)
    assert [section.title for section in card.sections] == [
        "Sổ đăng ký",
        "Người được khai sinh",
        "Người mẹ",
        "Người cha",
        "Người đi khai",
        "Đánh dấu và ghi chú",
    ]
    child = fields_of(card, "Người được khai sinh")
    assert {label: field.value for label, field in child.items() if field.value} == {
        "Họ, chữ đệm, tên": "KIM SÔ KHANE",
        "Ngày, tháng, năm sinh": "02/11/2026",
        "Ngày sinh ghi bằng chữ": "Ngày hai tháng mười một năm hai nghìn không trăm hai mươi sáu",
        "Giới tính": "Nữ",
        "Dân tộc": "Khmer",
        "Quốc tịch": "Việt Nam",
        "Nơi sinh": "Trung tâm Y tế Trà Cú",
    }
    assert list(child)[:3] == ["Họ, chữ đệm, tên", "Ngày, tháng, năm sinh", "Ngày sinh ghi bằng chữ"]
    assert child["Quê quán"].said.startswith("Hệ thống không giữ.")
    mother = fields_of(card, "Người mẹ")
    assert mother["Họ, chữ đệm, tên mẹ"].value == "THẠCH THỊ SA RẾT"
    assert mother["Ngày hoặc năm sinh mẹ"].value == "1998"
    assert (mother["Nơi cư trú mẹ"].said, mother["Nơi cư trú mẹ"].is_missing) == (
        "Chưa ghi trong hồ sơ.",
        True,
    )
    declarant = fields_of(card, "Người đi khai")
    assert declarant["Nơi cư trú người đi khai"].value == "Ấp Chợ, xã Trà Cú, tỉnh Vĩnh Long"
    assert fields_of(card, "Đánh dấu và ghi chú")["Đăng ký đúng hạn hay quá hạn"].value == "Đúng hạn"


def test_a_father_who_was_not_declared_leaves_his_section_empty(session: Session, world: World) -> None:
    card = card_of(session, world, father_unknown=True, people=BIRTH.people[:2])
    [father] = [section for section in card.sections if section.title == "Người cha"]
    assert (father.fields, father.note) == ((), "Gia đình không khai cha: để trống phần này.")


def test_a_death_has_its_hour_and_day_in_words(session: Session, world: World) -> None:
    card = card_of(session, world, DEATH)
    death = fields_of(card, "Việc mất")
    assert death["Mất vào lúc"].value == "khoảng 03 giờ"
    assert death["Ngày mất ghi bằng chữ"].value == (
        "Ngày mười bốn tháng mười một năm hai nghìn không trăm hai mươi sáu"
    )
    assert (
        fields_of(card, "Người đã mất")["Nơi cư trú cuối cùng"].value == "Ấp Chợ, xã Trà Cú, tỉnh Vĩnh Long"
    )


def test_a_marriage_names_the_woman_first_and_its_remark(session: Session, world: World) -> None:
    card = card_of(session, world, MARRIAGE)
    titles = [section.title for section in card.sections]
    assert titles.index("Bên nữ") < titles.index("Bên nam")
    assert fields_of(card, "Bên nữ")["Vợ kết hôn lần thứ"].value == "1"
    assert fields_of(card, "Ghi chú")["Ghi chú"].value == "Đăng ký lưu động"


def test_numbers_that_came_back_stand_on_the_card(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    assert copy_card(session, world.officer, case_id).awaits_numbers
    register(session, world, case_id)
    card = copy_card(session, world.officer, case_id)
    assert not card.awaits_numbers
    book = fields_of(card, "Sổ đăng ký")
    assert (book["Số đăng ký"].value, book["Ngày đăng ký"].value) == ("123/2026", "16/11/2026")
    assert fields_of(card, "Người được khai sinh")["Số định danh cá nhân"].value == "084326012345"
    assert "Họ, chữ đệm, tên: KIM SÔ KHANE\nNgày, tháng, năm sinh: 02/11/2026\n" in card_text(card.sections)


def test_reading_the_card_is_logged(session: Session, world: World) -> None:
    card = card_of(session, world)
    session.flush()
    readers = session.execute(
        text("SELECT actor_id FROM read_log WHERE what = 'copy_card' AND subject_id = :id"),
        {"id": card.case_id},
    ).scalars()
    assert list(readers) == [world.officer.user_id]


def test_only_who_works_on_the_case_reads_its_card(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    for actor in (world.neighbour, world.clerk, world.stranger, world.administrator):
        with pytest.raises((NotFound, NotAllowed)):
            copy_card(session, actor, case_id)
    assert copy_card(session, world.head, case_id).case_id == case_id


def test_what_is_not_registered_has_no_card(session: Session, world: World) -> None:
    tax = ask(
        session, world, replace(BIRTH, procedure="construction_tax_support", people=(), event=None)
    ).case_id
    with pytest.raises(NotFound, match="Việc này không nhập vào phần mềm hộ tịch"):
        copy_card(session, world.officer, tax)


def test_every_registered_occasion_has_a_screen_that_is_not_sure() -> None:
    registered = {
        version.occasion
        for procedure in shipped.catalogue().values()
        for version in procedure.versions
        if version.flow == "registration"
    }
    assert set(entry_screens()) == registered
    for screen in entry_screens().values():
        assert screen.certainty in ("C", "D")  # the Ministry's own screen was not read
        labels = [field.label for section in screen.sections for field in section.fields]
        personal = [label for label in labels if label not in ("Ghi chú",)]
        assert sorted(set(personal)) == sorted(personal)


def test_a_field_gives_a_fact_or_says_where_to_read_it() -> None:
    path = Path(shipped.__file__).parent / "entry_screens" / "birth.toml"
    table = tomllib.loads(path.read_text("utf-8"))
    table["sections"][0]["fields"] = [{"label": "Số đăng ký"}]
    with pytest.raises(ValidationError, match="give the fact that fills it"):
        EntryScreen.model_validate(table)


@pytest.mark.parametrize(
    ("day", "numbers", "words"),
    [
        (PartialDate(2026, 4, 5), "05/04/2026", "Ngày năm tháng tư năm hai nghìn không trăm hai mươi sáu"),
        (PartialDate(1961, 4), "04/1961", "Tháng tư năm một nghìn chín trăm sáu mươi mốt"),
        (PartialDate(1998), "1998", "Năm một nghìn chín trăm chín mươi tám"),
        (PartialDate(), "", ""),
    ],
)
def test_a_day_is_written_as_far_as_it_is_known(day: PartialDate, numbers: str, words: str) -> None:
    assert (partial_in_numbers(day), partial_in_words(day)) == (numbers, words)


def test_an_empty_case_says_what_is_missing() -> None:
    sections = copy_sections(entry_screens()["marriage"], {})
    missing = [field.label for section in sections for field in section.fields if field.is_missing]
    assert missing[0] == "Họ, chữ đệm, tên vợ"
    assert len(missing) == 12
    assert card_text(sections) == ""


def test_the_day_of_the_software_and_an_odd_number_are_kept_with_warnings(
    session: Session, world: World
) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    warnings = cases.enter_numbers(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        register_number="123/2026",
        personal_number="08432601234",
        personal_number_as_given=True,
        registered_on=PartialDate(2026, 11, 13).as_date(),
    )
    assert warnings == (
        "Số định danh có 11 chữ số, không phải 12.",
        "Ngày đăng ký trên phần mềm sớm hơn ngày nhận hồ sơ.",
    )
    child = fields_of(copy_card(session, world.officer, case_id), "Người được khai sinh")
    assert child["Số định danh cá nhân"].value == "08432601234"
