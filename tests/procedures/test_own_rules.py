"""Quy định riêng: a unit's shorter limit and corrections, from the page's service to the promise of a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.models import Case
from civreg.cases.queries import case_page, frozen_rules
from civreg.cases.queries.images import images_of
from civreg.deadlines.queries import deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.procedures import catalogue, service
from civreg.procedures.queries import frozen, in_force, override_by_id, shipped_beside
from civreg.procedures.rules import (
    SHORTER_LIMIT,
    Amendment,
    Procedure,
    ProcedureVersion,
    amended,
    item_of,
    items_of,
)
from civreg.procedures.service import Correction, Decision
from civreg.shared import clock
from civreg.shared.errors import InvalidInput, NotAllowed, NotFound, Refusal
from tests.world import MONDAY, World, ask, build_world, receive

TUESDAY = date(2026, 11, 17)
DECISION = Decision(3, "2661/QĐ-UBND", date(2026, 11, 10), TUESDAY)
INSURANCE = "parts.health_insurance.limit"
TWO_DAYS = Correction(
    {"kind": "working_days", "days": 2, "verification_days": None}, "NĐ 301/2026 điều 9", "B", TUESDAY
)


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def shorten(session: Session, world: World, unit_id: int, decision: Decision = DECISION) -> UUID:
    return service.set_shorter_limit(
        session, world.administrator, unit_id=unit_id, procedure="birth_mobile", decision=decision
    )


def correct(session: Session, world: World, made: Correction = TWO_DAYS, path: str = INSURANCE) -> UUID:
    return service.correct_rule(
        session,
        world.administrator,
        unit_id=world.province,
        procedure="birth_bundle",
        path=path,
        correction=made,
    )


def received(session: Session, world: World, at: datetime) -> UUID:
    """Ask for a mobile registration and take its papers at that moment."""
    with clock.travelling(at):
        case_id = ask(session, world, procedure="birth_mobile").case_id
        receive(session, world, case_id, at)
    return case_id


def upgraded(monkeypatch: pytest.MonkeyPatch, certainty: str) -> None:
    """Let a later catalogue know the limit of the insurance card."""
    shipped = catalogue.procedure_of("birth_bundle")
    tables = shipped.model_dump(mode="json")
    for version in tables["versions"]:
        for part in version["parts"]:
            if (version["id"], part["code"]) == ("birth_bundle@2026-09-01", "health_insurance"):
                part |= {"source": "NĐ 301/2026 điều 9 khoản 2", "certainty": certainty}
                part["limit"] |= {"kind": "working_days", "days": 4, "why": ""}
    newer = {**catalogue.catalogue(), "birth_bundle": Procedure.model_validate(tables)}
    monkeypatch.setattr(catalogue, "catalogue", lambda: newer)


def test_a_decision_of_the_province_shortens_the_promise_of_its_communes_from_its_day(
    session: Session, world: World
) -> None:
    shorten(session, world, world.province)
    for unit_id in (world.tra_cu, world.dai_an):
        before = in_force(session, "birth_mobile", unit_id, MONDAY.date()).version.main_part.limit
        after = in_force(session, "birth_mobile", unit_id, TUESDAY).version.main_part.limit
        assert (before.office_days, after.office_days, after.days) == (None, 3, 5)


def test_the_nearest_unit_s_decision_counts_and_of_one_unit_the_latest(
    session: Session, world: World
) -> None:
    shorten(session, world, world.province)
    shorten(session, world, world.tra_cu, Decision(2, "5/QĐ-UBND", date(2026, 11, 12), TUESDAY))
    later = date(2026, 12, 1)
    shorten(session, world, world.tra_cu, Decision(4, "9/QĐ-UBND", date(2026, 11, 13), later))
    days = {
        (unit_id, day): in_force(session, "birth_mobile", unit_id, day).version.main_part.limit.office_days
        for unit_id in (world.tra_cu, world.dai_an)
        for day in (TUESDAY, later)
    }
    assert days == {
        (world.tra_cu, TUESDAY): 2,
        (world.dai_an, TUESDAY): 3,
        (world.tra_cu, later): 4,
        (world.dai_an, later): 3,
    }


@pytest.mark.parametrize(
    ("procedure", "days", "field", "sentence"),
    [
        (
            "birth_mobile",
            5,
            "days",
            "Thời hạn riêng phải ngắn hơn thời hạn theo luật (05 ngày làm việc). Ông/bà ghi từ 1 đến 4.",
        ),
        (
            "birth_at_home",
            1,
            "days",
            "Luật đã buộc trả kết quả ngay trong ngày nên không rút ngắn thêm được.",
        ),
        (
            "construction_tax_support",
            3,
            "days",
            "Pháp luật không đặt thời hạn cho việc này nên không có gì để rút ngắn.",
        ),
        ("birth_mobile", 0, "days", "Ông/bà ghi từ 1 ngày làm việc."),
    ],
)
def test_a_limit_that_is_not_shorter_is_refused(
    session: Session, world: World, procedure: str, days: int, field: str, sentence: str
) -> None:
    decision = Decision(days, "2661/QĐ-UBND", date(2026, 11, 10), TUESDAY)
    with pytest.raises(InvalidInput) as refused:
        service.set_shorter_limit(
            session, world.administrator, unit_id=world.tra_cu, procedure=procedure, decision=decision
        )
    assert refused.value.fields == {field: sentence}


def test_a_decision_needs_its_number_and_days_in_order(session: Session, world: World) -> None:
    wrong = Decision(3, "  ", date(2026, 11, 20), TUESDAY, MONDAY.date())
    with pytest.raises(InvalidInput) as refused:
        shorten(session, world, world.tra_cu, wrong)
    assert refused.value.fields == {
        "number": "Ghi số của quyết định, ví dụ 2661/QĐ-UBND.",
        "starts_on": "Ngày áp dụng không sớm hơn ngày của quyết định.",
        "ends_on": "Ngày cuối không sớm hơn ngày bắt đầu.",
    }
    with pytest.raises(NotAllowed):
        service.set_shorter_limit(
            session, world.officer, unit_id=world.tra_cu, procedure="birth_mobile", decision=DECISION
        )


def test_a_case_is_promised_by_the_decision_of_its_reception_and_keeps_it(
    session: Session, world: World
) -> None:
    at = datetime(2026, 11, 17, 9, tzinfo=clock.ZONE)
    rule_id = shorten(session, world, world.province)
    with clock.travelling(at + timedelta(hours=1)):
        case_id = received(session, world, at)
        page = case_page(session, world.officer, case_id)
        assert page.promised_on == date(2026, 11, 20)
        assert page.rules.main_part.limit.office_days == 3
        (part,) = [row for row in deadlines_of(session, case_id) if row.kind == "part"]
        said = "Đơn vị rút còn 03 ngày làm việc theo Quyết định số 2661/QĐ-UBND ngày 10/11/2026."
        assert said in [reason_sentence(reason) for reason in part.reasons]
        service.end_override(session, world.administrator, rule_id, TUESDAY)
    with clock.travelling(at + timedelta(days=1, hours=1)):
        assert case_page(session, world.officer, case_id).rules.main_part.limit.office_days == 3
        next_day = received(session, world, at + timedelta(days=1))
        assert case_page(session, world.officer, next_day).promised_on == date(2026, 11, 26)


def test_what_cases_froze_alike_is_read_once_and_each_keeps_its_own(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 17, 9, tzinfo=clock.ZONE)
    before = received(session, world, MONDAY)
    shorten(session, world, world.province)
    after = [received(session, world, at) for _ in range(3)]
    read: list[object] = []

    def noted(*given: Any) -> ProcedureVersion:
        read.append(given)
        return frozen(*given)

    monkeypatch.setattr(frozen_rules, "frozen", noted)
    rows = session.scalars(select(Case).where(Case.id.in_([before, *after])))
    found = frozen_rules.rules_of_each(session, rows)
    assert len(read) == 2
    days = {case_id: rules.main_part.limit.office_days for case_id, rules in found.items()}
    assert days == {before: None, **dict.fromkeys(after, 3)}


def test_an_unsure_value_is_corrected_with_a_source_until_the_law_changes(
    session: Session, world: World
) -> None:
    correct(session, world)
    rules = in_force(session, "birth_bundle", world.tra_cu, TUESDAY)
    part = next(part for part in rules.version.parts if part.code == "health_insurance")
    assert (part.limit.kind, part.limit.days, part.limit.after_part) == ("working_days", 2, "birth")
    assert (part.source, part.certainty, part.limit.why) == ("NĐ 301/2026 điều 9", "B", "")
    row = rules.override_of(INSURANCE)
    assert row is not None
    assert row.ends_on == date(2027, 2, 28)
    march = in_force(session, "birth_bundle", world.tra_cu, date(2027, 3, 1))
    assert march.overrides == ()
    acts = session.scalars(text("SELECT action FROM audit ORDER BY id DESC LIMIT 1")).all()
    assert acts == ["procedure.rule_corrected"]


def test_fewer_parts_have_the_shorter_limit_of_the_law_and_of_the_office() -> None:
    """TTLT 05/2015: 20 working days, 15 for birth and card; an office's decision is never longer than either."""
    version = catalogue.version_on("birth_bundle", date(2018, 1, 8))
    two, path = ("birth", "health_insurance"), "overall.fewer.birth+health_insurance"

    def days(*made: Amendment) -> tuple[int | None, int | None]:
        whole = amended(version, made).with_parts(two).overall
        assert whole is not None
        return whole.days, whole.office_days

    def decided(days: int) -> Amendment:
        return Amendment(SHORTER_LIMIT, {"days": days}, "Quyết định số 5", "A")

    assert days() == (15, None)
    assert [days(decided(17)), days(decided(10))] == [(15, None), (15, 10)]
    assert days(Amendment(path, {"days": 12}, "QĐ 1299", "A")) == (12, None)
    assert days(Amendment("overall.limit", {"kind": "working_days", "days": 9}, "QĐ 7", "A")) == (9, None)
    item = item_of(version, path)
    assert item is not None
    assert (item.title, item.words) == (
        "Thời hạn cả hồ sơ khi chỉ làm Đăng ký khai sinh, Cấp thẻ bảo hiểm y tế",
        ("Trong 15 ngày làm việc.",),
    )


