from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from civreg.shared.text import sort_key_vi

LETTERS = ["An", "Ăn", "Ân", "Ẩn", "Ấn", "Dũng", "Đặng", "Ea", "Hương", "Hường", "Hưởng", "On", "Ôn", "Ơn"]


def in_order(names: list[str]) -> list[str]:
    shuffled = names[:]
    random.Random(1).shuffle(shuffled)
    return sorted(shuffled, key=sort_key_vi)


def test_letters_come_before_tones() -> None:
    assert in_order(LETTERS) == LETTERS


def test_tones_follow_the_dictionary() -> None:
    tones = ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"]
    assert in_order(tones) == tones


def test_the_given_name_decides_then_the_middle_then_the_family() -> None:
    people = ["Trần Thị An", "Lê Văn An", "Nguyễn Văn An", "Kim Thị Anh", "An Thị Bé", "Bùi Đào", "An Dự"]
    assert in_order(people) == [
        "Trần Thị An",
        "Lê Văn An",
        "Nguyễn Văn An",
        "Kim Thị Anh",
        "An Thị Bé",
        "An Dự",
        "Bùi Đào",
    ]


def test_a_missing_middle_name_comes_first() -> None:
    people = ["Lê An", "Kim Ánh An", "Lê Văn An"]
    assert in_order(people) == people


def test_a_leading_combining_mark_does_not_fail() -> None:
    assert sort_key_vi("\u0301An") == sort_key_vi("An")


def test_case_and_decomposition_do_not_matter() -> None:
    assert sort_key_vi("NGUYỄN AN") == sort_key_vi("nguye\u0302\u0303n an")


def test_digits_come_before_letters_and_other_scripts_after() -> None:
    assert in_order(["2", "An", "Ý", "ក"]) == ["2", "An", "Ý", "ក"]


@given(st.text(max_size=40))
def test_any_text_has_a_key_that_can_be_stored(text: str) -> None:
    key = sort_key_vi(text)
    assert "\x00" not in key
    key.encode("utf-8")


@given(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=3), st.sampled_from(LETTERS))
def test_a_longer_given_name_never_jumps_before_its_beginning(words: list[str], last: str) -> None:
    name = " ".join([*words, last])
    assert sort_key_vi(name) < sort_key_vi(name + "h")
