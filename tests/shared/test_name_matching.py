from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.shared.text import fold, name_match

WORDS = st.sampled_from(
    ["Nguyễn", "Thạch", "Thị", "Văn", "Sa", "Rết", "Hương", "Hường", "Kim", "Lâm", "Đào", "An"]
)
NAMES = st.lists(WORDS, min_size=2, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other", "score", "same_folded", "reason"),
    [
        ("Lê Thị Đào", "LÊ THỊ ĐÀO", 1.0, True, "Hai tên viết giống nhau."),
        ("NGUYEN THI THU HUONG", "Nguyễn Thị Thu Hường", 0.97, True, "Cùng chữ cái, một bên viết không dấu."),
        ("Trần Thị Hoà", "Trần Thị Hòa", 0.99, True, "Chỉ khác chỗ đặt dấu trong cùng một chữ."),
        (
            "Nguyễn Thị Hương",
            "Nguyễn Thị Hường",
            0.92,
            True,
            "Cùng chữ cái nhưng khác dấu: “hương” và “hường”.",
        ),
        (
            "Nguyễn Thi Hường",
            "Nguyễn Thị Hường",
            0.94,
            True,
            "Cùng chữ cái, có chữ thiếu dấu: “thi” và “thị”.",
        ),
        ("Thạch Sa Rết", "Thạch Sarết", 0.95, False, "Cùng tên, khác cách viết liền hay rời các âm tiết."),
        (
            "Lâm Thị Bé",
            "Bé Thị Lâm",
            0.93,
            False,
            "Cùng các chữ nhưng khác thứ tự (họ và tên có thể bị đảo).",
        ),
        ("Kim Sa Na", "Kim Na", 0.88, False, "Cùng họ và tên, một bên thiếu chữ đệm."),
        (
            "Nguyễn Văn Phúc",
            "Nguyễn Văn Phuc1",
            0.9,
            False,
            "Khác một chữ cái: “phuc” và “phuc1”, có thể do gõ nhầm.",
        ),
        (
            "Nguyen Van Thanh",
            "Nguyen Van Thahn",
            0.9,
            False,
            "Khác một chữ cái: “thahn” và “thanh”, có thể do gõ nhầm.",
        ),
        ("", "Lê An", 0.0, False, "Một trong hai tên còn trống nên không so được."),
    ],
)
def test_what_differs_is_said(one: str, other: str, score: float, same_folded: bool, reason: str) -> None:
    match = name_match(one, other)
    assert (match.score, match.same_folded, match.reasons) == (score, same_folded, (reason,))


def test_different_people_score_low() -> None:
    match = name_match("Nguyễn Văn An", "Thạch Thị Sa Rết")
    assert match.score < 0.6
    assert match.reasons == ("Hai tên khác nhau.",)


def test_short_names_are_not_called_typing_errors() -> None:
    assert name_match("Lê An", "Lê In").score < 0.85


def test_ten_thousand_letters_are_compared() -> None:
    assert name_match("a" * 10_000, "a" * 9_999 + "b").score > 0.8


@given(NAMES, NAMES)
def test_the_order_of_the_two_does_not_matter(one: str, other: str) -> None:
    forward, backward = name_match(one, other), name_match(other, one)
    assert forward.score == backward.score
    assert forward.same_folded == backward.same_folded


@given(NAMES)
def test_dropping_accents_keeps_a_high_score(name: str) -> None:
    match = name_match(name, fold(name).upper())
    assert match.same_folded
    assert match.score >= 0.97


@given(NAMES)
def test_decomposed_letters_are_the_same_name(name: str) -> None:
    assert name_match(name, unicodedata.normalize("NFD", name)).score == 1.0


@given(st.text(max_size=30), st.text(max_size=30))
def test_scores_stay_between_zero_and_one(one: str, other: str) -> None:
    match = name_match(one, other)
    assert 0.0 <= match.score <= 1.0
    assert match.reasons
