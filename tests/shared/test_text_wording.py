from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.shared.text import (
    date_in_words,
    date_line,
    format_date_vi,
    format_moment_vi,
    number_in_words,
    percent,
    thousands,
    two_digits,
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (35, "ba mươi lăm"),
        (40, "bốn mươi"),
        (101, "một trăm linh một"),
        (114, "một trăm mười bốn"),
        (1905, "một nghìn chín trăm linh năm"),
        (1961, "một nghìn chín trăm sáu mươi mốt"),
        (2000, "hai nghìn"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
        (1_000_005, "một triệu không trăm linh năm"),
        (2_000_000_000, "hai tỷ"),
        (1_000_000_015, "một tỷ không trăm mười lăm"),
    ],
)
def test_numbers_are_spelled_as_certificates_write_them(number: int, words: str) -> None:
    assert number_in_words(number) == words


@given(st.integers(0, 10**12))
def test_spelling_has_single_blanks_and_no_digit(number: int) -> None:
    words = number_in_words(number)
    assert words == " ".join(words.split())
    assert not any(character.isdigit() for character in words)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_two_numbers_are_never_spelled_alike(one: int, other: int) -> None:
    assert (number_in_words(one) == number_in_words(other)) == (one == other)


def test_negative_numbers_are_not_spelled() -> None:
    with pytest.raises(ValueError, match="from zero"):
        number_in_words(-1)


def test_a_day_in_words_reads_like_the_birth_certificate() -> None:
    assert (
        date_in_words(date(2026, 9, 25))
        == "Ngày hai mươi lăm tháng chín năm hai nghìn không trăm hai mươi sáu"
    )
    assert date_in_words(date(1975, 4, 30)) == "Ngày ba mươi tháng tư năm một nghìn chín trăm bảy mươi lăm"


def test_days_are_written_without_leading_zeros_but_on_papers() -> None:
    assert format_date_vi(date(2026, 9, 5)) == "5/9/2026"
    assert date_line(date(2026, 2, 5)) == "ngày 05 tháng 02 năm 2026"
    assert date_line(date(2026, 11, 25)) == "ngày 25 tháng 11 năm 2026"
    assert date_line(date(2026, 3, 9)) == "ngày 09 tháng 3 năm 2026"


def test_a_moment_names_hour_and_day() -> None:
    assert format_moment_vi(datetime(2026, 9, 25, 15, 30)) == "15 giờ 30, 25/9/2026"  # noqa: DTZ001
    assert format_moment_vi(datetime(2026, 9, 25, 8, 0)) == "8 giờ, 25/9/2026"  # noqa: DTZ001


def test_counts_in_prose() -> None:
    assert [two_digits(9), two_digits(17), two_digits(1269), thousands(1269), thousands(1_234_567)] == [
        "09",
        "17",
        "1.269",
        "1.269",
        "1.234.567",
    ]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.975, "97,5%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (2 / 3, "66,7%"),
        (0.9995, "100%"),
        (0.00049, "0%"),
        (-0.0001, "0%"),
    ],
)
def test_shares_are_written_with_a_comma(share: float, text: str) -> None:
    assert percent(share) == text
