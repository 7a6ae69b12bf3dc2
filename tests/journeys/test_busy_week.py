"""One week of a busy commune, page by page under a travelling clock; its month shows exactly what happened.

Three births, two marriages, a child's death with the mother's, a bundle stuck at residence, a refusal and an apology.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.deadlines import service as deadlines
from civreg.letters.queries import LetterRow, letters_of_case
from civreg.letters.rules import LetterKind, LetterState
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock
from civreg.statistics.rules import LINE_WORDS, Line
from civreg.work import run_waiting
from tests.web.family import Family
from tests.web.office_days import ask_on_the_web, deliver_case, newest_case, register_case, take_dossier
from tests.web.officer_site import Desk, landed, now, sit
from tests.web.staff_browser import StaffBrowser
from tests.world import MONDAY, World, build_world

KHANG, MAI, BINH = "Kim Minh Khang", "Kim Thị Mai", "Kim Quốc Bình"
WITH_FATHER = {"father_declared": "yes", "father_name": "Kim Văn Sơn"}


@dataclass
class Week:
    """The commune's people at their pages, day after day."""

    client: FlaskClient
    session: Session
    world: World
    desks: dict[str, Desk] = field(default_factory=dict)
    families: int = 0

    @contextmanager
    def on(self, day: int, hour: int = 8) -> Iterator[None]:
        """Let a morning of November 2026 begin: the sweep and the jobs run before and after."""
        with clock.travelling(datetime(2026, 11, day, hour, tzinfo=clock.ZONE)):
            self.desks.clear()
            self._machines()
            yield
            self._machines()

    def _machines(self) -> None:
        deadlines.sweep(self.session)
        run_waiting(self.session)
        self.session.commit()

    def at(self, username: str) -> Desk:
        """Return the desk of a person; she signs in once a day."""
        if username not in self.desks:
            self.desks[username] = sit(self.client, self.session, username)
        return self.desks[username]

    def asks(self, procedure: str, **answers: str) -> UUID:
        """Let a family ask on its own phone, with a number of its own."""
        family = Family(self.client.application.test_client())
        self.families += 1
        answers = {"phone": f"0912 345 {self.families:03}", **answers}
        ask_on_the_web(family, self.world, procedure, **answers)
        case_id = newest_case(self.session)
        assert landed(self.at("officer").fill(f"/ho-so/{case_id}", to="/da-goi")) == f"/ho-so/{case_id}"
        return case_id

    def receives(self, *cases: UUID) -> None:
        for case_id in cases:
            take_dossier(self.session, self.world, self.at("officer"), case_id)

    def registers(self, case_id: UUID, number: str) -> None:
        register_case(self.session, self.world, self.at("officer"), case_id, number)
        self._machines()

    def delivers(self, *cases: UUID) -> None:
        for case_id in cases:
            assert deliver_case(self.session, self.world, self.at("officer"), case_id).state == "delivered"

    def letter(self, case_id: UUID, *, sorry: bool = False) -> LetterRow:
        """Return the letter that a registration earned, or the apology for what the office missed."""
        self.session.expire_all()
        rows = letters_of_case(self.session, SYSTEM, case_id)
        (row,) = [one for one in rows if (one.kind is LetterKind.APOLOGY) == sorry]
        return row

    def approves(self, *cases: UUID, sorry: bool = False) -> None:
        """The head reads and approves; the machine gives the number."""
        for case_id in cases:
            row = self.letter(case_id, sorry=sorry)
            self.at("head").fill(f"/thu/{row.id}", to="/duyet")
        self._machines()

    def prints(self, count: int) -> None:
        """The clerk prints in one run, has everything sealed, gives it to the officer."""
        clerk = StaffBrowser(self.client, self.session, "clerk")
        run = clerk.post("/thu/in", {"unit": str(self.world.tra_cu)}).headers["Location"]
        ids = re.findall(r'name="letter" value="([0-9a-f-]{36})', clerk.get(run).text)
        assert len(ids) == count
        clerk.post(f"{run}/da-ky", {"letter": ids})
        officer_id = str(self.world.officer.user_id)
        clerk.post(f"/thu/giao/{self.world.tra_cu}", {"letter": ids, "officer_id": officer_id})

    def hands_over(self, *cases: UUID, sorry: bool = False) -> None:
        for case_id in cases:
            row = self.letter(case_id, sorry=sorry)
            typed = {"to_whom": "Người nhà", "relation": "người nhà", "way": "post" if sorry else "visit"}
            answer = self.at("officer").fill(f"/thu/{row.id}/trao", typed)
            assert answer.status_code == 302, answer.text


@pytest.fixture
def week(client: FlaskClient, session: Session) -> Week:
    with clock.travelling(MONDAY):
        world = build_world(session)
        session.commit()
    return Week(client, session, world)


def month(week: Week) -> dict[str, dict[str, int]]:
    """Return the month's file as programme staff read it: service → line → count; letters under "letters"."""
    staff = StaffBrowser(week.client, week.session, "staff")
    answer = staff.get("/thong-ke/thang.csv?don-vi=29461&thang=2026-11")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    head = next(row for row in rows if row[:1] == ["Thủ tục"])
    start = rows.index(head)
    told = {
        row[0]: {
            line: int(count) for line, count in zip(head[1:], row[1:], strict=True) if count not in ("0", "")
        }
        for row in rows[start + 1 :]
        if len(row) == len(head)
    }
    letters = {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[0].startswith("Thư c")}
    return {name: line for name, line in told.items() if line} | {"letters": letters}


