"""How names of units are read: pure, no database."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.units.rules import (
    bare_name,
    clean_name,
    name_key,
    name_key_joined,
    name_sort_key,
    read_search_text,
    spoken_name,
)


@pytest.mark.parametrize(
    ("name", "bare", "key", "spoken"),
    [
        ("Thị trấn Định An", "Định An", "dinh an", "thị trấn Định An"),
        ("Xã Đại Ân  2", "Đại Ân 2", "dai an 2", "xã Đại Ân 2"),
        ("Phường 09", "09", "9", "phường 09"),
        ("Thành phố Hồ Chí Minh", "Hồ Chí Minh", "ho chi minh", "thành phố Hồ Chí Minh"),
        ("Xã Xà Phiên", "Xà Phiên", "xa phien", "xã Xà Phiên"),
        ("Huyện Ia H' Drai", "Ia H' Drai", "ia h drai", "huyện Ia H' Drai"),
        ("Đặc khu Hoàng Sa", "Hoàng Sa", "hoang sa", "đặc khu Hoàng Sa"),
        ("Hà Nội", "Hà Nội", "ha noi", "Hà Nội"),
    ],
)
def test_a_name_is_split_folded_and_spoken(name: str, bare: str, key: str, spoken: str) -> None:
    assert bare_name(name) == bare
    assert name_key(name) == key
    assert spoken_name(name) == spoken


def test_decomposed_and_composed_names_are_one() -> None:
    decomposed = unicodedata.normalize("NFD", "Thị trấn Định An")
    assert clean_name(decomposed) == "Thị trấn Định An"
    assert name_key(decomposed) == name_key("Thị trấn Định An")


def test_syllables_joined_or_apart_are_one() -> None:
    assert name_key_joined("Xã M'Đrắk") == name_key_joined("M Đrắk") == "mdrak"


def test_units_sort_from_the_left_with_numbers_by_value_and_accents_after_letters() -> None:
    ordered = ["Phường 1", "Phường 2", "Phường 10", "Xã An Bình", "Xã Ăn", "Xã Ân", "Xã Ba", "Xã Đa", "Xã E"]
    shuffled = ordered[::-1]
    assert sorted(shuffled, key=name_sort_key) == ordered


def test_the_kind_word_is_left_aside_for_order() -> None:
    assert name_sort_key("Thị trấn Định An") == name_sort_key("Xã Định An")


@pytest.mark.parametrize(
    ("typed", "name", "kinds"),
    [
        ("thị trấn Định An", "dinh an", {"township"}),
        ("TT. Định An", "dinh an", {"township"}),
        ("tt dinh an", "dinh an", {"township"}),
        ("P.9", "9", {"ward"}),
        ("p9", "9", {"ward"}),
        ("phường 09", "9", {"ward"}),
        ("tx duyen hai", "duyen hai", {"town"}),
        ("tp tra vinh", "tra vinh", {"municipality", "city"}),
        ("Trà Cú", "tra cu", set()),
    ],
)
def test_a_word_before_the_name_says_the_kind(typed: str, name: str, kinds: set[str]) -> None:
    reading = read_search_text(typed).readings[0]
    assert (reading.name, set(reading.kinds)) == (name, kinds)


def test_a_name_that_looks_like_a_kind_word_keeps_both_readings() -> None:
    assert [one.name for one in read_search_text("Xà Phiên").readings] == ["phien", "xa phien"]


def test_places_after_a_comma_are_context() -> None:
    search = read_search_text("Định An, huyện Trà Cú, tỉnh Trà Vinh")
    assert search.readings[0].name == "dinh an"
    assert search.context == ("tra cu", "tra vinh")


@pytest.mark.parametrize("nothing", ["", "   ", "😀", ",,,", "'", "%_\\", "\0", "\u0301", "\ud800"])
def test_a_text_without_letters_reads_as_nothing(nothing: str) -> None:
    assert read_search_text(nothing).readings == ()


@given(st.text(max_size=300))
def test_any_text_is_read_into_letters_and_digits_only(typed: str) -> None:
    search = read_search_text(typed)
    for reading in search.readings:
        assert len(reading.name) <= 80
        assert all(character.isalnum() or character == " " for character in reading.name)


@given(st.text(min_size=1, max_size=120))
def test_keys_of_any_name_are_stable(name: str) -> None:
    assert clean_name(clean_name(name)) == clean_name(name)
    assert name_key(clean_name(name)) == name_key(name)
    assert name_sort_key(unicodedata.normalize("NFD", name)) == name_sort_key(
        unicodedata.normalize("NFC", name)
    )


def test_ten_thousand_letters_are_cut() -> None:
    search = read_search_text("Trà Cú " * 1500)
    assert len(search.readings[0].name) <= 80
