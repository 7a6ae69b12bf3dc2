"""A family finds its commune by the name it knows."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from civreg.units import queries, service

TODAY = date(2026, 11, 24)
MARCH = date(2025, 3, 1)


def found(session: Session, text: str, limit: int = 10) -> dict[str, str | None]:
    return {hit.unit.code: hit.note for hit in queries.search_communes(session, text, TODAY, limit)}


def first(session: Session, text: str) -> tuple[str, str | None]:
    hit = queries.search_communes(session, text, TODAY)[0]
    return hit.path, hit.note


@pytest.mark.parametrize(
    "text", ["Trà Cú", "trà cú", "TRA CU", "tracu", "xã Trà Cú", "x. tra cu", "Trà  Cú "]
)
def test_a_commune_of_today_by_its_name(country: Session, text: str) -> None:
    assert first(country, text) == ("Xã Trà Cú, tỉnh Vĩnh Long", None)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("thị trấn Định An", "thị trấn Định An cũ"),
        ("TT Định An", "thị trấn Định An cũ"),
        ("xã Định An, Trà Cú", "xã Định An cũ"),
        ("Định An, Trà Cú", "thị trấn Định An và xã Định An cũ"),
        ("dinhan, tra vinh", "thị trấn Định An và xã Định An cũ"),
        ("dinh an tra cu tra vinh", "thị trấn Định An và xã Định An cũ"),
        ("Định An, Vĩnh Long", "thị trấn Định An và xã Định An cũ"),
    ],
)
def test_both_old_units_called_dinh_an_lead_to_xa_dai_an(country: Session, text: str, note: str) -> None:
    hit = queries.search_communes(country, text, TODAY)[0]
    assert (hit.unit.code, hit.path, hit.note) == ("29491", "Xã Đại An, tỉnh Vĩnh Long", note)


def test_a_name_that_several_provinces_had_gives_them_all(country: Session) -> None:
    assert found(country, "Định An") == {
        "29491": "thị trấn Định An và xã Định An cũ",
        "25777": "xã Định An cũ",
        "30952": "xã Định An cũ",
        "30226": "xã Định An cũ",
    }


def test_a_unit_of_the_programme_goes_first(country: Session) -> None:
    unit = queries.unit_on(country, "29491", TODAY)
    assert unit is not None
    terms = service.ParticipationTerms("0294 3874 001", "Ấp Chợ, xã Đại An")
    service.start_participation(country, unit.id, date(2025, 7, 1), terms)
    hits = queries.search_communes(country, "Định An", TODAY)
    assert hits[0].unit.id == unit.id
    assert [hit.takes_part for hit in hits] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "code", "note"),
    [
        ("Ngãi Xuyên", "29461", "xã Ngãi Xuyên cũ"),
        ("Ngọc Biên", "29506", "xã Ngọc Biên cũ"),
        ("Phường 2, thành phố Trà Vinh", "29242", "phường 2 cũ"),
        ("p2, tp tra vinh", "29242", "phường 2 cũ"),
        ("phường 07, thành phố Trà Vinh", "29254", "phường 7 cũ"),
        ("M'Đrắk", "24412", "thị trấn M'Đrắk cũ"),
        ("mdrak", "24412", None),
        ("Xà Phiên", "31495", None),
        ("sai gon", "26740", None),
        ("Hoàng Sa", "20333", None),
    ],
)
def test_old_names_and_other_spellings(country: Session, text: str, code: str, note: str | None) -> None:
    hit = queries.search_communes(country, text, TODAY)[0]
    assert (hit.unit.code, hit.note) == (code, note)


def test_decomposed_text_finds_the_same(country: Session) -> None:
    for text in ("Định An, Trà Cú", "Ngãi Xuyên", "Phường Nguyệt Hóa"):
        assert found(country, unicodedata.normalize("NFD", text)) == found(country, text)


def test_typed_accents_decide_between_names_that_fold_to_one(country: Session) -> None:
    assert first(country, "Đại An")[0] == "Xã Đại An, tỉnh Vĩnh Long"
    hits = queries.search_communes(country, "Đại Ân 2", TODAY)
    assert hits[0].note == "xã Đại Ân 2 cũ"


@pytest.mark.parametrize("text", ["Ngai Xuyem", "Ngải Xuyen", "Ngai Xuen"])
def test_a_wrong_letter_still_finds_the_place(country: Session, text: str) -> None:
    assert "29461" in found(country, text)


def test_a_beginning_finds_names(country: Session) -> None:
    hits = queries.search_communes(country, "Lưu Nghi", TODAY)
    assert [hit.unit.name for hit in hits] == ["Xã Lưu Nghiệp Anh"]
    assert not hits[0].is_exact


def test_a_unit_that_was_split_says_so(country: Session) -> None:
    hits = queries.search_communes(country, "Phường Cống Vị", TODAY)
    assert {(hit.unit.name, hit.is_split) for hit in hits} == {
        ("Phường Giảng Võ", True),
        ("Phường Ngọc Hà", True),
    }


def test_on_a_day_of_the_past_the_units_of_that_day_are_found(country: Session) -> None:
    hits = queries.search_communes(country, "Định An, Trà Cú", MARCH)
    assert [hit.path for hit in hits[:2]] == [
        "Thị trấn Định An, huyện Trà Cú, tỉnh Trà Vinh",
        "Xã Định An, huyện Trà Cú, tỉnh Trà Vinh",
    ]


def test_units_with_others_below_are_no_communes(country: Session) -> None:
    names = {hit.unit.name for hit in queries.search_communes(country, "Vĩnh Long", TODAY, 50)}
    assert names
    assert "Tỉnh Vĩnh Long" not in names


def test_the_limit_holds(country: Session) -> None:
    assert len(queries.search_communes(country, "Tân", TODAY, 5)) == 5


@pytest.mark.parametrize(
    "text",
    ["", "   ", "😀🎉", "%", "_", "'; drop table unit; --", "\0", "\ud800", "x" * 10_000, "Ộ" * 10_000],
)
def test_odd_texts_find_nothing_and_break_nothing(country: Session, text: str) -> None:
    assert found(country, text) == {}


def test_emoji_beside_a_name_are_passed_over(country: Session) -> None:
    assert first(country, "🏠 Trà Cú 😀")[0] == "Xã Trà Cú, tỉnh Vĩnh Long"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_is_answered(country: Session, text: str) -> None:
    for hit in queries.search_communes(country, text, TODAY):
        assert hit.unit.holds_on(TODAY)
        assert hit.path.startswith(hit.unit.name)


class TestResolving:
    def test_a_code_of_today(self, country: Session) -> None:
        assert queries.resolve_commune(country, " 29461 ", TODAY).name == "Xã Trà Cú"

    @pytest.mark.parametrize(
        "text", ["Trà Cú", "xa tra cu", "Đại An", "dai an, vinh long", "hoà thuận, vĩnh long"]
    )
    def test_a_name_of_today(self, country: Session, text: str) -> None:
        try:
            unit = queries.resolve_commune(country, text, TODAY)
        except queries.UnitGone as refusal:
            unit = refusal.candidates[0]
        assert unit.holds_on(TODAY)

    @pytest.mark.parametrize("text", ["29479", "Ngãi Xuyên", "xã ngai xuyen"])
    def test_a_vanished_commune_offers_its_successor(self, country: Session, text: str) -> None:
        with pytest.raises(queries.UnitGone) as refused:
            queries.resolve_commune(country, text, TODAY)
        assert refused.value.sentence == (
            "Xã Ngãi Xuyên nay là xã Trà Cú. Ông/bà chọn xã Trà Cú, tỉnh Vĩnh Long."
        )
        assert [unit.code for unit in refused.value.candidates] == ["29461"]
        assert refused.value.fields == {"commune": refused.value.sentence}

    def test_a_split_commune_offers_all_parts(self, country: Session) -> None:
        with pytest.raises(queries.UnitGone) as refused:
            queries.resolve_commune(country, "00007", TODAY)
        assert refused.value.sentence == (
            "Phường Cống Vị nay thuộc nhiều đơn vị: phường Giảng Võ, phường Ngọc Hà. Ông/bà chọn nơi mình ở."
        )
        assert len(refused.value.candidates) == 2
        assert refused.value.gone is not None

    def test_several_places_of_one_name_are_offered(self, country: Session) -> None:
        with pytest.raises(queries.UnitGone) as refused:
            queries.resolve_commune(country, "Định An", TODAY)
        assert "Xã Đại An, tỉnh Vĩnh Long (thị trấn Định An và xã Định An cũ)" in refused.value.sentence
        assert len(refused.value.candidates) == 4

    def test_a_commune_without_known_successor_says_so(self, country: Session) -> None:
        with pytest.raises(queries.UnitGone) as refused:
            queries.resolve_commune(country, "06970", TODAY)
        assert "Thị trấn Ba Chẽ, huyện Ba Chẽ, tỉnh Quảng Ninh không còn" in refused.value.sentence
        assert refused.value.candidates == ()

    @pytest.mark.parametrize("text", ["86", "01"])
    def test_a_province_is_no_commune(self, country: Session, text: str) -> None:
        with pytest.raises(queries.UnitGone, match="Ông/bà chọn xã, phường"):
            queries.resolve_commune(country, text, TODAY)

    @pytest.mark.parametrize("text", ["", "99999", "qwzx", "😀", "9" * 10_000, "\0"])
    def test_nothing_alike_asks_to_type_again(self, country: Session, text: str) -> None:
        with pytest.raises(queries.UnitGone, match="Không tìm thấy"):
            queries.resolve_commune(country, text, TODAY)

    def test_wrong_accents_are_asked_about_and_not_taken(self, country: Session) -> None:
        with pytest.raises(queries.UnitGone, match="Có phải ông/bà muốn chọn xã Lưu Nghiệp Anh"):
            queries.resolve_commune(country, "Lựu Nghiệp Ánh", TODAY)
        assert queries.resolve_commune(country, "luu nghiep anh", TODAY).code == "29476"
        assert queries.resolve_commune(country, "LƯU NGHIỆP ANH", TODAY).code == "29476"