def test_a_confirmed_value_is_not_corrected(session: Session, world: World) -> None:
    with pytest.raises(Refusal) as refused:
        correct(session, world, path="parts.birth.limit")
    assert refused.value.sentence == (
        "Quy định này đã xác nhận (độ tin cậy A, Luật Hộ tịch số 60/2014/QH13 điều 5 khoản 3, điều 16 khoản 2) nên không sửa ở đây được. "
        "Khi luật đổi, danh mục giao kèm có phiên bản mới."
    )
    with pytest.raises(NotFound):
        correct(session, world, path="parts.nothing.limit")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "working_days", "days": None, "verification_days": None}, "days"),
        ({"kind": "working_days", "days": 91, "verification_days": None}, "days"),
        ({"kind": "some_day", "days": 2, "verification_days": None}, "kind"),
        ({"kind": "working_days", "days": 5, "verification_days": 5}, "verification_days"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    session: Session, world: World, values: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        correct(session, world, Correction(values, "", "B", TUESDAY))
    assert set(refused.value.fields) == {field, "source"}


@pytest.mark.parametrize("path", sorted({
    item.path
    for procedure in catalogue.catalogue().values()
    for item in items_of(procedure.on(TUESDAY))
    if item.correctable
}))  # fmt: skip
def test_every_unsure_value_can_be_corrected_and_reaches_the_rules(
    session: Session, world: World, path: str
) -> None:
    code = next(
        code
        for code, procedure in catalogue.catalogue().items()
        if any(item.path == path and item.correctable for item in items_of(procedure.on(TUESDAY)))
    )
    said = {"results": "\n".join(["Giấy"] * 4), "portal_codes": "1.001193"}.get(path, "12.000 đồng")
    values = {"kind": "working_days", "days": 7, "verification_days": None, "words": said}
    service.correct_rule(
        session,
        world.administrator,
        unit_id=world.tra_cu,
        procedure=code,
        path=path,
        correction=Correction(values, "Nghị quyết số 5/NQ-HĐND", "A", TUESDAY),
    )
    (now,) = [
        item for item in items_of(in_force(session, code, world.tra_cu, TUESDAY).version) if item.path == path
    ]
    assert (now.source, now.certainty) == ("Nghị quyết số 5/NQ-HĐND", "A")
    assert now.words in (("Trong 07 ngày làm việc.",), (f"{said}.",), ("Giấy.",) * 4) or said in now.words[0]
    assert (now.path, now.legal_basis) == (path, ()), "the office's own value has the office's source only"


@pytest.mark.parametrize("day", [TUESDAY, date(2027, 3, 1)])
def test_whatever_is_not_sure_can_be_corrected(day: date) -> None:
    for procedure in catalogue.catalogue().values():
        for item in items_of(procedure.on(day)):
            if item.certainty in ("C", "D"):
                assert item.correctable, (procedure.code, item.path)


def test_results_codes_remark_and_checks_read_as_the_office_wrote_them(
    session: Session, world: World
) -> None:
    march = date(2027, 3, 1)

    def write(procedure: str, path: str, words: str) -> None:
        made = Correction({"words": words}, "Thông tư số 9/2027/TT-BTP", "A", march)
        service.correct_rule(
            session,
            world.administrator,
            unit_id=world.tra_cu,
            procedure=procedure,
            path=path,
            correction=made,
        )

    write("death_mobile", "results", "Trích lục khai tử")
    write("death_mobile", "portal_codes", "1.000419, 1.000656")
    write("death_mobile", "register_remark", "Đăng ký lưu động tại nhà")
    write("birth_mobile", "warnings.young_mother", "Mẹ dưới 18 tuổi: gọi trước.")
    death = in_force(session, "death_mobile", world.tra_cu, march).version
    assert death.main_part.result_paper == "Trích lục khai tử"
    assert death.portal_codes == ("1.000419", "1.000656")
    assert death.register_remark == "Đăng ký lưu động tại nhà"
    for path in ("results", "portal_codes", "register_remark"):
        item = item_of(death, path)
        assert item is not None
        assert (item.source, item.certainty) == ("Thông tư số 9/2027/TT-BTP", "A")
    birth = in_force(session, "birth_mobile", world.tra_cu, march).version
    assert [one.words for one in birth.warnings if one.code == "young_mother"] == [
        "Mẹ dưới 18 tuổi: gọi trước."
    ]
    for path, words, sentence in (
        (
            "portal_codes",
            "không rõ",
            "Ghi mã như trên Cổng, ví dụ 1.001193; có nhiều mã thì cách nhau bằng dấu phẩy.",
        ),
        (
            "results",
            "Giấy chứng tử\nBiên lai",
            "Ghi 1 dòng, mỗi dòng tên giấy tờ của một thủ tục, theo thứ tự: Đăng ký khai tử lưu động.",
        ),
    ):
        with pytest.raises(InvalidInput) as refused:
            write("death_mobile", path, words)
        assert refused.value.fields == {"words": sentence}


def test_a_paper_and_who_may_ask_read_as_the_office_wrote_them_where_the_case_is_shown(
    session: Session, world: World
) -> None:
    """Of a bundle from 1/9/2026 the papers are only cited (C): a commune that read the decree writes what it says."""
    told = Correction({"words": "Sổ hộ khẩu điện tử của cha mẹ"}, "NĐ 301/2026 điều 5", "B", MONDAY.date())
    correct(session, world, told, "papers.residence_consent")
    who = Correction({"words": "Cha hoặc mẹ.\n\nNgười nuôi bé"}, "NĐ 301/2026 điều 4", "B", MONDAY.date())
    with pytest.raises(Refusal, match="đã xác nhận"):
        correct(session, world, who, "who")
    case_id = ask(session, world, procedure="birth_bundle").case_id
    page = case_page(session, world.officer, case_id)
    assert "Sổ hộ khẩu điện tử của cha mẹ." in [paper.title for paper in page.papers]
    titles = [title for _, title in images_of(session, world.officer, case_id).papers]
    assert "Sổ hộ khẩu điện tử của cha mẹ." in titles
    march = date(2027, 3, 1)
    correct(session, world, replace(who, starts_on=march), "who")
    rules = in_force(session, "birth_bundle", world.tra_cu, march).version
    assert rules.who_may_ask == ("Cha hoặc mẹ.", "Người nuôi bé.")
    (item,) = [item for item in items_of(rules) if item.path == "who"]
    assert (item.source, item.certainty) == ("NĐ 301/2026 điều 4", "B")


def test_a_newer_catalogue_wins_only_when_a_person_says_so(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule_id = correct(session, world)
    row = override_by_id(session, rule_id)
    assert row is not None
    assert shipped_beside(row, TUESDAY) is None
    with pytest.raises(Refusal, match="không khác bản ông/bà đã xem"):
        service.keep_own(session, world.administrator, rule_id)
    upgraded(monkeypatch, "C")
    beside = shipped_beside(row, TUESDAY)
    assert beside is not None
    assert (beside.words, beside.source) == (("Trong 04 ngày làm việc.",), "NĐ 301/2026 điều 9 khoản 2")

    def insurance(day: date) -> int | None:
        version = in_force(session, "birth_bundle", world.tra_cu, day).version
        return next(part.limit.days for part in version.parts if part.code == "health_insurance")

    assert insurance(TUESDAY) == 2, "nobody has looked at both yet"
    service.keep_own(session, world.administrator, rule_id)
    kept = override_by_id(session, rule_id)
    assert kept is not None
    assert shipped_beside(kept, TUESDAY) is None
    assert insurance(TUESDAY) == 2
    upgraded(monkeypatch, "A")
    with pytest.raises(Refusal) as refused:
        service.keep_own(session, world.administrator, rule_id)
    assert refused.value.sentence == (
        "Danh mục mới đã xác nhận quy định này (độ tin cậy A). Ông/bà dùng quy định mới."
    )
    service.end_override(session, world.administrator, rule_id, TUESDAY)
    assert [insurance(day) for day in (TUESDAY, date(2026, 11, 18))] == [2, 4]


def test_another_unit_s_rule_is_not_there(session: Session, world: World) -> None:
    rule_id = shorten(session, world, world.tra_cu)
    for act in (
        lambda: service.end_override(session, world.officer, rule_id, TUESDAY),
        lambda: service.keep_own(session, world.stranger, rule_id),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(InvalidInput) as refused:
        service.end_override(session, world.administrator, rule_id, date(2026, 11, 1))
    assert refused.value.fields == {"ends_on": "Ghi từ ngày 17/11/2026, ngày quy định này bắt đầu."}
    assert in_force(session, "birth_mobile", world.tra_cu, TUESDAY).override_of(SHORTER_LIMIT) is not None


def test_the_family_s_last_day_is_counted_afresh_by_what_the_office_had_set(
    session: Session, world: World
) -> None:
    """From 1/3/2027 the law's days are not confirmed; an office that read them wrote 60, and the case froze that."""
    asked_at = datetime(2027, 3, 2, 9, 0, tzinfo=clock.ZONE)
    with clock.travelling(asked_at):
        sixty = Correction({"days": 60}, "Luật Hộ tịch 2026 điều 12", "A", asked_at.date())
        service.correct_rule(
            session,
            world.administrator,
            unit_id=world.tra_cu,
            procedure="birth_at_home",
            path="citizen_deadline.days",
            correction=sixty,
        )
        case_id = ask(session, world).case_id
        opened = case_page(session, world.officer, case_id)
        cases.change_case(
            session,
            world.officer,
            case_id,
            expected_version=opened.version,
            before=opened.fields,
            sent={
                **opened.fields,
                "child.birth_day": "15",
                "child.birth_month": "2",
                "child.birth_year": "2027",
            },
        )
        page = case_page(session, world.officer, case_id)
    # 60 days after 15/2/2027 is Friday 16/4, Giỗ Tổ of that year: Monday is the next working day.
    assert page.citizen_due_on == date(2027, 4, 19)
