from __future__ import annotations

import random
import time
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.cases.rules import personal_number_warnings
from civreg.cases.rules.pasting import MOST_READ, Pasted, read_pasted

TODAY = date(2026, 11, 24)
NOTHING = Pasted(doubts=("Chưa đọc được số nào trong đoạn dán. Ông/bà ghi vào từng ô.",))
LABELLED = (
    "Số đăng ký: 123/2026",
    "Quyển số: 01/2026-KS",
    "Ngày đăng ký: 16/11/2026",
    "Số định danh cá nhân: 084326012345",
)
WHOLE = Pasted("123/2026", "01/2026-KS", "084326012345", date(2026, 11, 16))


@pytest.mark.parametrize("lines", list(permutations(LABELLED)), ids=lambda lines: lines[0][:8])
@pytest.mark.parametrize("between", ["\n", "\r\n", "\t", "; ", "   "])
def test_labels_are_read_in_any_order_and_on_any_lines(lines: tuple[str, ...], between: str) -> None:
    assert read_pasted(between.join(lines), TODAY) == WHOLE


@pytest.mark.parametrize(
    "parts", list(permutations(["123/2026", "01/2026-KS", "16/11/2026", "084326012345"]))
)
def test_bare_numbers_are_told_apart_by_their_shape(parts: tuple[str, ...]) -> None:
    assert read_pasted("  ".join(parts), TODAY) == WHOLE


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Số:\n123/2026\nQuyển số:\n01/2026", Pasted("123/2026", "01/2026")),
        ("so dang ky 7/2026 quyen so 2 ngay 5 thang 3 nam 2026", Pasted("7/2026", "2", "", date(2026, 3, 5))),
        ("123\n084.326.012.345", Pasted("123", "", "084326012345")),
        ("0843 2601 2345", Pasted("", "", "084326012345")),
        ("ＳỐ １２３/２０２６", Pasted("123/2026")),
        ("S\u1ed1: 9/2026", Pasted("9/2026")),
        ("So\u0302\u0301: 9/2026", Pasted("9/2026")),
        ("\u202e084326012345\u202c\u200b", Pasted("", "", "084326012345")),
        ("2026-11-16", Pasted(registered_on=date(2026, 11, 16))),
        ("Ngày sinh: 02/11/2026, Ngày đăng ký: 16/11/2026", Pasted(registered_on=date(2026, 11, 16))),
        ("Số điện thoại: 0912345678, số 12/2026", Pasted("12/2026")),
        ("Số CCCD mẹ 084198000111 – Số định danh: 084326012345", Pasted("", "", "084326012345")),
        ("Số định danh: 08432601234", Pasted("", "", "08432601234")),
    ],
)
def test_what_the_screen_may_give(typed: str, read: Pasted) -> None:
    assert read_pasted(typed, TODAY) == read


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " \n\t",
        "<script>alert('x')</script>",
        "0912345678 12",
        "99/99/2026",
        "16/12/2026",
        "\x00\x00",
        "'; --",
    ],
)
def test_what_holds_no_number_is_said_and_fills_nothing(typed: str) -> None:
    assert read_pasted(typed, TODAY) == NOTHING


def test_several_of_one_kind_fill_nothing_and_are_said() -> None:
    two = read_pasted(
        "084326012345 084326012346 1/2026 2/2026 01/2026-KS 02/2026-KS 1/1/2026 2/1/2026", TODAY
    )
    assert (two.personal_number, two.register_number, two.register_book, two.registered_on) == (
        "",
        "",
        "",
        None,
    )
    assert two.doubts == (
        "Đoạn dán có hơn một ngày nên ô này để trống. Ông/bà ghi ngày đăng ký vào ô.",
        "Đoạn dán có hơn một số định danh nên ô này để trống. Ông/bà ghi số đúng vào ô.",
        "Đoạn dán có hơn một quyển số nên ô này để trống. Ông/bà ghi số đúng vào ô.",
        "Đoạn dán có hơn một số đăng ký nên ô này để trống. Ông/bà ghi số đúng vào ô.",
    )
    assert read_pasted("1/2026 và 1/2026", TODAY) == Pasted("1/2026")


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(typed: str) -> None:
    read = read_pasted(typed, TODAY)
    assert read.personal_number == "" or (read.personal_number.isascii() and read.personal_number.isdigit())
    assert read.registered_on is None or read.registered_on <= TODAY
    assert all(len(value) <= 40 for value in (read.register_number, read.register_book))


@pytest.mark.parametrize(
    "piece",
    [
        "ngay ",
        "1",
        "1/",
        "so ",
        "0 ",
        "quyen so ",
        "123 123 123 ",
        "dinh danh ",
        "1 ",
        "sinh ",
        "(",
        "\u0301",
    ],
)
def test_endless_text_is_read_at_once(piece: str) -> None:
    began = time.perf_counter()
    read_pasted(piece * (2_000_000 // len(piece)), TODAY)
    assert time.perf_counter() - began < 5  # a pattern that backtracks takes hours here


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    filler = "x " * MOST_READ
    assert read_pasted(f"1/2026 {filler}", TODAY).register_number == "1/2026"
    assert read_pasted(f"{filler} 1/2026", TODAY) == NOTHING


def test_numbers_among_any_words_are_found() -> None:
    words = ["Họ", "tên:", "KIM", "SÔ", "KHANE", "Nữ", "Khmer", "xã", "Trà", "Cú", "ấp", "Chợ"]
    chance = random.Random(3)
    for _ in range(200):
        line = [*words, "123/2026", "084326012345"]
        chance.shuffle(line)
        read = read_pasted(" ".join(line), TODAY)
        assert (read.register_number, read.personal_number) == ("123/2026", "084326012345")


def test_an_odd_personal_number_warns_and_nothing_more() -> None:
    assert personal_number_warnings("084326012345", "female", 2026) == ()
    assert personal_number_warnings("08432601234", "female", 2026) == (
        "Số định danh có 11 chữ số, không phải 12.",
    )
    assert personal_number_warnings("084225012345", "female", 2026) == (
        "Hai chữ số năm sinh trong số định danh khác năm sinh đã ghi.",
        "Chữ số giới tính trong số định danh khác giới tính đã ghi.",
    )
    assert personal_number_warnings("086199012345", "female", 2026)[1] == (
        "Chữ số thế kỷ trong số định danh khác thế kỷ của năm sinh."
    )
