"""Every rule of every version stands on a document, an article and an address; what is not known is named here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from civreg.procedures import catalogue as catalogue_package
from civreg.procedures.catalogue import CatalogueError, catalogue, version_on
from civreg.procedures.checks import CHECKS
from civreg.procedures.rules import LegalText, ProcedureVersion, items_of
from civreg.web.intake.offered import how_long

TODAY = date(2026, 11, 24)
VERSIONS = [version for procedure in catalogue().values() for version in procedure.versions]
TEXTS = tomllib.loads(
    (Path(catalogue_package.__file__).parent / "legal_texts" / "texts.toml").read_text("utf-8")
)

NO_TEXT = {
    "warnings.death_after_birth",
    "warnings.event_not_in_future",
    "warnings.parents_before_child",
    "warnings.young_mother",
}
"""Warnings that follow no text: slips of the finger, and what practice leaves to a person."""

NO_ARTICLE = tomllib.loads((Path(__file__).parent / "no_article.toml").read_text("utf-8"))
"""Document → procedure → rules for which law.md names no article of it. The file may only become shorter."""


def _grounds(version: ProcedureVersion) -> Iterator[tuple[str, LegalText]]:
    """Return every legal text of a version with the rule that stands on it; sentences by their kind."""
    yield from (("version", text) for text in version.legal_basis)
    for item in items_of(version):
        kind = item.path.split(".")[0] if item.path.startswith("never_ask.") else item.path
        yield from ((kind, text) for text in item.legal_basis)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
def test_every_rule_names_its_texts_and_each_can_be_found(version: ProcedureVersion) -> None:
    assert {item.path for item in items_of(version) if not item.legal_basis} <= NO_TEXT
    for path, text in _grounds(version):
        known = TEXTS[text.document]
        assert text.address == known["address"], path
        assert text.address.startswith("https://"), path
        articles = known.get("articles", {})
        if text.article:
            assert set(text.articles) <= set(articles), (path, text.words)
            assert text.certainty == max(articles[article] for article in text.articles)
        elif text.divided:
            assert text.certainty == "D", "an article nobody knows is not sure"


def test_every_check_is_put_into_words() -> None:
    folder = Path(catalogue_package.__file__).parent / "legal_texts"
    words = tomllib.loads((folder / "warnings.toml").read_text("utf-8"))
    assert set(words) == set(CHECKS)
    assert all(one["words"].endswith(".") for one in words.values())


def test_a_check_without_words_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(catalogue_package.__file__).parent / "marriage_mobile.toml"
    known = {"texts": TEXTS, "warnings": {}}
    monkeypatch.setattr(catalogue_package, "_table", known.__getitem__)
    with pytest.raises(CatalogueError, match=r"warnings\.toml does not say what \['both_of_age'\] look at"):
        catalogue_package.read_procedure(path)


def test_a_rule_without_an_article_is_one_of_those_listed() -> None:
    found: dict[str, dict[str, set[str]]] = {}
    for version in VERSIONS:
        for path, text in _grounds(version):
            if text.article_unknown:
                found.setdefault(text.document, {}).setdefault(version.procedure, set()).add(path)
    listed = {
        document: {code: set(paths) for code, paths in rules.items()}
        for document, rules in NO_ARTICLE.items()
    }
    assert found == listed
    assert sum(len(paths) for rules in listed.values() for paths in rules.values()) <= 226


def test_every_known_text_and_article_is_named_by_a_rule() -> None:
    named: dict[str, set[str]] = {}
    for version in VERSIONS:
        for _, text in _grounds(version):
            named.setdefault(text.document, set()).update(text.articles)
    assert named == {document: set(known.get("articles", {})) for document, known in TEXTS.items()}


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
def test_a_version_stands_on_texts_of_its_days_only(version: ProcedureVersion) -> None:
    last = version.effective_to or date.max
    for path, text in _grounds(version):
        known = TEXTS[text.document]
        assert known.get("since", date.min) <= last, (path, text.document)
        assert version.effective_from <= known.get("until", date.max), (path, text.document)


def test_the_law_of_2026_takes_the_place_of_the_old_one_in_every_rule() -> None:
    for code in catalogue():
        old, new = (
            {text.document for _, text in _grounds(version_on(code, day))}
            for day in (date(2027, 2, 28), date(2027, 3, 1))
        )
        registers = code != "construction_tax_support"
        assert ("Luật Hộ tịch số 60/2014/QH13" in old) == registers
        assert "Luật Hộ tịch số 60/2014/QH13" not in new
        assert ("Luật Hộ tịch số 03/2026/QH16" in new) == registers


def test_before_the_circular_of_2020_nobody_is_told_its_reasons() -> None:
    before, after = (version_on("birth_mobile", day) for day in (date(2020, 7, 15), date(2020, 7, 16)))
    assert before.who_may_ask == (
        "Gia đình ở nơi dân cư không tập trung, đi lại khó khăn, xa trụ sở: xã tổ chức đăng ký lưu động.",
        "Ông/bà cứ để lại số, xã gọi lại.",
    )
    assert after.who_may_ask[0] == "Gia đình có cha mẹ khuyết tật, ốm đau không đi đăng ký được."


def test_the_articles_that_law_md_gives_stand_where_they_belong() -> None:
    birth, mobile = version_on("birth_at_home", TODAY), version_on("marriage_mobile", TODAY)
    sources = {item.path: item.source for item in (*items_of(birth), *items_of(mobile))}
    law = "Luật Hộ tịch số 60/2014/QH13"
    assert sources["citizen_deadline.days"] == f"{law} điều 15 khoản 1"
    assert sources["parts.birth.limit"].startswith(f"{law} điều 5 khoản 3, điều 16 khoản 2; ")
    assert sources["late_fee"].startswith(f"{law} điều 11; ")
    assert sources["parts.marriage.limit"].startswith("Thông tư số 04/2020/TT-BTP điều 26 khoản 1; ")
    assert sources["both_present"].startswith(f"{law} điều 6 khoản 2, điều 18 khoản 1, điều 18 khoản 2; ")
    assert sources["warnings.both_of_age"] == "Luật Hôn nhân và gia đình số 52/2014/QH13 điều 8"
    assert sources["eligibility.decided_locally"] == (
        f"Thông tư số 04/2020/TT-BTP điều 24 khoản 2; {law} điều 73 khoản 1 điểm đ"
    )


def test_a_family_reads_the_article_and_where_none_is_known_that_too() -> None:
    own, birth = how_long(version_on("birth_at_home", TODAY))
    assert own.endswith("Theo Luật Hộ tịch số 60/2014/QH13 điều 15 khoản 1.")
    assert birth == (
        "Trong ngày nhận đủ giấy tờ; nhận sau 15 giờ thì vào ngày làm việc tiếp theo. Theo Luật Hộ tịch số "
        "60/2014/QH13 điều 5 khoản 3, điều 16 khoản 2; Cổng Dịch vụ công quốc gia, thủ tục 1.001193."
    )
    residence = how_long(version_on("birth_bundle", TODAY))[2]
    assert residence.endswith(
        "Theo Nghị định số 301/2026/NĐ-CP (chưa rõ điều). Chưa xác nhận bằng văn bản gốc."
    )


@pytest.mark.parametrize(
    "code", ["birth_at_home", "birth_mobile", "death_at_home", "death_mobile", "marriage_mobile"]
)
def test_from_the_decree_of_january_2026_originals_of_identity_papers_are_not_asked(code: str) -> None:
    asked = "Bản chính giấy tờ tùy thân, khi xã tra cứu được bằng số định danh."
    before, after = (version_on(code, day) for day in (date(2026, 1, 13), date(2026, 1, 14)))
    assert asked not in before.not_asked_on(date(2026, 1, 13))
    earlier = before.not_asked_on(date(2026, 1, 13))
    assert set(after.not_asked_on(date(2026, 1, 14))) == {asked, *earlier}
    (item,) = [item for item in items_of(after) if item.path == f"never_ask.{asked}"]
    assert (item.certainty, item.legal_basis[0].document) == ("B", "Nghị định số 18/2026/NĐ-CP")
    assert "Nghị định số 18/2026/NĐ-CP" in {text.document for text in after.legal_basis}
    assert "Nghị định số 18/2026/NĐ-CP" not in {text.document for text in before.legal_basis}
