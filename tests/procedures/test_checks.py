from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.procedures.catalogue import catalogue
from civreg.procedures.checks import CHECKS, run_checks
from civreg.procedures.rules import (
    Answers,
    Finding,
    PersonFacts,
    full_age_on,
    marriage_possible_from,
)
from civreg.shared.partial_date import PartialDate

TODAY = date(2026, 11, 24)
UNKNOWN = PartialDate(precision="unknown")


def couple(groom: PartialDate, bride: PartialDate) -> Answers:
    return Answers(
        on=TODAY,
        people=(
            PersonFacts("groom", "Kim Sa Rươne", groom, "male"),
            PersonFacts("bride", "Thạch Thị Sa Rết", bride, "female"),
        ),
    )


def family(event: PartialDate, mother: PartialDate = UNKNOWN, father: PartialDate = UNKNOWN) -> Answers:
    return Answers(TODAY, event, (PersonFacts("mother", birth=mother), PersonFacts("father", birth=father)))


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_check_of_the_folder_is_asked_for_by_some_procedure(name: str) -> None:
    asked = {
        check
        for procedure in catalogue().values()
        for version in procedure.versions
        for check in version.checks
    }
    assert name in asked


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_check_finds_nothing_where_nothing_is_known(name: str) -> None:
    assert CHECKS[name](Answers(TODAY)) == []


@pytest.mark.parametrize("name", sorted(CHECKS))
@given(
    event=st.one_of(st.just(UNKNOWN), st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(PartialDate.of)),
    births=st.lists(
        st.one_of(st.just(UNKNOWN), st.integers(1900, 2100).map(PartialDate)), min_size=5, max_size=5
    ),
)
def test_every_finding_is_a_sentence(name: str, event: PartialDate, births: list[PartialDate]) -> None:
    roles = ("groom", "bride", "mother", "father", "deceased")
    people = tuple(PersonFacts(role, birth=birth) for role, birth in zip(roles, births, strict=True))
    for finding in CHECKS[name](Answers(TODAY, event, people)):
        assert finding.sentence.endswith(".")
        assert finding.severity in ("refuse", "warn", "keep_for_call")


def test_marriage_under_age_says_from_which_day_and_keeps_the_request() -> None:
    answers = couple(PartialDate(2007, 3, 5), PartialDate(2009, 1, 31))
    assert run_checks(["both_of_age"], answers) == (
        Finding(
            "under_age",
            "keep_for_call",
            "Bên nam (Kim Sa Rươne) đủ 20 tuổi từ ngày 5/3/2027; từ ngày đó mới đăng ký kết hôn được. "
            "Xã giữ yêu cầu này và gọi lại cho ông/bà.",
            "groom_birth",
            bars=True,
        ),
        Finding(
            "under_age",
            "keep_for_call",
            "Bên nữ (Thạch Thị Sa Rết) đủ 18 tuổi từ ngày 31/1/2027; từ ngày đó mới đăng ký kết hôn được. "
            "Xã giữ yêu cầu này và gọi lại cho ông/bà.",
            "bride_birth",
            bars=True,
        ),
    )


def test_marriage_on_the_very_birthday_is_possible() -> None:
    assert run_checks(["both_of_age"], couple(PartialDate(2006, 11, 24), PartialDate(2008, 11, 24))) == ()
    assert len(run_checks(["both_of_age"], couple(PartialDate(2006, 11, 25), PartialDate(2008, 11, 25)))) == 2


def test_a_year_alone_may_leave_the_age_open() -> None:
    (finding,) = run_checks(["both_of_age"], couple(PartialDate(2006), PartialDate(1999)))
    assert finding == Finding(
        "age_unclear",
        "keep_for_call",
        "Bên nam (Kim Sa Rươne) sinh năm 2006, chưa rõ đã đủ 20 tuổi hay chưa. "
        "Xã giữ yêu cầu này và gọi lại để hỏi ngày sinh.",
        "groom_birth",
        bars=True,
    )


