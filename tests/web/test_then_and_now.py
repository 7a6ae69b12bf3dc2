"""Every list, count and export of the staff: by the units of that time and grouped to today's, or why it needs neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg import succession, work
from civreg.accounts.rules import Role
from civreg.shared import clock
from civreg.units import service as units_service
from tests.letters.flow import handed_over
from tests.succession.merged import BEFORE, FORM, _person
from tests.web import access_matrix
from tests.web.officer_site import sit
from tests.world import MONDAY, World, ask, build_world, ended_unit

JUNE = "don-vi=29461@2025-07-01&thang=2025-06"
BEHIND = "don-vi=29461@2025-07-01&tu=2025-06-01&den=2025-06-30&dong=requested"
SWITCHED = {
    "cases.index": ("/ho-so?unit={old}", "/ho-so?unit=nay-{new}"),
    "letters.index": ("/thu?state=handed_over&don-vi={new}", "/thu?state=handed_over&don-vi=nay-{new}"),
    "letters.counts": (
        "/thu/so-lieu?don-vi=29461&thang=2025-06",
        "/thu/so-lieu?don-vi=29461&thang=2025-06&nhom=nay",
    ),
    "statistics.index": (f"/thong-ke?{JUNE}", f"/thong-ke?{JUNE}&nhom=nay"),
    "statistics.behind": (f"/thong-ke/ho-so?{BEHIND}", f"/thong-ke/ho-so?{BEHIND}&nhom=nay"),
    "statistics.behind_csv": (f"/thong-ke/ho-so.csv?{BEHIND}", f"/thong-ke/ho-so.csv?{BEHIND}&nhom=nay"),
    "statistics.month_csv": (f"/thong-ke/thang.csv?{JUNE}", f"/thong-ke/thang.csv?{JUNE}&nhom=nay"),
    "statistics.month_xlsx": (f"/thong-ke/thang.xlsx?{JUNE}", f"/thong-ke/thang.xlsx?{JUNE}&nhom=nay"),
}
"""Endpoint → its address by the units of that time, and grouped to today's."""

AS_IT_STANDS = {
    "desk.show": "open work of today",
    "cases.stuck": "open work of today",
    "complaints.index": "what waits moved with its case; what was answered names its case",
    "visits.index": "one day's trips of the people of the units that are covered",
    "letters.print_page": "letters that wait for paper; a numbered one stays in the book of its unit",
    "letters.give": "letters that wait to be carried, by the unit whose number they have",
    "letters.books": "a book belongs to the unit and the year of its numbers; ended units are listed",
    "books.index": "a register book belongs to the unit that wrote it (Luật Hộ tịch 2014 art 58)",
    "wordings.index": "texts in force today",
    "letter_papers.index": "papers in force today",
}
"""Endpoint → why its list needs no choice between the two."""

FORMS = frozenset({"cases.new", "books.open_book"})
_FEATURES = frozenset(
    {"desk", "cases", "visits", "books", "complaints", "letters", "wordings", "letter_papers"}
)


@dataclass(frozen=True)
class Reformed:
    """An ended unit with one letter handed over in June 2025, and the unit that took its work."""

    old: int
    new: int


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def reformed(session: Session, world: World) -> Reformed:
    old, since = ended_unit(session, "29479", "Xã Ngãi Xuyên", world.tra_cu), date(2025, 1, 1)
    with clock.travelling(BEFORE):
        terms = units_service.ParticipationTerms(hotline="0294 3874 079", office_address="Ấp Xoài Xiêm")
        units_service.start_participation(session, old, since, terms)
        staff = {
            "officer": _person(session, "old.officer", Role.OFFICER, old, "Thạch Thị Bé", since),
            "head": _person(session, "old.head", Role.HEAD, old, "Sơn Minh Trí", since),
            "clerk": _person(session, "old.clerk", Role.LETTER_CLERK, old, "Trần Thị Vân", since),
        }
        handed_over(session, replace(world, tra_cu=old, **staff), FORM)
        work.run_waiting(session)
    ask(session, world)
    plan = succession.plan_of(session, world.administrator, old, clock.today())
    succession.carry_out(session, world.administrator, old, expected=plan.expected)
    session.commit()
    return Reformed(old, world.tra_cu)


def test_every_list_of_the_staff_is_one_or_the_other(app: Flask) -> None:
    areas = {
        row.endpoint
        for row in access_matrix.ROWS
        if row.method == "GET" and "{" not in row.path and row.endpoint.partition(".")[0] in _FEATURES
    }
    exports = {
        "statistics.index",
        *(one for one in SWITCHED if one.startswith(("statistics.", "letters.counts"))),
    }
    assert areas | exports == SWITCHED.keys() | AS_IT_STANDS.keys() | FORMS
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= areas


_FEATURES = frozenset(
    {"desk", "cases", "visits", "books", "complaints", "letters", "wordings", "letter_papers"}
)


@pytest.mark.parametrize("endpoint", ["cases.index", "letters.index", "letters.counts", "statistics.index"])
def test_the_page_offers_both(
    client: FlaskClient, session: Session, reformed: Reformed, endpoint: str
) -> None:
    address = SWITCHED[endpoint][1].format(old=reformed.old, new=reformed.new)
    page = sit(client, session, "officer").open(address).text
    words = {"cases.index": "hôm nay, gồm các đơn vị cũ", "letters.index": "hôm nay, gồm các đơn vị cũ"}
    assert words.get(endpoint, "Gom về đơn vị hôm nay") in page
    chosen = re.findall(r'<option value="(nay[^"]*)" selected', page)
    assert chosen == ([f"nay-{reformed.new}"] if endpoint in words else ["nay"])


@pytest.mark.parametrize("endpoint", SWITCHED)
def test_the_two_ways_show_the_ended_unit_differently(
    client: FlaskClient, session: Session, reformed: Reformed, endpoint: str
) -> None:
    desk = sit(client, session, "officer")
    then, now = (desk.open(one.format(old=reformed.old, new=reformed.new)) for one in SWITCHED[endpoint])
    assert (then.status_code, now.status_code) == (200, 200)
    assert then.data != now.data


def test_letters_of_the_ended_unit_are_found_counted_and_kept_in_its_book(
    client: FlaskClient, session: Session, reformed: Reformed
) -> None:
    desk = sit(client, session, "officer")
    letter = "Kim Sô Khane"
    found = {
        place: letter in desk.open(f"/thu?state=handed_over&don-vi={place}").text
        for place in (str(reformed.old), str(reformed.new), f"nay-{reformed.new}")
    }
    assert found == {str(reformed.old): True, str(reformed.new): False, f"nay-{reformed.new}": True}
    then, now = (desk.open(one).text for one in SWITCHED["letters.counts"])
    assert "Chưa có thư nào trong kỳ này" in then
    assert re.search(r"<td>Xã Trà Cú</td>", now)
    books = desk.open("/thu/so").text
    assert "Xã Ngãi Xuyên, đến 30/6/2025" in books
    assert f'href="/thu/so/{reformed.old}"' in books