def title(procedure: str) -> str:
    return catalogue()[procedure].title_vi


def counts(asked: int, *, registered: int, on_time: int, late: int = 0, delivered: int = 0) -> dict[str, int]:
    """Return the lines of one service that are not zero; whoever asked this week also gave the papers."""
    lines = {
        Line.REQUESTED: asked,
        Line.RECEIVED: asked,
        Line.REGISTERED: registered,
        Line.REGISTERED_ON_TIME: on_time,
        Line.REGISTERED_LATE: late,
        Line.DELIVERED: delivered,
    }
    return {LINE_WORDS[line]: count for line, count in lines.items() if count}


def test_the_month_of_a_busy_week_shows_exactly_those_figures(week: Week) -> None:
    with week.on(16):
        khang = week.asks("birth_at_home", child_name=KHANG, **WITH_FATHER)
        na_ut = week.asks("marriage_mobile", groom_name="Trần Văn Út", bride_name="Sơn Thị Na")
        week.receives(khang, na_ut)
        week.registers(khang, "101/2026")
    with week.on(17):
        week.approves(khang)
        mai = week.asks("birth_mobile", child_name=MAI, child_sex="female", **WITH_FATHER)
        bundle = week.asks("birth_bundle", child_name="Thạch Sô Phia", **WITH_FATHER)
        week.receives(mai, bundle)
        week.registers(na_ut, "21/2026")
        week.registers(bundle, "102/2026")
        week.approves(na_ut)
    with week.on(18):
        officer = week.at("officer")
        binh = week.asks("birth_at_home", child_name=BINH, **WITH_FATHER)
        lan_dung = week.asks("marriage_mobile", groom_name="Lâm Chí Dũng", bride_name="Kiên Thị Lan")
        week.receives(binh, lan_dung)
        week.registers(mai, "103/2026")
        residence = f"/ho-so/{bundle}/thanh-phan/residence"
        officer.fill(f"{residence}/submit", {"account": "officer", "portal_code": "000.00.17.H61-1"})
        week.prints(2)
        week.hands_over(khang, na_ut)
        week.delivers(khang, na_ut)
    with week.on(19):  # the promise of the day before was missed: an apology is drafted, the head signs it
        officer = week.at("officer")
        query = text("SELECT id FROM apology WHERE case_id = :id")
        (apology,) = week.session.execute(query, {"id": binh}).scalars()
        week.at("head").fill(
            f"/ho-so/{binh}/xin-loi/{apology}/ky",
            {
                "reason": "Phần mềm hộ tịch không trả số định danh",
                **{"new_due_on_day": "20", "new_due_on_month": "11", "new_due_on_year": "2026"},
            },
        )
        officer.fill(f"/ho-so/{binh}", {"how": "phone"}, to="/da-bao")
        week._machines()
        week.approves(binh, sorry=True)
        week.prints(1)
        week.hands_over(binh, sorry=True)
        assert (week.letter(binh, sorry=True).state, week.letter(binh, sorry=True).number) == (
            LetterState.HANDED_OVER,
            "03/2026",
        ), "the registration is not final yet"
        mother = week.asks("death_at_home", deceased_name="Thạch Thị Đa", deceased_sex="female")
        child = week.asks("death_at_home", deceased_name="Kim Bé Na", deceased_sex="female")
        other = now(week.session, week.world, child).code
        assert landed(officer.fill(f"/ho-so/{mother}/lien-quan", {"kind": "mother_and_child", "code": other}))
        week.receives(mother, child)
        week.registers(mother, "31/2026")
        week.registers(child, "32/2026")
    with week.on(20):
        officer = week.at("officer")
        week.registers(binh, "104/2026")
        refused = week.asks("marriage_mobile", groom_name="Lý Văn Nam", bride_name="Lý Thị Bắc")
        week.receives(refused)
        week.at("head").fill(
            f"/ho-so/{refused}/dong/refuse", {"reason": "Hai bên là anh em cùng cha", "confirm": "1"}
        )
        officer.fill(f"{residence}/return", {"reason": "Chủ hộ chưa đồng ý"})
        week.registers(lan_dung, "22/2026")
    with week.on(23):
        held = week.letter(mother)
        assert held.held_reason
        week.at("head").fill(f"/thu/{held.id}/bo-tam-giu", {"reason": "Gia đình muốn nhận thư"})
        week.approves(mai, binh, lan_dung, mother)
        week.prints(4)
        week.hands_over(mai, binh, lan_dung, mother)
        week.delivers(mai, binh, lan_dung, mother, child)

    with week.on(30):
        page = week.at("officer").open("/ho-so/bo-do").text
        assert now(week.session, week.world, bundle).code in page
        told = month(week)
    assert told == {
        title("birth_at_home"): counts(2, registered=2, on_time=1, late=1, delivered=2),
        title("birth_mobile"): counts(1, registered=1, on_time=1, delivered=1),
        title("birth_bundle"): counts(1, registered=1, on_time=1),
        title("marriage_mobile"): counts(3, registered=2, on_time=2, delivered=2),
        title("death_at_home"): counts(2, registered=2, on_time=2, delivered=2),
        "Tất cả thủ tục": counts(9, registered=8, on_time=7, late=1, delivered=7),
        "letters": {
            LINE_WORDS[Line.LETTER_CONGRATULATION_BIRTH]: 3,
            LINE_WORDS[Line.LETTER_CONGRATULATION_MARRIAGE]: 2,
            LINE_WORDS[Line.LETTER_CONDOLENCE]: 1,
        },
    }
