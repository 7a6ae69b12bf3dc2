"""A correction rings when a later catalogue says another value, and only then; what was stored before is compared too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from civreg.procedures import catalogue
from civreg.procedures.queries import has_gone, override_by_id, overtaken, shipped_beside
from civreg.procedures.rules import Amendment, Procedure, amended, item_of
from civreg.procedures.service import Correction
from civreg.shared import clock
from tests.procedures.test_own_rules import TUESDAY, correct
from tests.world import MONDAY, World, build_world


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def retold(monkeypatch: pytest.MonkeyPatch, **part: object) -> None:
    """Let a later catalogue tell the limit of the insurance card in other words, or say another one."""
    tables = catalogue.procedure_of("birth_bundle").model_dump(mode="json")
    version = next(one for one in tables["versions"] if one["id"] == "birth_bundle@2026-09-01")
    card = next(one for one in version["parts"] if one["code"] == "health_insurance")
    card["limit"] |= part.pop("limit", {})
    card |= part
    newer = {**catalogue.catalogue(), "birth_bundle": Procedure.model_validate(tables)}
    monkeypatch.setattr(catalogue, "catalogue", lambda: newer)


@pytest.mark.parametrize("stored_before", ["now", "before 11/2026"])
@pytest.mark.parametrize(
    ("part", "rings"),
    [
        ({"source": "Nghị định 301/2026, đọc qua trang khác"}, False),
        ({"read_in": "đọc qua trang khác", "limit": {"why": "chưa có văn bản nào được đọc."}}, False),
        ({"certainty": "C"}, True),
        ({"limit": {"kind": "working_days", "days": 4, "why": ""}}, True),
        ({"limit": {"kind": "none", "why": "không đặt."}}, True),
    ],
)
def test_a_catalogue_that_only_names_its_source_otherwise_does_not_ring(
    session: Session,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    stored_before: str,
    part: dict[str, object],
    rings: bool,
) -> None:
    row = override_by_id(session, correct(session, world))
    assert row is not None
    assert row.shipped is not None
    if stored_before == "before 11/2026":
        row = replace(row, shipped={name: row.shipped[name] for name in ("words", "source", "certainty")})
    retold(monkeypatch, **dict(part))
    assert (shipped_beside(row, TUESDAY) is not None) == rings


def test_a_sentence_that_says_something_else_rings_whatever_it_was_stored_with(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Correction({"words": "12.000 đồng"}, "Nghị quyết số 5/NQ-HĐND", "A", TUESDAY)
    row = override_by_id(session, correct(session, world, made, "late_fee"))
    assert row is not None
    assert row.shipped is not None
    old_form = replace(row, shipped={name: row.shipped[name] for name in ("words", "source", "certainty")})
    assert [shipped_beside(one, TUESDAY) for one in (row, old_form)] == [None, None]
    tables = catalogue.procedure_of("birth_bundle").model_dump(mode="json")
    for version in tables["versions"]:
        version["late_fee"]["words"] = "8.000 đồng."
    newer = {**catalogue.catalogue(), "birth_bundle": Procedure.model_validate(tables)}
    monkeypatch.setattr(catalogue, "catalogue", lambda: newer)
    for one in (row, old_form):
        beside = shipped_beside(one, TUESDAY)
        assert beside is not None
        assert beside.words == ("8.000 đồng.",)


def test_a_correction_of_what_the_catalogue_no_longer_has_rings_until_it_is_ended(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that may not be asked is known by its words: told in others, the correction would fall out in silence."""
    version = catalogue.version_on("birth_bundle", TUESDAY)
    asked = next(rule for rule in version.never_ask if rule.certainty in "CD")
    words = Correction({"words": "Không hỏi nữa."}, "NĐ 301/2026 điều 4", "B", TUESDAY)
    row = override_by_id(session, correct(session, world, words, f"never_ask.{asked.what}"))
    assert row is not None
    assert not has_gone(row, TUESDAY)
    assert overtaken(session, TUESDAY) == []
    tables = catalogue.procedure_of("birth_bundle").model_dump(mode="json")
    for one in tables["versions"]:
        one["never_ask"] = [rule for rule in one["never_ask"] if rule["what"] != asked.what]
    newer = {**catalogue.catalogue(), "birth_bundle": Procedure.model_validate(tables)}
    monkeypatch.setattr(catalogue, "catalogue", lambda: newer)
    assert has_gone(row, TUESDAY)
    assert overtaken(session, TUESDAY) == [(row, None)]
    assert has_gone(replace(row, ends_on=TUESDAY), date(2026, 11, 18))


def test_a_first_day_is_said_once_also_when_the_office_left_it_in_its_sentence() -> None:
    version = catalogue.version_on("marriage_mobile", date(2025, 3, 1))
    asked = next(rule for rule in version.never_ask if rule.since)
    path, words = f"never_ask.{asked.what}", "Giấy xác nhận tình trạng hôn nhân"
    item = item_of(version, path)
    assert item is not None
    assert item.words == (f"{asked.what.rstrip('.')} (từ 9/1/2025).",)
    assert item.value == {"words": asked.what}, "a correction starts from the sentence without the day"
    for typed in (f"{words}.", f"{words} (từ 9/1/2025)."):
        made = amended(version, [Amendment(path, {"words": typed}, "CV 481", "B")])
        item = item_of(made, path)
        assert item is not None
        assert item.words == (f"{words} (từ 9/1/2025).",)
    assert [rule.sentence for rule in version.never_ask if not rule.since] == [
        rule.what for rule in version.never_ask if not rule.since
    ]