def test_an_event_in_the_future_is_refused() -> None:
    (finding,) = run_checks(["event_not_in_future"], family(PartialDate(2026, 11, 25)))
    assert finding == Finding(
        "event_in_future",
        "refuse",
        "Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn hôm nay, 24/11/2026.",
        "event",
    )
    assert run_checks(["event_not_in_future"], family(PartialDate(2026, 11, 24))) == ()
    assert run_checks(["event_not_in_future"], family(PartialDate(2026))) == ()


def test_a_young_mother_is_for_a_person_to_decide() -> None:
    (finding,) = run_checks(["young_mother"], family(PartialDate(2026, 11, 20), PartialDate(2010)))
    assert finding == Finding(
        "young_mother",
        "keep_for_call",
        "Xã sẽ gọi lại để hướng dẫn thêm trước khi đến nhà. Ông/bà vẫn gửi yêu cầu này bình thường.",
        "mother_birth",
    )
    assert run_checks(["young_mother"], family(PartialDate(2026, 11, 20), PartialDate(2008))) == ()


def test_a_parent_is_born_before_the_child() -> None:
    answers = family(PartialDate(2026, 11, 20), PartialDate(1990), PartialDate(2027))
    (finding,) = run_checks(["parents_before_child"], answers)
    assert finding == Finding(
        "parent_after_child",
        "refuse",
        "Năm sinh của cha phải trước ngày sinh của con. Ông/bà xem lại hai ngày này.",
        "father_birth",
    )


@pytest.mark.parametrize(
    ("born", "died", "found"),
    [
        (PartialDate(2026, 11, 20), PartialDate(2026, 11, 20), True),
        (PartialDate(2026, 11, 19), PartialDate(2026, 11, 20), True),
        (PartialDate(2026, 11, 18), PartialDate(2026, 11, 20), False),
        (PartialDate(2026, 11), PartialDate(2026, 11, 20), False),
        (PartialDate(2026, 11, 20), PartialDate(2026, 11), False),
        (PartialDate(1961), PartialDate(2026, 11, 20), False),
    ],
)
def test_a_newborn_s_death_is_spoken_about_first(born: PartialDate, died: PartialDate, found: bool) -> None:
    answers = Answers(TODAY, died, (PersonFacts("deceased", birth=born),))
    findings = run_checks(["infant_under_a_day"], answers)
    expected = Finding(
        "infant_under_a_day",
        "keep_for_call",
        "Khi bé mất trong ngày đầu đời, gia đình chỉ làm khai sinh, khai tử nếu cha mẹ muốn. "
        "Cán bộ gọi lại trước, gia đình không phải chuẩn bị giấy tờ gì.",
        "event",
    )
    assert findings == ((expected,) if found else ())


def test_nobody_dies_before_birth() -> None:
    deceased = PersonFacts("deceased", birth=PartialDate(1961, 3))
    wrong = Answers(TODAY, PartialDate(1960), (deceased,))
    assert run_checks(["death_after_birth"], wrong) == (
        Finding(
            "death_before_birth",
            "refuse",
            "Ngày mất đang ghi trước ngày sinh. Ông/bà xem lại hai ngày này.",
            "event",
        ),
    )
    assert run_checks(["death_after_birth"], Answers(TODAY, PartialDate(1961), (deceased,))) == ()


def test_refusals_come_before_calls() -> None:
    answers = family(PartialDate(2026, 12, 20), PartialDate(2015), PartialDate(2027))
    severities = [
        finding.severity
        for finding in run_checks(["young_mother", "event_not_in_future", "parents_before_child"], answers)
    ]
    assert severities == ["refuse", "refuse", "keep_for_call"]


def test_somebody_born_on_a_leap_day_is_of_age_on_the_first_of_march() -> None:
    assert full_age_on(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert full_age_on(date(2008, 2, 29), 20) == date(2028, 2, 29)
    assert marriage_possible_from("male", date(2006, 11, 24)) == date(2026, 11, 24)
    assert marriage_possible_from("female", date(2008, 11, 25)) == date(2026, 11, 25)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(1, 100))
def test_full_age_comes_on_the_birthday_and_not_a_day_before(born: date, years: int) -> None:
    full = full_age_on(born, years)
    assert full.year == born.year + years
    assert (full.month, full.day) >= (born.month, born.day)
    assert full.toordinal() - born.toordinal() >= years * 365
