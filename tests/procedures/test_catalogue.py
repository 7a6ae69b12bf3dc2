from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from civreg.procedures.catalogue import (
    CatalogueError,
    catalogue,
    procedure_of,
    read_procedure,
    version_by_id,
    version_on,
)
from civreg.procedures.checks import CHECKS
from civreg.procedures.rules import Limit, Procedure, ProcedureVersion, limit_sentence
from civreg.shared.errors import Refusal

CODES = {
    "birth_at_home",
    "birth_mobile",
    "birth_bundle",
    "death_at_home",
    "death_mobile",
    "death_bundle",
    "marriage_mobile",
    "construction_tax_support",
}
VERSIONS = [version for procedure in catalogue().values() for version in procedure.versions]
TODAY = date(2026, 11, 24)


def test_all_eight_procedures_are_shipped() -> None:
    assert set(catalogue()) == CODES


@pytest.mark.parametrize("procedure", catalogue().values(), ids=lambda procedure: procedure.code)
def test_versions_have_no_gap_and_reach_today_and_beyond(procedure: Procedure) -> None:
    for earlier, later in zip(procedure.versions, procedure.versions[1:], strict=False):
        assert earlier.effective_to == later.effective_from - timedelta(days=1)
    assert procedure.versions[-1].effective_to is None
    assert procedure.on(TODAY).effective_from <= TODAY


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
def test_every_version_can_be_read_by_a_family(version: ProcedureVersion) -> None:
    sentences = [
        *version.who_may_ask,
        *(rule.sentence for rule in version.never_ask),
        *(paper.advice for paper in version.papers if paper.advice),
        version.competent.words,
        version.cost,
        *(paper.title for paper in version.papers),
    ]
    assert all(sentence.endswith(".") and len(sentence) > 5 for sentence in sentences)
    assert version.title_vi[0].isupper()
    assert set(version.checks) <= set(CHECKS)
    assert version_by_id(version.id) == version
    for part in version.parts:
        assert limit_sentence(part.limit).endswith(".")


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
def test_a_rule_without_a_read_text_is_not_marked_as_sure(version: ProcedureVersion) -> None:
    for part in version.parts:
        if part.limit.kind in ("unconfirmed", "none"):
            assert part.certainty == "D"
        elif part.certainty == "A":
            assert part.limit.provisional == ""
    if version.overall is not None and version.overall.provisional:
        assert version.overall.certainty == "D"
    if version.citizen_deadline is not None and version.citizen_deadline.days is None:
        assert version.citizen_deadline.certainty == "D"


def test_mobile_registration_is_not_delivery_at_home() -> None:
    for code in ("birth_mobile", "death_mobile", "marriage_mobile"):
        version = version_on(code, TODAY)
        assert (version.form, version.register_remark) == ("mobile", "Đăng ký lưu động")
        assert (version.main_part.limit.kind, version.main_part.limit.days) == ("working_days", 5)
    for code in ("birth_at_home", "death_at_home"):
        version = version_on(code, TODAY)
        assert (version.form, version.register_remark) == ("ordinary", "")
        assert version.main_part.limit.kind == "same_day"


def test_letters_and_numbers_follow_the_occasion() -> None:
    letters = {code: version_on(code, TODAY).letter for code in CODES}
    assert letters == {
        "birth_at_home": "congratulation_birth",
        "birth_mobile": "congratulation_birth",
        "birth_bundle": "congratulation_birth",
        "death_at_home": "condolence",
        "death_mobile": "condolence",
        "death_bundle": "condolence",
        "marriage_mobile": "congratulation_marriage",
        "construction_tax_support": None,
    }
    assert {code for code in CODES if version_on(code, TODAY).needs_personal_number} == {
        "birth_at_home",
        "birth_mobile",
        "birth_bundle",
    }


def test_the_death_paper_changes_its_name_on_the_first_of_march_2027() -> None:
    before, after = (version_on("death_at_home", day) for day in (date(2027, 2, 28), date(2027, 3, 1)))
    assert before.main_part.result_paper == "Trích lục khai tử"
    assert after.main_part.result_paper == "Giấy chứng tử"


def test_families_have_sixty_and_fifteen_days() -> None:
    birth, death = version_on("birth_at_home", TODAY), version_on("death_mobile", TODAY)
    assert birth.citizen_deadline is not None
    assert death.citizen_deadline is not None
    assert (birth.citizen_deadline.days, birth.citizen_deadline.counts_from) == (60, "birth")
    assert (death.citizen_deadline.days, death.citizen_deadline.counts_from) == (15, "death")
    assert version_on("marriage_mobile", TODAY).citizen_deadline is None


