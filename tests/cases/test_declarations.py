"""The declarations (tờ khai) filled from the case, to be signed at the door."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import export
from civreg.cases import service as cases
from civreg.cases.export.declarations import LEFT_EMPTY, facts_of
from civreg.cases.export.office import office_on
from civreg.cases.queries import case_page
from civreg.cases.rules import (
    DECLARATIONS,
    Circumstances,
    RequestForm,
)
from civreg.procedures.catalogue import catalogue
from civreg.shared.partial_date import PartialDate
from tests.cases.paper_acts import DEATH
from tests.shared.paper_reading import pages, words
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, version

# declarations


def test_the_procedures_that_register_have_a_declaration() -> None:
    named = {version.id: version.declaration for one in catalogue().values() for version in one.versions}
    assert {name for name in named.values() if name} == set(DECLARATIONS)
    for one in catalogue().values():
        for each in one.versions:
            assert each.declaration == (each.occasion if each.flow == "registration" else None)


@pytest.mark.parametrize("form", [BIRTH, DEATH, MARRIAGE], ids=lambda form: form.procedure)
def test_every_fact_of_a_form_has_a_name_that_is_filled(
    session: Session, world: World, form: RequestForm
) -> None:
    case_id = ask(session, world, form).case_id
    page = case_page(session, world.officer, case_id)
    known = {name.rpartition(".")[2] for name in facts_of(page, office_on(session, page, MONDAY.date()))}
    by_hand = {
        "identity",
        "origin",
        "cause",
        "paper",
        "paper_day",
        "paper_issuer",
        "residence",
        "ethnic_group",
    }
    declaration = DECLARATIONS[page.rules.declaration or ""]
    asked = {
        entry.fact.rpartition(".")[2]
        for section in declaration.sections
        for row in section.rows
        for entry in row
    }
    assert asked - known - by_hand == set()


def test_a_birth_is_declared_in_capitals_and_in_words(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    found = pages(export.declaration(session, world.officer, case_id))
    assert len(found) == 1
    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "TỜ KHAI ĐĂNG KÝ KHAI SINH Kính gửi: Ủy ban nhân dân xã Trà Cú, tỉnh Vĩnh Long",
        "Họ, chữ đệm, tên người yêu cầu: THẠCH THỊ SA RẾT",
        "Nơi cư trú: Nhà sau chùa, Ấp Chợ, xã Trà Cú, tỉnh Vĩnh Long",
        "Quan hệ với người được khai sinh: mẹ",
        "Họ, chữ đệm, tên: KIM SÔ KHANE",
        "Ngày, tháng, năm sinh: 02/11/2026",
        "Ghi bằng chữ: Ngày hai tháng mười một năm hai nghìn không trăm hai mươi sáu",
        "Giới tính: Nữ Dân tộc: Khmer Quốc tịch: Việt Nam",
        "Họ, chữ đệm, tên người mẹ: THẠCH THỊ SA RẾT Năm sinh: 1998",
        "Làm tại xã Trà Cú, ngày ........ tháng ........ năm ............ Người yêu cầu",
        "người ghi thay ghi đúng lời khai và đọc lại toàn bộ tờ khai; người khai nghe rõ, công nhận đúng và điểm chỉ.",
        "Người ghi và đọc lại: Người làm chứng: Điểm chỉ",
    ):
        assert said in found[0]


def test_a_death_is_declared_as_the_family_remembers_it(session: Session, world: World) -> None:
    case_id = ask(session, world, DEATH).case_id
    printed = words(export.declaration(session, world.officer, case_id))
    for said in (
        "Ngày, tháng, năm sinh: năm 1941",
        "Đã chết vào lúc: khoảng 03 giờ, ngày 14 tháng 11 năm 2026",
        "Cơ quan cấp: Ủy ban nhân dân xã Trà Cú",
    ):
        assert said in printed


def test_the_cause_of_death_is_printed_for_who_works_on_the_case_and_written_down(
    session: Session, world: World
) -> None:
    case_id = ask(session, world, DEATH).case_id
    page = case_page(session, world.officer, case_id)
    cases.note_circumstances(
        session,
        world.officer,
        case_id,
        expected_version=page.version,
        noted=Circumstances(death_paper_by_commune=True, cause="Già yếu"),
    )
    assert "Nguyên nhân chết: Già yếu" in words(export.declaration(session, world.officer, case_id))
    read = text("SELECT count(*) FROM read_log WHERE what = 'cause_of_death' AND subject_id = :case")
    session.flush()
    assert session.scalar(read, {"case": case_id}) == 1


def test_the_day_of_birth_is_the_event_when_only_that_was_told(session: Session, world: World) -> None:
    child = replace(BIRTH.people[0], birth=PartialDate(precision="unknown"))
    case_id = ask(session, world, replace(BIRTH, people=(child, *BIRTH.people[1:]))).case_id
    printed = words(export.declaration(session, world.officer, case_id))
    assert "Ngày, tháng, năm sinh: 02/11/2026 Ghi bằng chữ: Ngày hai tháng mười một" in printed


def test_a_day_that_is_only_about_known_says_so(session: Session, world: World) -> None:
    about = replace(DEATH, event=PartialDate(2026, 11, precision="about"), event_hour="")
    case_id = ask(session, world, about).case_id
    printed = words(export.declaration(session, world.officer, case_id))
    assert "Đã chết vào lúc: khoảng tháng 11 năm 2026 Nơi chết" in printed


def test_a_marriage_is_declared_on_one_form_by_both(session: Session, world: World) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    found = pages(export.declaration(session, world.officer, case_id))
    assert len(found) == 1
    for said in (
        "Thông tin Bên nữ Bên nam",
        "SƠN THỊ NA TRẦN VĂN ÚT",
        "09/07/2001 05/03/1999",
        "Kết hôn lần thứ mấy 1 1",
        "Bên nữ (Ký, ghi rõ họ, chữ đệm, tên) Bên nam (Ký, ghi rõ họ, chữ đệm, tên)",
        "Điểm chỉ bên nữ Điểm chỉ bên nam",
    ):
        assert said in found[0]


def test_a_father_who_is_not_declared_stays_empty(session: Session, world: World) -> None:
    alone = replace(BIRTH, people=BIRTH.people[:2], father_unknown=True)
    case_id = ask(session, world, alone).case_id
    printed = words(export.declaration(session, world.officer, case_id))
    assert f"Họ, chữ đệm, tên người cha: {LEFT_EMPTY} Năm sinh: {LEFT_EMPTY}" in printed
    assert "Họ, chữ đệm, tên người mẹ: THẠCH THỊ SA RẾT" in printed


def test_of_an_abandoned_child_neither_parent_is_written(session: Session, world: World) -> None:
    case_id = ask(session, world, replace(BIRTH, people=BIRTH.people[:1])).case_id
    cases.note_circumstances(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        noted=Circumstances(abandoned=True),
    )
    printed = words(export.declaration(session, world.officer, case_id))
    for word in ("mẹ", "cha"):
        assert f"Họ, chữ đệm, tên người {word}: {LEFT_EMPTY} Năm sinh: {LEFT_EMPTY}" in printed


@pytest.mark.parametrize("procedure", ["birth_mobile", "death_mobile", "marriage_mobile"])
def test_a_family_that_left_its_number_gets_a_form_to_fill_in(
    session: Session, world: World, procedure: str
) -> None:
    form = RequestForm(
        procedure=procedure, unit_id=0, requester_name="Kim Thị Na", phone="0912345678", callback_only=True
    )
    case_id = ask(session, world, form).case_id
    found = pages(export.declaration(session, world.officer, case_id))
    assert len(found) == 1
    assert "Người làm chứng:" in found[0]
