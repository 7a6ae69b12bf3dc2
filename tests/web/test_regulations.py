"""Trang quy định: the rules of any day, a decision and a correction written on the page, a newer catalogue beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.accounts import service as accounts
from civreg.cases.queries import case_page
from civreg.deadlines import service as deadlines
from civreg.procedures import catalogue, service
from civreg.procedures.queries import in_force, overrides_of_units
from civreg.procedures.rules import Procedure, item_of
from civreg.procedures.service import Correction, Decision
from civreg.shared import clock
from tests.procedures.test_own_rules import upgraded
from tests.web.test_administration import send
from tests.world import (
    MARRIAGE,
    MONDAY,
    PASSWORD,
    World,
    ask,
    build_world,
    deliver,
    door_of,
    receive,
    register,
)

ALARMS = "/quan-tri/canh-bao"
PAGE = "/quan-tri/quy-dinh"
SHORTEN = f"{PAGE}/birth_mobile/rut-ngan"
INSURANCE = f"{PAGE}/birth_bundle/sua/parts.health_insurance.limit"
TYPED = {
    "unit_text": "vinh long",
    "days": "3",
    "number": "2661/QĐ-UBND",
    **{"decided_on_day": "10", "decided_on_month": "11", "decided_on_year": "2026"},
    **{"starts_on_day": "17", "starts_on_month": "11", "starts_on_year": "2026"},
}


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def signed_in(client: FlaskClient, session: Session, username: str) -> FlaskClient:
    token, _ = accounts.sign_in(session, username, PASSWORD)
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client


@pytest.fixture
def admin(client: FlaskClient, session: Session, world: World) -> FlaskClient:
    return signed_in(client, session, "administrator")


def test_an_officer_reads_the_rules_of_any_day_and_what_changes_next(
    client: FlaskClient, session: Session, world: World
) -> None:
    officer = signed_in(client, session, "officer")
    today = officer.get(PAGE).text
    assert "Quy định ngày 16/11/2026" in today
    assert "Đổi từ ngày 1/3/2027" in today
    assert "Giấy chứng tử." in today
    assert "Bất kỳ xã, phường nào, không phụ thuộc nơi cư trú." in today
    assert "Ghi quyết định rút ngắn" not in today
    old = officer.get(f"{PAGE}?ngay=2017-05-02").text
    assert "Không quá" not in old
    assert "Chưa có quy định cho ngày này; đổi từ 18/10/2018" in old
    unknown = 'TTLT-BTP-BCA-BYT</a> (chưa rõ điều) <span class="hint">(điều: độ tin cậy D)</span>'
    assert f"Thông tư liên tịch số 05/2015/{unknown}" in old, (
        "the value is sure (A), its article is not known (D)"
    )
    assert "Luật Hộ tịch số 60/2014/QH13</a> điều 15 khoản 1</td>" in re.sub(r"\s*</td>", "</td>", today)
    assert "Thông tư số 15/2015/TT-BTP</a> điều 14, điều 15" in old


@pytest.mark.parametrize("day", ["2014-01-01", "hôm nay", "2026-02-30"])
def test_a_day_that_cannot_be_shown_is_said(admin: FlaskClient, day: str) -> None:
    answer = admin.get(PAGE, query_string={"ngay": day})
    assert answer.status_code == 422
    assert "Ông/bà chọn một ngày từ 1/7/2015 đến 31/12/2100." in answer.text


def test_a_decision_is_written_and_shown_with_its_source(
    admin: FlaskClient, session: Session, world: World
) -> None:
    answer = send(admin, SHORTEN, **TYPED)
    assert answer.status_code == 302
    shown = admin.get(answer.location).text
    said = "Trong 03 ngày làm việc. Rút ngắn theo Quyết định số 2661/QĐ-UBND ngày 10/11/2026."
    assert said in shown
    assert "áp dụng với hồ sơ nhận từ ngày 17/11/2026" in shown
    limits = [
        in_force(session, "birth_mobile", world.tra_cu, day).version.main_part.limit.office_days
        for day in (date(2026, 11, 16), date(2026, 11, 17))
    ]
    assert limits == [None, 3]


def test_a_longer_limit_is_refused_and_nothing_typed_is_lost(
    admin: FlaskClient, session: Session, world: World
) -> None:
    answer = send(admin, SHORTEN, **TYPED | {"days": "6"})
    assert answer.status_code == 422
    assert "Thời hạn riêng phải ngắn hơn thời hạn theo luật (05 ngày làm việc)." in answer.text
    assert 'value="2661/QĐ-UBND"' in answer.text
    assert overrides_of_units(session, [world.province], date(2026, 1, 1)) == []


def test_an_unsure_value_is_corrected_and_a_confirmed_one_is_not(
    admin: FlaskClient, session: Session, world: World
) -> None:
    typed = TYPED | {"kind": "working_days", "days": "2", "source": "NĐ 301/2026 điều 9", "certainty": "B"}
    assert send(admin, INSURANCE, **typed | {"source": ""}).status_code == 422
    answer = send(admin, INSURANCE, **typed)
    assert answer.status_code == 302
    assert "NĐ 301/2026 điều 9" in admin.get(answer.location).text
    part = next(
        part
        for part in in_force(session, "birth_bundle", world.tra_cu, date(2026, 11, 17)).version.parts
        if part.code == "health_insurance"
    )
    assert (part.limit.days, part.certainty) == (2, "B")
    confirmed = admin.get(f"{PAGE}/birth_bundle/sua/parts.birth.limit").text
    assert "Quy định này đã xác nhận nên không sửa ở đây được." in confirmed
    assert admin.get(f"{PAGE}/birth_bundle/sua/both_present").status_code == 404
    assert admin.get(f"{PAGE}/adoption/rut-ngan").status_code == 404


def test_codes_and_results_are_corrected_on_the_page_and_a_wrong_code_says_how_they_look(
    admin: FlaskClient, session: Session, world: World
) -> None:
    """From 1/9/2026 the codes and the papers of the bundle are only cited (C)."""
    typed = TYPED | {"source": "QĐ 3582/QĐ-UBND", "certainty": "B"}
    codes, results = (f"{PAGE}/birth_bundle/sua/{path}" for path in ("portal_codes", "results"))
    refused = send(admin, codes, **typed, words="ba nghìn")
    assert refused.status_code == 422
    assert "Ghi mã như trên Cổng, ví dụ 1.001193; có nhiều mã thì cách nhau bằng dấu phẩy." in refused.text
    assert 'value="ba nghìn"' in refused.text
    assert send(admin, codes, **typed, words="3.000722, 3.000723").status_code == 302
    papers = ("Giấy khai sinh", "Thông báo thường trú", "Thẻ", "Thẻ căn cước")
    assert "Ghi 4 dòng" in send(admin, results, **typed, words="Giấy khai sinh").text
    assert send(admin, results, **typed, words="\n".join(papers)).status_code == 302
    version = in_force(session, "birth_bundle", world.tra_cu, date(2026, 11, 17)).version
    assert version.portal_codes == ("3.000722", "3.000723")
    assert tuple(part.result_paper for part in version.parts) == papers


def test_whether_both_must_be_there_is_corrected_and_the_hand_over_asks_no_more(
    admin: FlaskClient, session: Session, world: World
) -> None:
    """From 1/3/2027 nobody has read the new law: an office that has says so, and cases of before keep their rule."""
    march = date(2027, 3, 1)
    path = f"{PAGE}/marriage_mobile/sua/both_present?ngay=2027-03-01"
    typed = TYPED | {"source": "Luật Hộ tịch 2026 điều 20", "certainty": "A"}
    typed |= {"starts_on_day": "1", "starts_on_month": "3", "starts_on_year": "2027"}
    unsaid = send(admin, path, **typed)
    assert (unsaid.status_code, "Ông/bà chọn có hoặc không." in unsaid.text) == (422, True)
    assert send(admin, path, **typed, holds="no").status_code == 302
    version = in_force(session, "marriage_mobile", world.tra_cu, march).version
    item = item_of(version, "both_present")
    assert item is not None
    assert (version.both_present, item.words) == (False, ("Không buộc hai bên cùng có mặt.",))
    assert (item.source, item.certainty) == ("Luật Hộ tịch 2026 điều 20", "A")
    page = admin.get(f"{PAGE}?ngay=2027-03-01&don-vi=29461").text
    assert "Không buộc hai bên cùng có mặt." in page
    assert in_force(session, "marriage_mobile", world.tra_cu, date(2027, 2, 28)).version.both_present
    with clock.travelling(datetime(2027, 3, 1, 9, tzinfo=clock.ZONE)):
        case_id = ask(session, world, MARRIAGE).case_id
        door = door_of(session, world, case_id)
        why = replace(
            door.eligibility, note="Cô dâu đang điều trị tại nhà", decided_by="Nguyễn Văn Hường, Chủ tịch"
        )
        receive(session, world, case_id, door=replace(door, eligibility=why))
        register(session, world, case_id)
        assert not case_page(session, world.officer, case_id).rules.both_present
        deliver(session, world, case_id, both_present=False)
        page_now = case_page(session, world.officer, case_id)
    assert (page_now.state, page_now.both_present) == ("delivered", None)


def test_a_correction_of_what_is_gone_says_on_every_page_that_it_does_nothing(
    admin: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 11, 17)
    asked = next(
        rule for rule in catalogue.version_on("birth_bundle", day).never_ask if rule.certainty in "CD"
    )
    rule_id = service.correct_rule(
        session,
        world.administrator,
        unit_id=world.province,
        procedure="birth_bundle",
        path=f"never_ask.{asked.what}",
        correction=Correction({"words": "Không hỏi nữa."}, "NĐ 301/2026 điều 4", "B", day),
    )
    session.commit()
    tables = catalogue.procedure_of("birth_bundle").model_dump(mode="json")
    for one in tables["versions"]:
        one["never_ask"] = [rule for rule in one["never_ask"] if rule["what"] != asked.what]
    newer = {**catalogue.catalogue(), "birth_bundle": Procedure.model_validate(tables)}
    monkeypatch.setattr(catalogue, "catalogue", lambda: newer)
    own = admin.get(f"{PAGE}/rieng/{rule_id}").text
    assert "Danh mục mới không còn quy định này, nên phần sửa không còn tác dụng." in own
    assert "Dùng quy định mới" not in own
    assert "không còn trong danh mục: " in admin.get(ALARMS).text
    rules = admin.get(f"{PAGE}?ngay=2026-11-17").text
    assert "Phần sửa không còn tác dụng." in rules
    assert "Quy định riêng vẫn áp dụng" not in rules


def test_a_person_sees_both_and_chooses(
    admin: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Correction(
        {"kind": "working_days", "days": 2, "verification_days": None},
        "Công văn 12/STP",
        "C",
        date(2026, 11, 2),
    )
    rule_id = service.correct_rule(
        session,
        world.administrator,
        unit_id=world.province,
        procedure="birth_bundle",
        path="parts.health_insurance.limit",
        correction=made,
    )
    session.commit()
    path = f"{PAGE}/rieng/{rule_id}"
    assert "Danh mục mới nói khác" not in admin.get(path).text
    upgraded(monkeypatch, "C")
    assert "Danh mục mới nói khác với quy định riêng" in admin.get(PAGE).text
    both = admin.get(path).text
    assert "Trong 02 ngày làm việc." in both
    assert "Trong 04 ngày làm việc." in both
    assert send(admin, path, take_shipped="1").status_code == 302
    assert insurance(session, world) == (2, 4)
    assert "Danh mục mới nói khác" not in admin.get(path).text


def test_what_a_newer_catalogue_contradicts_rings_until_a_person_chooses(
    admin: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"kind": "working_days", "days": 2, "verification_days": None}
    rule_id = service.correct_rule(
        session,
        world.administrator,
        unit_id=world.province,
        procedure="birth_bundle",
        path="parts.health_insurance.limit",
        correction=Correction(values, "NĐ 301/2026 điều 9", "B", date(2026, 11, 16)),
    )
    session.commit()
    rings = "Danh mục mới nói khác quy định đơn vị đã sửa"
    assert rings not in admin.get(ALARMS).text
    assert "civreg_rules_overtaken 0.0" in admin.get("/metrics").text
    upgraded(monkeypatch, "C")
    page = admin.get(ALARMS).text
    assert rings in page
    assert f'href="{PAGE}/rieng/{rule_id}"' in page
    assert rings in admin.get("/quan-tri").text
    measured = admin.get("/metrics").text
    assert "civreg_rules_overtaken 1.0" in measured
    assert 'civreg_alarm{code="rules"} 1.0' in measured
    assert send(admin, f"{PAGE}/rieng/{rule_id}", keep="1").status_code == 302
    assert rings not in admin.get(ALARMS).text


def test_an_open_year_rings_in_the_alarms_and_the_metrics(
    admin: FlaskClient, session: Session, world: World
) -> None:
    page = admin.get(ALARMS).text
    assert "Lịch nghỉ của năm nay hoặc năm sau chưa xác nhận" in page
    assert 'href="/quan-tri/lich-nghi?nam=2027">Xác nhận lịch nghỉ năm 2027</a>' in page
    assert "civreg_calendar_open_years 1.0" in admin.get("/metrics").text
    deadlines.confirm_year(session, world.administrator, 2027, "TB 6150/TB-BNV ngày 1/12/2026")
    session.commit()
    assert "Lịch nghỉ của năm nay" not in admin.get(ALARMS).text
    assert "civreg_calendar_open_years 0.0" in admin.get("/metrics").text


def insurance(session: Session, world: World) -> tuple[int | None, int | None]:
    """The limit of the insurance card for papers of yesterday and of today."""
    found = []
    for day in (date(2026, 11, 15), date(2026, 11, 16)):
        version = in_force(session, "birth_bundle", world.tra_cu, day).version
        found.append(next(part.limit.days for part in version.parts if part.code == "health_insurance"))
    return found[0], found[1]


def test_a_rule_is_ended_and_a_day_before_it_is_refused(
    admin: FlaskClient, session: Session, world: World
) -> None:
    decision = Decision(3, "5/QĐ-UBND", date(2026, 11, 2), date(2026, 11, 9))
    rule_id: UUID = service.set_shorter_limit(
        session, world.administrator, unit_id=world.tra_cu, procedure="birth_mobile", decision=decision
    )
    session.commit()
    path = f"{PAGE}/rieng/{rule_id}"
    wrong = send(admin, path, ends_on_day="1", ends_on_month="11", ends_on_year="2026")
    assert (wrong.status_code, "Ghi từ ngày 9/11/2026, ngày quy định này bắt đầu." in wrong.text) == (
        422,
        True,
    )
    assert send(admin, path, ends_on_day="20", ends_on_month="11", ends_on_year="2026").status_code == 302
    limits = [
        in_force(session, "birth_mobile", world.tra_cu, day).version.main_part.limit.office_days
        for day in (date(2026, 11, 20), date(2026, 11, 21))
    ]
    assert limits == [3, None]


def test_a_coming_version_is_corrected_on_its_own_day(
    admin: FlaskClient, session: Session, world: World
) -> None:
    page = admin.get(f"{PAGE}?ngay=2027-03-02").text
    assert f"{PAGE}/birth_at_home/sua/parts.birth.limit?ngay=2027-03-02" in page
    path = f"{PAGE}/birth_at_home/sua/parts.birth.limit?ngay=2027-03-02"
    form = admin.get(path).text
    assert "Luật Hộ tịch 2026 có hiệu lực từ 1/3/2027" in form
    typed = TYPED | {
        "kind": "working_hours",
        "days": "8",
        "source": "Nghị định hướng dẫn điều 5",
        "certainty": "B",
    }
    typed |= {"starts_on_day": "2", "starts_on_month": "3", "starts_on_year": "2027"}
    assert send(admin, path, **typed).status_code == 302
    limit = in_force(session, "birth_at_home", world.tra_cu, date(2027, 3, 2)).version.main_part.limit
    assert (limit.kind, limit.hours) == ("working_hours", 8)
    before = in_force(session, "birth_at_home", world.tra_cu, date(2026, 11, 17)).version.main_part.limit
    assert before.kind == "same_day", "today's version stays"


def test_a_sentence_that_is_not_sure_is_written_anew_from_the_words_that_stand(
    admin: FlaskClient, session: Session, world: World
) -> None:
    path = f"{PAGE}/birth_at_home/sua/who?ngay=2027-03-02"
    form = admin.get(path).text
    assert "Mỗi câu một dòng" in form
    assert "Cha hoặc mẹ của bé.\nÔng, bà hoặc người thân khác" in form
    typed = TYPED | {"words": "", "source": "Nghị định hướng dẫn điều 4", "certainty": "B"}
    typed |= {"starts_on_day": "2", "starts_on_month": "3", "starts_on_year": "2027"}
    refused = send(admin, path, **typed)
    assert (refused.status_code, "Ghi mỗi câu một dòng." in refused.text) == (422, True)
    answer = send(admin, path, **typed | {"words": "Cha, mẹ của bé.\r\nCơ sở nuôi bé"})
    assert answer.status_code == 302
    shown = admin.get(answer.location).text
    assert "Cha, mẹ của bé.<br>Cơ sở nuôi bé." in shown
    assert "Nghị định hướng dẫn điều 4" in shown
    rules = in_force(session, "birth_at_home", world.tra_cu, date(2027, 3, 2)).version
    assert rules.who_may_ask == ("Cha, mẹ của bé.", "Cơ sở nuôi bé.")