@pytest.mark.parametrize(
    ("day", "free"),
    [("2026-08-14", False), ("2026-08-15", True), ("2027-02-28", True), ("2027-03-01", False)],
)
@pytest.mark.parametrize("code", sorted(CODES - {"construction_tax_support"}))
def test_copies_are_free_and_fees_asked_online_are_nothing_for_half_a_year(
    code: str, day: str, free: bool
) -> None:
    """NQ 66.22/2026/NQ-CP from 15/8/2026 to 28/2/2027; a mobile registration is never asked for online (DVCQG: DIRECT)."""
    version = version_on(code, date.fromisoformat(day))
    cost, *reliefs = version.costs_on(date.fromisoformat(day))
    copies = (
        "Công dân số được cấp bản sao trích lục miễn phí; bình thường là 8.000 đồng một bản "
        "(từ 15/8/2026 đến hết 28/2/2027)."
    )
    online = (
        "Công dân có tài khoản VNeID mức 2 làm trực tuyến: 0 đồng đối với một số lệ phí hộ tịch; "
        "xã báo cụ thể khi gọi (từ 15/8/2026 đến hết 28/2/2027)."
    )
    expected = [copies] if version.form == "mobile" else [copies, online]
    assert (cost, reliefs) == (version.cost, expected if free else [])


def test_marriage_needs_both_and_assistance_has_its_own_flow() -> None:
    assert version_on("marriage_mobile", TODAY).both_present
    assert version_on("construction_tax_support", TODAY).flow == "assistance"


def test_flags_are_those_that_change_a_limit() -> None:
    assert version_on("birth_bundle", date(2020, 1, 1)).flags == {"incomplete", "remote"}
    assert version_on("birth_bundle", TODAY).flags == {"verification"}
    assert version_on("birth_at_home", TODAY).flags == {"recognition", "verification"}
    assert version_on("birth_mobile", TODAY).flags == {"recognition", "verification"}
    assert version_on("death_mobile", TODAY).flags == frozenset()


def test_what_a_family_may_leave_out_of_a_bundle() -> None:
    for code, optional in (
        ("birth_bundle", {"residence", "health_insurance", "identity_card"}),
        ("death_bundle", {"burial_support", "survivor_benefit"}),
    ):
        for version in procedure_of(code).versions:
            left = {part.code for part in version.parts if part.optional}
            assert left == optional & {part.code for part in version.parts}
            assert version.choice is not None
            assert version.choice.at_least == 2
            assert version.choice_problem(left) == ("" if code == "death_bundle" else version.choice.words)
            assert version.choice_problem(()) == ""


def test_circumstances_bring_their_papers_and_take_others_away() -> None:
    birth, death = version_on("birth_at_home", TODAY), version_on("death_at_home", TODAY)
    assert [paper.code for paper in birth.papers_when(())] == ["birth_paper", "identity_paper"]
    assert [paper.code for paper in birth.papers_when({"abandoned"})] == [
        "abandonment_record",
        "identity_paper",
    ]
    recognised = [paper.code for paper in birth.papers_when({"recognition"})]
    assert recognised == ["recognition_evidence", "birth_paper", "identity_paper"]
    own = death.papers_when({"death_paper_by_commune"})
    assert [(paper.code, paper.from_family) for paper in own] == [
        ("own_death_paper", False),
        ("identity_paper", True),
    ]


def test_recognition_is_marked_as_unconfirmed() -> None:
    for procedure in catalogue().values():
        for version in procedure.versions:
            if version.recognition is not None:
                assert (version.recognition.certainty, version.recognition.portal_code) == ("D", "1.000689")


def test_limits_read_in_plain_words() -> None:
    assert limit_sentence(Limit(kind="working_days", days=5)) == "Trong 05 ngày làm việc."
    assert limit_sentence(Limit(kind="same_day")) == (
        "Trong ngày nhận đủ giấy tờ; nhận sau 15 giờ thì vào ngày làm việc tiếp theo."
    )
    assert limit_sentence(Limit(kind="working_days", days=2, verification_days=5)) == (
        "Trong 02 ngày làm việc, 05 khi phải xác minh."
    )
    assert limit_sentence(Limit(kind="unconfirmed", why="chưa đọc văn bản.")) == (
        "Thời hạn chưa xác nhận: chưa đọc văn bản. Xã hẹn ngày khi nhận giấy tờ."
    )


def test_an_unknown_procedure_lists_the_known_ones() -> None:
    with pytest.raises(Refusal) as refusal:
        procedure_of("adoption")
    assert refusal.value.sentence == (
        "Không có thủ tục “adoption”. Các mã dùng được: birth_at_home, birth_bundle, birth_mobile, "
        "construction_tax_support, death_at_home, death_bundle, death_mobile, marriage_mobile."
    )


def test_a_day_before_the_first_version_is_refused_with_the_first_day() -> None:
    with pytest.raises(Refusal) as refusal:
        version_on("death_bundle", date(2018, 10, 17))
    assert refusal.value.sentence == (
        "Thủ tục “Liên thông khai tử, xóa thường trú, mai táng phí, tử tuất” chưa có quy định cho ngày "
        "17/10/2018. Ông/bà chọn ngày từ 18/10/2018."
    )


