"""Which book a visit carries, which one is offered first, and when one may be opened or closed."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from civreg.procedures.catalogue import catalogue
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput
from civreg.visits.rules import (
    BOOK_WORDS,
    Book,
    BookNeed,
    book_need,
    check_book,
    check_closing,
    is_overdue,
    likely_book,
)

TODAY = date(2026, 11, 17)
VERSIONS = [version for procedure in catalogue().values() for version in procedure.versions]


def book(label: str = "01", *, kind: str = "birth", year: int = 2026, closed: bool = False) -> Book:
    return Book(new_id(), kind, year, label, closed)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
def test_only_the_mobile_form_carries_a_book_and_writes_the_remark(version: ProcedureVersion) -> None:
    need = book_need(version, None)
    if version.form == "mobile":
        assert need == BookNeed(version.occasion, None)
        assert version.register_remark == "Đăng ký lưu động"
    else:
        assert need is None
        assert version.register_remark == ""


def test_the_year_of_the_book_is_that_of_the_registration_in_vietnam() -> None:
    mobile = next(version for version in VERSIONS if version.form == "mobile" and version.occasion == "death")
    assert book_need(mobile, datetime.fromisoformat("2026-12-31T16:30:00+00:00")) == BookNeed("death", 2026)
    assert book_need(mobile, datetime(2026, 12, 31, 18, 0, tzinfo=clock.ZONE)) == BookNeed("death", 2026)
    assert book_need(mobile, datetime.fromisoformat("2026-12-31T18:00:00+00:00")) == BookNeed("death", 2027)


def test_a_need_is_met_by_its_kind_and_year_and_before_registration_by_any_year() -> None:
    need = BookNeed("birth", 2026)
    assert need.words == "Sổ đăng ký khai sinh năm 2026"
    assert need.met_by("birth", 2026)
    assert not need.met_by("birth", 2025)
    assert not need.met_by("marriage", 2026)
    assert BookNeed("birth", None).met_by("birth", 2025)
    assert BookNeed("birth", None).words == "Sổ đăng ký khai sinh"


def test_the_book_offered_first_is_the_typed_one_else_the_newest_open_one() -> None:
    first, second, full = book("01"), book("02"), book("03", closed=True)
    assert likely_book([full, first, second]) == second
    assert likely_book([second, first], "01/2026") == first
    assert likely_book([second, first], "01") == first
    assert likely_book([second, first], "09/2026") == second
    assert likely_book([full]) == full
    assert likely_book([]) is None


def test_a_list_under_the_words_of_a_need_says_only_what_tells_books_apart() -> None:
    closed = book("02", closed=True)
    assert closed.choice(BookNeed("birth", 2026)) == "Quyển 02 (đã khóa)"
    assert closed.choice(BookNeed("birth", None)) == "Quyển 02, năm 2026 (đã khóa)"


def test_a_book_s_title_says_kind_year_and_number() -> None:
    titles = {book(kind=kind).title for kind in BOOK_WORDS}
    assert titles == {
        "Sổ đăng ký khai sinh năm 2026, quyển 01",
        "Sổ đăng ký kết hôn năm 2026, quyển 01",
        "Sổ đăng ký khai tử năm 2026, quyển 01",
    }


@pytest.mark.parametrize(
    ("kind", "year", "label", "field", "sentence"),
    [
        ("tax", 2026, "01", "kind", "Ông/bà chọn loại sổ: khai sinh, kết hôn hoặc khai tử."),
        ("birth", None, "01", "year", "Ông/bà ghi năm của sổ, từ 1950 đến 2027."),
        ("birth", 2028, "01", "year", "Ông/bà ghi năm của sổ, từ 1950 đến 2027."),
        ("birth", 2026, " \u200b", "label", "Ông/bà ghi số quyển như trên bìa sổ, ví dụ 01."),
        ("birth", 2026, "x" * 21, "label", "Ông/bà ghi số quyển không quá 20 ký tự (đang có 21), ví dụ 01."),
    ],
)  # fmt: skip
def test_a_book_that_cannot_be_says_what_to_type(
    kind: str, year: int | None, label: str, field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_book(kind, year, label, TODAY)
    assert refused.value.fields == {field: sentence}


def test_a_label_is_stored_clean() -> None:
    assert check_book("birth", 2027, "  01 - TP ", TODAY) == (2027, "01 - TP")


def close(today: date, *, full: bool = False, pages: int | None = None, events: int | None = None) -> None:
    check_closing(2026, full=full, total_pages=pages, total_events=events, today=today)


def test_a_book_is_closed_on_its_year_s_last_day_or_when_it_is_full() -> None:
    close(date(2026, 12, 31), pages=200, events=0)
    close(date(2027, 1, 4))
    close(TODAY, full=True)
    with pytest.raises(InvalidInput) as refused:
        close(date(2026, 12, 30))
    assert refused.value.fields == {
        "full": "Sổ năm 2026 khóa vào ngày cuối năm, 31/12/2026. Nếu sổ đã viết hết trang, ông/bà đánh dấu ô này "
        "để khóa sớm rồi mở quyển tiếp theo."
    }


@pytest.mark.parametrize("total", [-1, 10_000])
def test_totals_that_no_book_has_are_refused(total: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        close(TODAY, full=True, pages=total, events=total)
    assert refused.value.fields == dict.fromkeys(
        ("total_pages", "total_events"), "Ông/bà ghi một số từ 0 đến 9999."
    )


def test_a_book_is_due_back_on_the_day_of_its_trip() -> None:
    assert not is_overdue(TODAY, TODAY)
    assert is_overdue(TODAY, date(2026, 11, 18))
