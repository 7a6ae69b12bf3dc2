from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.deadlines.rules import (
    FLAGS,
    VIETNAM,
    ProcedureDue,
    due_dates,
    load_calendar,
    reason_sentence,
)
from civreg.procedures.catalogue import catalogue, version_on
from civreg.procedures.rules import SHORTER_LIMIT, Amendment, amended
from civreg.shared.errors import InvalidInput

CALENDAR = load_calendar()


def promise(
    code: str,
    received: datetime,
    occurred: date | None = None,
    flags: tuple[str, ...] = (),
    **settings: object,
) -> ProcedureDue:
    version = version_on(code, received.date())
    return due_dates(version, received, occurred, flags, CALENDAR, **settings)  # type: ignore[arg-type]


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


def day_of_parts(due: ProcedureDue) -> dict[str, date | None]:
    return {part.part: part.due_on for part in due.parts}


def test_mobile_birth_takes_five_working_days_whatever_is_verified() -> None:
    due = promise("birth_mobile", at(2026, 11, 17), date(2026, 9, 25), ("verification",))
    assert due.due_on == date(2026, 11, 25)
    assert due.certainty == "A"
    assert due.citizen_deadline is not None
    assert due.citizen_deadline.due_on == date(2026, 11, 25)
    assert due.citizen_deadline.late is False


def test_birth_at_home_follows_the_same_day_rule() -> None:
    assert promise("birth_at_home", at(2026, 11, 23, 14, 59)).due_on == date(2026, 11, 23)
    assert promise("birth_at_home", at(2026, 11, 23, 15, 30)).due_on == date(2026, 11, 25)


def test_a_family_is_late_from_the_day_after_its_last_day() -> None:
    on_time = promise("birth_at_home", at(2026, 11, 25), date(2026, 9, 25)).citizen_deadline
    late = promise("birth_at_home", at(2026, 11, 26), date(2026, 9, 25)).citizen_deadline
    assert on_time is not None
    assert late is not None
    assert (on_time.late, late.late) == (False, True)
    assert (on_time.days_late, late.days_late) == (None, 1)


def test_an_event_before_the_calendar_begins_is_late_though_its_last_day_is_not_known() -> None:
    found = promise("death_at_home", at(2026, 11, 25), date(1958, 3, 1)).citizen_deadline
    assert found is not None
    assert (found.due_on, found.late) == (None, True)
    assert reason_sentence(found.reasons[-1]).startswith("Chưa có lịch nghỉ của năm 1958")


def test_without_the_day_of_the_event_there_is_no_deadline_of_the_family() -> None:
    assert promise("death_mobile", at(2026, 11, 17)).citizen_deadline is None
    assert promise("marriage_mobile", at(2026, 11, 17), date(2026, 9, 25)).citizen_deadline is None


def test_bundle_under_decree_63() -> None:
    due = promise("birth_bundle", at(2026, 8, 3, 9))
    assert day_of_parts(due) == {
        "birth": date(2026, 8, 3),
        "residence": date(2026, 8, 5),
        "health_insurance": date(2026, 8, 5),
    }
    assert due.due_on == date(2026, 8, 6)
    verified = promise("birth_bundle", at(2026, 8, 3, 9), flags=("verification",))
    assert verified.due_on == date(2026, 8, 10)
    assert day_of_parts(verified)["residence"] == date(2026, 8, 10)


def test_bundle_after_three_has_two_readings() -> None:
    friday = at(2026, 7, 31, 15, 30)
    assert promise("birth_bundle", friday).due_on == date(2026, 8, 6)
    assert promise("birth_bundle", friday, bundle_after_cutoff="next_day_counts").due_on == date(2026, 8, 5)


def test_vector_6_bundle_after_decree_301_keeps_the_last_confirmed_whole_and_says_so() -> None:
    due = promise("birth_bundle", at(2026, 11, 20, 15, 30))
    assert due.due_on == date(2026, 11, 27)
    assert due.certainty == "D"
    assert reason_sentence(due.reasons[-1]) == (
        "Tạm tính: theo Nghị định 63/2024, là quy định gần nhất đã xác nhận; thời hạn theo Nghị định 301/2026 chưa xác nhận."
    )
    assert day_of_parts(due) == {
        "birth": date(2026, 11, 23),
        "residence": None,
        "health_insurance": None,
        "identity_card": None,
    }
    for part in due.parts[1:]:
        assert "chưa xác nhận" in reason_sentence(part.reasons[0])


