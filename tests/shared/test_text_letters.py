from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from civreg.shared.text import capitals, fold, fold_joined, in_sentence, nfc, strip_accents

NAMES = st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ AĐ",
    max_size=40,
)


def test_decomposed_and_composed_names_are_stored_alike() -> None:
    composed = "Nguyễn Thị Hường"
    assert nfc(unicodedata.normalize("NFD", composed)) == composed


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Lê\tThị \n Đào ", "Lê Thị Đào"),
        ("Lê\u200bThị\x00 Đào\u202e", "LêThị Đào"),
        ("Thạch\u00a0Sa\u3000Rết", "Thạch Sa Rết"),
        ("\ud800An", "An"),
        ("", ""),
    ],
)
def test_control_characters_and_blanks_are_cleaned(typed: str, stored: str) -> None:
    assert nfc(typed) == stored


@given(st.text(max_size=60))
@example("a\u200b\u0301")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = nfc(text)
    assert nfc(once) == once
    once.encode("utf-8")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("NGUYỄN  Thị Đào", "nguyen thi dao"),
        ("Kiên Thị Sa Rết", "kien thi sa ret"),
        ("ĐINH ƯỚC", "dinh uoc"),
        ("ឃុំ", "ឃុំ"),
    ],
)
def test_search_keys_have_no_accents(typed: str, key: str) -> None:
    assert fold(typed) == key


@given(NAMES)
def test_folding_is_stable_and_ascii_for_vietnamese(name: str) -> None:
    folded = fold(name)
    assert folded.isascii()
    assert fold(folded) == folded
    assert fold(name.upper()) == folded


@given(st.text(max_size=30))
def test_folding_never_fails_and_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_joined_keys_forgive_how_khmer_syllables_are_written() -> None:
    assert fold_joined("Thạch Sa Rết") == fold_joined("Thạch Sarết") == "thachsaret"


def test_accents_go_but_case_stays() -> None:
    assert strip_accents("Đặng Ơn") == "Dang On"


def test_capitals_keep_accents() -> None:
    assert capitals("  nguyễn thị  ước") == "NGUYỄN THỊ ƯỚC"


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Đã nộp trên Cổng DVCQG/VNeID", "đã nộp trên Cổng DVCQG/VNeID"),
        ("UBND xã Trà Cú", "UBND xã Trà Cú"),
        ("", ""),
    ],
)
def test_a_title_inside_a_sentence_keeps_its_names(title: str, inside: str) -> None:
    assert in_sentence(title) == inside
