"""People of one commune on the running stack: their accounts, a plain HTTP visitor, and what the stack wrote down."""

from __future__ import annotations

import re
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from http.cookiejar import CookieJar
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts import service as accounts_service
from civreg.accounts.rules import SYSTEM, Actor, Role
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.units import queries as units
from civreg.units import service as units_service
from civreg.units.service import ParticipationTerms
from tests.live_stack import LiveStack, wait_until

PASSWORD = "một câu dài dễ nhớ của xã"
PROVINCE = "86"
_STAFF = {
    "officer": (Role.OFFICER, False, "Thạch Thị Mỹ Hạnh"),
    "head": (Role.HEAD, False, "Nguyễn Văn Lâm"),
    "clerk": (Role.LETTER_CLERK, True, "Trần Thị Bích Vân"),
    "staff": (Role.PROGRAMME_STAFF, True, "Lê Hoàng Phúc"),
}
"""Role, whether it is held at the province, full name."""


@dataclass
class LiveOffice:
    """One commune that takes part, with one person per role; each test takes a commune of its own."""

    stack: LiveStack
    engine: Engine
    code: str
    unit_id: int
    unit_name: str
    province_id: int
    actors: dict[str, Actor] = field(default_factory=dict)

    def username(self, role: str) -> str:
        return f"{role}.{self.code}"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a committed transaction with the stack's own keys."""
        crypto.use_keyring(crypto.Keyring.load(self.stack.settings.keyring_path))
        with Session(self.engine) as session, transaction(session):
            yield session

    def scalar(self, query: str, **values: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(text(query), values).scalar_one()

    def case_of(self, code: str) -> UUID:
        return UUID(str(self.scalar("SELECT id FROM case_file WHERE code = :code", code=code)))

    def world(self) -> Any:
        """Return this office as the helpers of `tests.world` know one."""
        return SimpleNamespace(tra_cu=self.unit_id, province=self.province_id, **self.actors)

    def wait_for_jobs(self, seconds: float = 120) -> None:
        """Wait until the worker has nothing left to do."""

        def idle() -> bool:
            waiting = self.scalar("SELECT count(*) FROM outbox WHERE relayed_at IS NULL")
            return not waiting and not self.scalar("SELECT count(*) FROM job WHERE state = 'waiting'")

        wait_until(idle, seconds, "the worker")

    def let_the_visit_come(self, case_id: UUID) -> None:
        """Move the booked visit to this minute: days go by faster in a test than in a commune."""
        now = clock.now().replace(second=0, microsecond=0)
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE visit SET starts_at = :s, ends_at = :e, period = tstzrange(:s, :e, '[)')"
                    " WHERE state = 'planned' AND id IN (SELECT visit_id FROM visit_case WHERE case_id = :c)"
                ),
                {"s": now, "e": now + timedelta(minutes=1), "c": case_id},
            )


_open: dict[tuple[int, str], LiveOffice] = {}


def open_office(stack: LiveStack, code: str = "29461") -> LiveOffice:
    """Let a commune of Vĩnh Long take part and give it its people; once for each stack."""
    known = _open.get((id(stack), code))
    if known is not None:
        return known
    engine = create_engine(stack.settings.database_url, pool_pre_ping=True)
    today = clock.today()
    crypto.use_keyring(crypto.Keyring.load(stack.settings.keyring_path))
    with Session(engine) as session, transaction(session):
        unit, province = units.unit_on(session, code, today), units.unit_on(session, PROVINCE, today)
        assert unit is not None
        assert province is not None
        terms = ParticipationTerms(
            hotline="0294 3874 001", office_address="Ấp 1", signer_name="Nguyễn Văn Lâm"
        )
        units_service.start_participation(session, unit.id, today - timedelta(days=30), terms)
        office = LiveOffice(stack, engine, code, unit.id, unit.name, province.id)
        for role, (granted, provincial, full_name) in _STAFF.items():
            user_id = accounts_service.create_user(
                session,
                SYSTEM,
                username=office.username(role),
                full_name=full_name,
                title="",
                password=PASSWORD,
                must_change=False,
            )
            where = province.id if provincial else unit.id
            accounts_service.grant_role(session, SYSTEM, user_id, where, granted, date(2025, 7, 1))
            session.flush()
            office.actors[role] = accounts.actor_for(session, user_id, today)
    _open[id(stack), code] = office
    return office


@dataclass(frozen=True)
class Answer:
    """What the server answered, after redirects."""

    status: int
    url: str
    text: str

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field of the page."""
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.text)
        assert found is not None, f"no field {name} at {self.url}"
        return unescape(found[1])

    def form(self) -> dict[str, str]:
        """Return every hidden field of the page."""
        pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.text)
        return {unescape(name): unescape(value) for name, value in pairs}


class HttpVisitor:
    """A browser without JavaScript over real HTTP: keeps cookies, follows redirects, takes error pages as pages."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.cookies),
            ErrorsAsPages(),
        )

    def get(self, path: str) -> Answer:
        return self._send(urllib.request.Request(self.url + path))

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        body = urllib.parse.urlencode(fields).encode()
        return self._send(urllib.request.Request(self.url + path, body))

    def _send(self, request: urllib.request.Request) -> Answer:
        with self._opener.open(request, timeout=60) as answer:
            return Answer(answer.status, answer.url, answer.read().decode("utf-8", "replace"))

    def sign_in(self, username: str) -> None:
        token = self.get("/dang-nhap").hidden("csrf_token")
        fields = {"csrf_token": token, "username": username, "password": PASSWORD}
        answer = self.post("/dang-nhap", fields)
        assert answer.status == 200, answer.text[:2000]
        assert "/dang-nhap" not in answer.url


class ErrorsAsPages(urllib.request.HTTPErrorProcessor):
    """Redirects are followed; every other status is an answer like any."""

    def http_response(self, request: Any, response: Any) -> Any:
        return (
            super().http_response(request, response)
            if response.code in (301, 302, 303, 307, 308)
            else response
        )

    https_response = http_response


def birth_answers(office: LiveOffice, **changes: str) -> dict[str, str]:
    """Return every answer of a birth request, as the review page carries them."""
    born = clock.today() - timedelta(days=9)
    return {
        "commune": str(office.unit_id),
        "commune_label": office.unit_name,
        "requester_name": "Thạch Thị Sa Rết",
        "requester_relation": "mother",
        "phone_owner": "own",
        "phone": "0912 345 678",
        "child_name": "Thạch Minh Khang",
        "child_sex": "male",
        "child_birth_day": str(born.day),
        "child_birth_month": str(born.month),
        "child_birth_year": str(born.year),
        "birth_place": "home",
        "mother_name": "Thạch Thị Sa Rết",
        "mother_birth_year": "1998",
        "father_declared": "no",
        "hamlet": "Ấp Chợ",
        "address": "Nhà cạnh chùa",
        "interpreter": "no",
        "letter_consent": "yes",
        **changes,
    }


def at_once(visitors: list[Callable[[], Answer]]) -> list[Answer]:
    """Let everybody send at the same moment, each from a thread of its own; return the answers in order."""
    barrier = threading.Barrier(len(visitors))

    def send(visitor: Callable[[], Answer]) -> Answer:
        barrier.wait(30)
        return visitor()

    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(send, visitors))
