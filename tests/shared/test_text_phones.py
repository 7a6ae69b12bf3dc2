from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.shared.text import phone_digits


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("0912345678", "0912345678"),
        (" 0912 345 678 ", "0912345678"),
        ("091.234.5678", "0912345678"),
        ("(091) 234-5678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("+84 (0)912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("912345678", "0912345678"),
        ("０９１２３４５６７８", "0912345678"),
        ("01688123456", "0388123456"),
        ("01269123456", "0769123456"),
        ("0294 3 123 456", "02943123456"),
        ("+84 294 3123456", "02943123456"),
    ],
)
def test_vietnamese_numbers_come_to_one_form(typed: str, digits: str) -> None:
    assert phone_digits(typed) == digits


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "không có",
        "091234567",
        "09123456789",
        "1900 1234",
        "113",
        "+1 212 555 0100",
        "0112345678",
        "٠٩١٢٣٤٥٦٧٨x",
        "0912345678 hoặc 0987654321",
    ],
)
def test_what_is_no_vietnamese_number_is_none(typed: str) -> None:
    assert phone_digits(typed) is None


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True))
def test_a_normal_number_stays_as_it_is(number: str) -> None:
    assert phone_digits(number) == number
    assert phone_digits("+84" + number[1:]) == number


@given(st.text(max_size=30))
def test_any_text_gives_a_number_or_none(text: str) -> None:
    found = phone_digits(text)
    assert found is None or (found.isascii() and found.isdigit() and len(found) in (10, 11))