def test_bundle_of_the_joint_circular() -> None:
    due = promise("birth_bundle", at(2020, 8, 14, 9))
    assert day_of_parts(due) == {
        "birth": date(2020, 8, 14),
        "residence": date(2020, 8, 31),
        "health_insurance": date(2020, 8, 24),
    }
    assert due.due_on == date(2020, 9, 14)
    far = promise("birth_bundle", at(2020, 8, 14, 9), flags=("remote", "incomplete"))
    assert far.due_on == date(2020, 9, 23)
    assert [reason_sentence(reason) for reason in far.reasons[-2:]] == [
        "Cộng thêm 02 ngày làm việc: hồ sơ phải bổ sung cho cơ quan sau.",
        "Cộng thêm 05 ngày làm việc: xã ở xa, đi lại khó khăn, không có mạng.",
    ]


def test_death_bundle_has_no_day_for_what_is_not_confirmed() -> None:
    due = promise("death_bundle", at(2026, 11, 17), date(2026, 11, 9))
    assert due.due_on is None
    assert day_of_parts(due)["death"] == date(2026, 11, 17)
    assert reason_sentence(due.reasons[0]).startswith("Thời hạn chưa xác nhận:")
    assert due.citizen_deadline is not None
    assert due.citizen_deadline.due_on == date(2026, 11, 25)


def test_assistance_has_no_legal_limit() -> None:
    due = promise("construction_tax_support", at(2026, 11, 17))
    assert due.due_on is None
    assert [reason_sentence(reason) for reason in due.reasons] == [
        "Pháp luật không đặt thời hạn và chưa xác nhận thời hạn riêng của xã: xã hẹn ngày với gia đình."
    ]


def test_the_new_law_gives_no_day_until_its_decree_is_read() -> None:
    due = promise("marriage_mobile", at(2027, 3, 1))
    assert due.due_on is None
    born = promise("birth_at_home", at(2027, 3, 1), date(2027, 2, 1)).citizen_deadline
    assert born is not None
    assert (born.due_on, born.late) == (None, None)


@pytest.mark.parametrize(("days", "due_on"), [(3, date(2026, 11, 20)), (9, date(2026, 11, 25))])
def test_an_office_may_shorten_a_limit_but_not_extend_it(days: int, due_on: date) -> None:
    decision = Amendment(SHORTER_LIMIT, {"days": days}, "Quyết định số 12/QĐ-UBND ngày 02/03/2026", "A")
    version = amended(version_on("birth_mobile", date(2026, 11, 17)), [decision])
    due = due_dates(version, at(2026, 11, 17), None, (), CALENDAR)
    assert due.due_on == due_on
    said = "Đơn vị rút còn 03 ngày làm việc theo Quyết định số 12/QĐ-UBND ngày 02/03/2026."
    assert (said in [reason_sentence(reason) for reason in due.reasons]) == (days == 3)


def test_what_must_be_verified_keeps_the_time_the_law_gives_for_it() -> None:
    decision = Amendment(SHORTER_LIMIT, {"days": 2}, "Quyết định số 12/QĐ-UBND ngày 02/03/2026", "A")
    version = amended(version_on("birth_bundle", date(2026, 8, 3)), [decision])
    received = at(2026, 8, 3)
    assert due_dates(version, received, None, (), CALENDAR).due_on == date(2026, 8, 5)
    assert due_dates(version, received, None, ("verification",), CALENDAR).due_on == date(2026, 8, 10)


def test_an_unknown_circumstance_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refusal:
        promise("birth_mobile", at(2026, 11, 17), flags=("urgent",))
    assert refusal.value.sentence == (
        "Không có trường hợp “urgent”. Các trường hợp dùng được: verification, incomplete, remote, recognition."
    )


@given(
    st.sampled_from(sorted(catalogue())),
    st.datetimes(datetime(2018, 11, 1), datetime(2027, 9, 1), timezones=st.just(VIETNAM)),  # noqa: DTZ001
    st.sets(st.sampled_from(sorted(FLAGS))),
    st.integers(0, 100),
)
def test_every_procedure_answers_on_every_day(
    code: str, received: datetime, flags: set[str], age: int
) -> None:
    due = promise(code, received, received.date() - timedelta(days=age), tuple(flags))
    for part in due.parts:
        assert part.source
        assert part.reasons
        assert all(reason_sentence(reason).endswith(".") for reason in part.reasons)
        if part.due_on is None:
            assert any("chưa xác nhận" in reason_sentence(reason).lower() for reason in part.reasons)
        else:
            assert part.due_on >= received.date()
    if due.due_on is not None:
        assert due.parts[0].due_on is not None
        assert due.due_on >= due.parts[0].due_on
