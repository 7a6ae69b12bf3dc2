"""The list of letters: its filters and pages, where each person starts, what stands first."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.letters import service as letters
from civreg.letters.rules import Language, LetterKind
from civreg.shared import clock
from civreg.work import LETTER_TEMPLATES
from tests.letters.flow import issued
from tests.letters.test_wordings import shipped
from tests.web.letter_pages import draft, tabs
from tests.web.staff_browser import Browsers
from tests.world import MARRIAGE, World


def test_the_list_is_narrowed_paged_and_forgives_its_address(
    session: Session, world: World, browse: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [draft(session, world), draft(session, world, form=MARRIAGE)]
    head = browse("head")
    kind = head.get("/thu?state=draft&loai=congratulation_marriage")
    assert [row.names in kind.text for row in rows] == [False, True]
    assert tabs(kind)["Chờ duyệt"] == 1
    for nonsense in ("?state=x", "?don-vi=abc", "?don-vi=99999999999999999999", "?after=x", "?loai=x"):
        assert head.get(f"/thu{nonsense}").status_code == 200
    monkeypatch.setattr("civreg.web.letters.listing.PAGE_SIZE", 1)
    first = head.get("/thu?state=draft")
    following = re.search(r'class="paging"[^>]*><a [^>]*href="([^"]+)"', first.text)
    assert following is not None
    second = head.get(following.group(1).replace("&amp;", "&"))
    assert {row.names for row in rows if row.names in first.text} == {rows[0].names}
    assert {row.names for row in rows if row.names in second.text} == {rows[1].names}


def test_each_one_starts_where_work_waits(session: Session, world: World, browse: Browsers) -> None:
    draft(session, world)
    issued(session, world, MARRIAGE)
    current = re.compile(r'aria-current="page">([^<&]+)&nbsp;')
    assert current.search(browse("head").get("/thu").text)[1] == "Chờ duyệt"  # type: ignore[index]
    assert current.search(browse("clerk").get("/thu").text)[1] == "Chờ in"  # type: ignore[index]
    assert current.search(browse("officer").get("/thu").text)[1] == "Ở cán bộ"  # type: ignore[index]


def test_what_is_needed_first_stands_first(session: Session, world: World, browse: Browsers) -> None:
    first, second = draft(session, world), draft(session, world, form=MARRIAGE)
    session.execute(
        text("UPDATE letter SET needed_by = :at WHERE id = :id"),
        {"at": clock.now() + timedelta(days=1), "id": second.id},
    )
    page = browse("head").get("/thu").text
    assert page.index(second.names) < page.index(first.names)
    assert "08:00, 17/11/2026" in page


def test_the_list_is_narrowed_by_language(session: Session, world: World, browse: Browsers) -> None:
    rows = [draft(session, world), draft(session, world)]
    kind, km = LetterKind.CONGRATULATION_BIRTH, Language.WITH_KHMER
    made = letters.write_wording(session, world.clerk, world.tra_cu, kind, km, shipped(kind, km))
    letters.approve_wording(
        session, world.head, made, expected_version=1, reader="Kim Thị Sô Phia", reader_role="giáo viên"
    )
    letters.choose_language(
        session,
        world.officer,
        rows[1].id,
        LETTER_TEMPLATES,
        expected_version=rows[1].version,
        language=km,
    )
    head = browse("head")
    for asked, there in (("", {0, 1}), ("vi", {0}), ("vi_km", {1}), ("fr", {0, 1})):
        page = head.get(f"/thu?state=draft&ngon-ngu={asked}")
        shown = {number for number, row in enumerate(rows) if f"/thu/{row.id}" in page.text}
        assert (shown, tabs(page)["Chờ duyệt"]) == (there, len(there)), asked
    mixed = head.get("/thu?state=draft&ngon-ngu=vi_km")
    assert '<span class="hint with-khmer">Tiếng Việt và tiếng Khmer</span>' in mixed.text
    assert '<option value="vi_km" selected>Tiếng Việt và tiếng Khmer</option>' in mixed.text
    none = head.get("/thu?state=held&ngon-ngu=vi_km")
    assert "Ông/bà bỏ bớt điều kiện lọc." in none.text
