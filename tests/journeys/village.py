"""The whole application in this process on a day of its own choosing: browsers outside, the clock in the test's hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from playwright.sync_api import BrowserContext
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from civreg.accounts.rules import Actor
from civreg.deadlines import service as deadlines
from civreg.procedures.catalogue import version_on
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.work import run_waiting
from tests.answers import typed
from tests.journeys.family import Family
from tests.journeys.staff import Clerk, Head, Officer, Staff
from tests.journeys.walker import Walker
from tests.world import MONDAY, PASSWORD, World, build_world

WITH_FATHER = {"father_declared": "yes", "father_name": "Kim Văn Sơn"}


@dataclass
class Village:
    """Two communes of the small world behind a web server; time stands still until the test moves it.

    Jobs run when `work` is called, through the same table as the worker's (`civreg.work`); the live journeys prove
    the real worker.
    """

    app: Flask
    new_context: Callable[..., BrowserContext]
    now: datetime = MONDAY
    url: str = ""
    world: World = field(init=False)
    walkers: list[Walker] = field(default_factory=list)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a committed transaction at the village's hour."""
        with self.app.app_context(), clock.travelling(self.now):
            session = self.app.extensions["sqlalchemy"].session()
            with transaction(session):
                yield session

    def work(self) -> None:
        """Let the sweep and every waiting job run."""
        with self.session() as session:
            deadlines.sweep(session)
            run_waiting(session)

    def goes_on(self, **later: float) -> None:
        """Let time pass (`days=`, `hours=`, `minutes=`), then let the jobs run."""
        self.now += timedelta(**later)
        self.work()

    def morning(self, days: int = 1) -> None:
        """Go to eight o'clock, `days` from today."""
        self.now = datetime.combine(self.now.date() + timedelta(days=days), time(8), clock.ZONE)
        self.work()

    def scalar(self, query: str, **values: Any) -> Any:
        """Ask the database."""
        with self.session() as session:
            return session.execute(text(query), values).scalar_one()

    def case_of(self, code: str) -> UUID:
        return UUID(str(self.scalar("SELECT id FROM case_file WHERE code = :code", code=code)))

    def let_the_visit_come(self, code: str) -> None:
        """Go to the hour of the planned visit of a case."""
        query = (
            "SELECT v.starts_at FROM visit v JOIN visit_case c ON c.visit_id = v.id JOIN case_file f"
            " ON f.id = c.case_id WHERE f.code = :code AND v.state = 'planned'"
        )
        self.now = self.scalar(query, code=code).astimezone(clock.ZONE) + timedelta(minutes=5)

    def _welcome(self, walker: Walker, username: str = "") -> None:
        if username:
            walker.sign_in(username, PASSWORD)
        self.walkers.append(walker)

    def family(self, *, javascript: bool = True) -> Family:
        family = Family(self.new_context, self.url, "family", width=360, javascript=javascript)
        self._welcome(family)
        return family

    @property
    def unit_id(self) -> int:
        """The commune of the journeys, as the letter clerk's pages number it."""
        return self.world.tra_cu

    @property
    def actors(self) -> dict[str, Actor]:
        return {"officer": self.world.officer}

    def officer(self, of: Officer | None = None, *, width: int = 1280) -> Officer:
        """Let an officer sit down; with `of`, the same case on another day (the session of before has ended)."""
        officer = Officer(self.new_context, self.url, "officer", width=width)
        self._welcome(officer, "officer")
        if of is not None:
            officer.case_path, officer.case_code = of.case_path, of.case_code
        return officer

    def head(self) -> Head:
        head = Head(self.new_context, self.url, "head")
        head.idle = self.work
        self._welcome(head, "head")
        return head

    def clerk(self) -> Clerk:
        clerk = Clerk(self.new_context, self.url, "clerk")
        self._welcome(clerk, "clerk")
        return clerk

    def staff(self) -> Staff:
        staff = Staff(self.new_context, self.url, "staff")
        self._welcome(staff, "staff")
        return staff

    def asks(self, procedure: str, **answers: str) -> Family:
        """Let a family of Trà Cú ask for a service on its phone, with a father; return it with its receipt."""
        rules = version_on(procedure, self.now.date())
        family = self.family()
        family.begin(rules.title_vi)
        family.commune("tra cu", "Xã Trà Cú, tỉnh Vĩnh Long")
        family.tells(typed(rules.occasion) | WITH_FATHER | answers)
        family.send()
        return family

    def is_visited(self, name: str = "Thạch") -> Officer:
        """Let the officer call, book in two taps, go there; return her before she takes the papers."""
        officer = self.officer()
        officer.finds_call(name)
        officer.calls()
        officer.books_in_two_taps()
        self.let_the_visit_come(officer.case_code)
        officer = self.officer(officer)
        officer.goes_there()
        return officer

    def no_address_names(self, *secrets: str) -> None:
        """Nothing personal stood in any address that a browser asked for."""
        for walker in self.walkers:
            for address in walker.addresses:
                assert not [secret for secret in secrets if secret in address], (walker.name, address)


@contextmanager
def open_village(app: Flask, new_context: Callable[..., BrowserContext]) -> Iterator[Village]:
    """Build the small world, serve it on a free port, stop when done."""
    village = Village(app, new_context)
    with village.session() as session:
        village.world = build_world(session)
    inner = app.wsgi_app

    def at_that_hour(environ: Any, start: Any) -> Iterable[bytes]:
        with clock.travelling(village.now):
            return inner(environ, start)

    app.wsgi_app = at_that_hour  # type: ignore[method-assign]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    village.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield village
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