GOOD = """
code = "sample"
title_vi = "Mẫu"
[[versions]]
effective_from = 2020-01-01
title_vi = "Mẫu"
official_name = "Mẫu"
form = "ordinary"
flow = "registration"
occasion = "birth"
who_may_ask = ["Ai cũng được."]
papers = []
cost = "0 đồng."
needs_personal_number = false
slips = ["appointment_slip"]
report_lines = ["received", "registered"]
questions = ["commune"]
legal_basis = [{ document = "Luật mẫu", article = "điều 1" }]
certainty = "A"
[versions.conflict]
words = "Không đăng ký cho người thân."
legal_basis = [{ document = "Luật mẫu", article = "điều 4" }]
certainty = "A"
[versions.competent]
words = "Bất kỳ xã nào."
legal_basis = [{ document = "Luật mẫu", article = "điều 2" }]
certainty = "A"
[[versions.parts]]
code = "one"
title_vi = "Một"
agency = "Xã"
result_paper = "Giấy"
limit = { kind = "same_day" }
legal_basis = [{ document = "Luật mẫu", article = "điều 1" }]
certainty = "A"
"""


def test_a_new_procedure_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "sample.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_procedure(path).on(TODAY).id == "sample@2020-01-01"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "same_day"', 'kind = "sometimes"', "kind"),
        ('kind = "same_day"', 'kind = "working_days"', "days belongs to"),
        ('kind = "same_day"', 'kind = "unconfirmed"', "says why"),
        ('kind = "same_day"', 'kind = "same_day", after_part = "two"', "waits for a part"),
        ('certainty = "A"', 'certainty = "E"', "certainty"),
        ('flow = "registration"', 'flow = "registration"\nsurprise = 1', "surprise"),
        ('flow = "registration"', 'flow = "registration"\nchecks = ["astrology"]', "astrology"),
        ('code = "sample"', 'code = "other"', "its code is other"),
        ('"appointment_slip"', '"appointment_slip", "birthday_card"', r"unknown slips \['birthday_card'\]"),
        ('"appointment_slip"', '"declaration"', "come together"),
        ('result_paper = "Giấy"', 'result_paper = "Giấy"\noptional = true', "come with a choice"),
        ('"received", "registered"', '"received", "admired"', r"unknown report_lines \['admired'\]"),
        ('"received", "registered"', '"received", "late_registration"', "gives them no days"),
        ('flow = "registration"', 'flow = "assistance"', "registers nothing"),
        ("[versions.conflict]", "[versions.late_fee]", "says who may not do it"),
        (
            '[{ document = "Luật mẫu", article = "điều 1" }]',
            '[]\nread_in = "thực tế ở xã"',
            "names no legal text",
        ),
        ('[{ document = "Luật mẫu", article = "điều 2" }]', "[]", "source"),
        ('[{ document = "Luật mẫu", article = "điều 2" }]', '["Luật mẫu điều 2"]', "write it as a table"),
        (
            '[{ document = "Luật mẫu", article = "điều 2" }]',
            '["Luật Hộ tịch số 60/2014/QH13 điều 99"]',
            "knows no điều 99",
        ),
        (
            'legal_basis = [{ document = "Luật mẫu", article = "điều 1" }]',
            'effective_to = 2021-01-01\nlegal_basis = ["Nghị định số 301/2026/NĐ-CP"]',
            "did not hold",
        ),
        (
            "[versions.competent]",
            '[[versions.fee_reliefs]]\ncode = "gone"\nwords = "0 đồng."\nsince = 2018-01-01\nuntil = 2019-12-31\n'
            'legal_basis = [{ document = "Luật mẫu", article = "điều 3" }]\ncertainty = "A"\n[versions.competent]',
            "fee relief on none of its days",
        ),
        (
            "effective_from = 2020-01-01",
            "effective_from = 2020-01-01\neffective_to = 2019-01-01",
            "ends before",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = tmp_path / "sample.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=named) as fault:
        read_procedure(path)
    assert str(fault.value).startswith("sample.toml")


def test_versions_may_not_overlap() -> None:
    version = version_on("birth_at_home", TODAY)
    with pytest.raises(ValidationError, match="reaches into"):
        Procedure(code="birth_at_home", title_vi="Mẫu", versions=(version, version))


def test_a_version_cannot_be_changed() -> None:
    version = version_on("birth_at_home", TODAY)
    with pytest.raises(ValidationError, match="frozen"):
        version.cost = "Tất cả."  # type: ignore[misc]


def test_what_may_not_be_asked_begins_on_its_own_day() -> None:
    version = version_on("marriage_mobile", date(2025, 1, 9))
    asked = "Giấy xác nhận tình trạng hôn nhân, khi xã tra cứu được."
    assert asked not in version.not_asked_on(date(2025, 1, 8))
    assert asked in version.not_asked_on(date(2025, 1, 9))


@pytest.mark.parametrize("code", sorted(CODES - {"construction_tax_support"}))
def test_from_march_2027_any_commune_may_do_it(code: str) -> None:
    before, after = (version_on(code, day).competent for day in (date(2027, 2, 28), date(2027, 3, 1)))
    assert (before.certainty, after.certainty) == ("A", "C")
    assert after.words == "Bất kỳ xã, phường nào, không phụ thuộc nơi cư trú."
    assert before.words != after.words
