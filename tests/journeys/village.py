"""The whole application in this process on a day of its own choosing: browsers outside, the clock in the test's hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.deadlines import service as deadlines
from civreg.procedures.catalogue import version_on
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.work import run_waiting
from tests.answers import typed
from tests.journeys.company import Company
from tests.journeys.family import Family
from tests.journeys.staff import Officer
from tests.serving import served
from tests.world import MONDAY, PASSWORD, World, build_world

WITH_FATHER = {"father_declared": "yes", "father_name": "Kim Văn Sơn"}


class Village(Company):
    """Two communes of the small world behind a web server; time stands still until the test moves it.

    Jobs run when `work` is called, through the same table as the worker's (`civreg.work`); the live journeys prove
    the real worker.
    """

    world: World

    def __init__(self, app: Flask, new_context: Callable[..., BrowserContext]) -> None:
        super().__init__(new_context, "")
        self.app, self.now = app, MONDAY

    def account(self, role: str) -> tuple[str, str]:
        return role, PASSWORD

    def idle(self) -> None:
        self.work()

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

    def figures(self) -> dict[str, int]:
        """Return this month's figures of the commune, read from the files that programme staff download."""
        self.work()
        return self.staff().month_of("29461")

    def scalar(self, query: str, **values: Any) -> Any:
        """Ask the database."""
        with self.session() as session:
            return session.execute(text(query), values).scalar_one()

    def let_the_visit_come(self, code: str) -> None:
        """Go to the hour of the planned visit of a case."""
        query = (
            "SELECT v.starts_at FROM visit v JOIN visit_case c ON c.visit_id = v.id JOIN case_file f"
            " ON f.id = c.case_id WHERE f.code = :code AND v.state = 'planned'"
        )
        self.now = self.scalar(query, code=code).astimezone(clock.ZONE) + timedelta(minutes=5)

    @property
    def unit_id(self) -> int:
        """The commune of the journeys, as the letter clerk's pages number it."""
        return self.world.tra_cu

    @property
    def actors(self) -> dict[str, Actor]:
        return {"officer": self.world.officer}

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
    with served(app) as village.url:
        yield village
