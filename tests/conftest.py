"""Fixtures of every test: a migrated database on a real PostgreSQL, and for `live` tests the running stack.

Each pytest process (each xdist worker) starts one embedded PostgreSQL when the first test asks for it, migrates a
template once and clones it. `session` rolls everything back; `fresh_database` is a clone of its own, for tests that
commit from many threads; `live_stack` is the whole system. `TEST_DATABASE_URL` names another server (as superuser).
"""

from __future__ import annotations

import importlib
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from civreg.settings import Settings, load_settings
from civreg.shared import audit, crypto
from civreg.shared.database import transaction
from civreg.stack.cluster import Cluster
from civreg.stack.keys import ensure_keys
from civreg.stack.postgres import EmbeddedPostgres
from civreg.units.service import LoadReport, load_shipped
from civreg.web.administration.trail_words import ACT_WORDS, LOOK_WORDS
from tests.live_stack import PROJECT, LiveStack

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, BrowserContext, Page

# a busy machine is no defect: no test fails for being slow
hypothesis.settings.register_profile(
    "civreg",
    deadline=None,
    derandomize=True,  # the same examples every day: what is red tomorrow was changed tomorrow
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("civreg")

MIGRATIONS = PROJECT / "migrations"
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests of the running stack on one xdist worker, and the other browser tests on one: one stack, one browser."""
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.xdist_group("live"))
        elif item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session", autouse=True)
def every_act_has_words() -> Iterator[None]:
    """Refuse an act of the log that an auditor could not read: `civreg/web/administration/trail_words.py` names each."""

    def in_words(written: Callable[..., None], words: Mapping[str, str]) -> Callable[..., None]:
        def checked(session: Session, what: str, **rest: Any) -> None:
            caller = sys._getframe(1).f_globals["__name__"]
            if caller.startswith("civreg.") and caller != audit.__name__:
                assert what in words, f"trail_words.py has no words for {what!r}"
            written(session, what, **rest)

        return checked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "record", in_words(audit.record, ACT_WORDS))
        patch.setattr(audit, "record_many", in_words(audit.record_many, ACT_WORDS))
        patch.setattr(audit, "record_read", in_words(audit.record_read, LOOK_WORDS))
        yield


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for the 107 bytes of a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="civreg-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(short_folder: Path) -> Iterator[Cluster]:
    """The PostgreSQL server of this pytest process."""
    external = os.environ.get("TEST_DATABASE_URL")
    if external:
        password = "civreg-test"
        cluster = Cluster.at(external, {"owner": password, "app": password, "report": password})
        cluster.prepare()
        yield cluster
        return
    with EmbeddedPostgres(short_folder / "pg", durable=False) as server:
        yield server
        server.stop(immediate=True)  # nobody reads it again


@pytest.fixture(scope="session")
def settings_for(postgres: Cluster, short_folder: Path) -> Callable[[str], Settings]:
    """Gives the settings of a process that works on the named database."""
    keyring_path = ensure_keys(short_folder)

    def make(database: str) -> Settings:
        return load_settings(
            database_url=postgres.url("app", database),
            owner_database_url=postgres.url("owner", database),
            report_database_url=postgres.url("report", database),
            redis_url=f"unix://{short_folder}/no-broker-in-this-test.sock",
            var=short_folder,
            port=8000,
            keyring_path=keyring_path,
            secret_key="a secret for tests only, long enough to pass",
        )

    return make


@pytest.fixture(scope="session")
def template_database(postgres: Cluster) -> Iterator[str]:
    """A database migrated by Alembic as `civreg_owner`; cloned, never used itself."""
    name = f"civreg_template_{os.getpid()}"
    postgres.create_database(name)
    configuration = Config(str(MIGRATIONS / "alembic.ini"))
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = postgres.url("owner", name)
    alembic.upgrade(configuration, "head")
    yield name
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def clone_database(postgres: Cluster, template_database: str) -> Callable[[], str]:
    """Makes one more clone of the migrated template and returns its name."""

    def clone() -> str:
        name = f"civreg_test_{os.getpid()}_{next(_numbers)}"
        postgres.create_database(name, template=template_database)
        return name

    return clone


@pytest.fixture(scope="session")
def test_database(postgres: Cluster, clone_database: Callable[[], str]) -> Iterator[str]:
    """The clone that all rolled-back tests of this process share."""
    name = clone_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def engine(settings_for: Callable[[str], Settings], test_database: str) -> Iterator[Engine]:
    """Connects as `civreg_app` in Vietnamese time, like the application."""
    engine = create_engine(settings_for(test_database).database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine, keyring: crypto.Keyring) -> Iterator[Session]:
    """One real transaction per test, rolled back at its end; commits inside become savepoints."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@pytest.fixture(scope="session")
def app(settings_for: Callable[[str], Settings], test_database: str) -> Iterator[Flask]:
    """The application on the same clone."""
    app = _create_app(settings_for(test_database))
    yield app
    _close(app)


@pytest.fixture
def client(app: Flask, session: Session) -> Iterator[FlaskClient]:
    """A browser without JavaScript whose requests share the transaction of `session` and see what it committed."""
    database = app.extensions["sqlalchemy"]
    with app.app_context():
        engines = database.engines
        engine = engines[None]
        engines[None] = session.connection()
        database.session.remove()
        database.session.configure(join_transaction_mode="create_savepoint")
        database.session.remove()
    yield app.test_client()
    engines[None] = engine


def _create_app(settings: Settings) -> Flask:
    """Import the application only for tests that need it: tests of rules stay quick."""
    app = importlib.import_module("civreg.factory").create_app(settings)
    app.config["TESTING"] = True
    return app


def _close(app: Flask) -> None:
    with app.app_context():
        database = app.extensions["sqlalchemy"]
        database.session.remove()
        database.engine.dispose()


@pytest.fixture
def fresh_database(
    postgres: Cluster, clone_database: Callable[[], str], settings_for: Callable[[str], Settings]
) -> Iterator[Settings]:
    """Settings of a clone for this test alone, in which commits are real (many threads, other roles)."""
    name = clone_database()
    yield settings_for(name)
    postgres.drop_database(name)


@pytest.fixture
def fresh_app(fresh_database: Settings, keyring: crypto.Keyring) -> Iterator[Flask]:
    """The application on `fresh_database`: commits are real."""
    app = _create_app(fresh_database)
    yield app
    _close(app)


@pytest.fixture
def keyring(short_folder: Path) -> crypto.Keyring:
    """The keys of this process, the same that the application loads; handed in again before each test."""
    ring = crypto.Keyring.load(ensure_keys(short_folder))
    crypto.use_keyring(ring)
    return ring


@pytest.fixture(scope="session")
def live_stack() -> Iterator[LiveStack]:
    """PostgreSQL, Valkey, worker, beat and web server on a free port, initialised, with the demo's units."""
    folder = Path(tempfile.mkdtemp(prefix="civreg-live-"))
    with LiveStack(folder) as stack:
        yield stack
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the machine (`CIVREG_CHROMIUM`, else the one on the path)."""
    program = (
        os.environ.get("CIVREG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if program is None:
        pytest.fail("Chưa có Chromium: cài gói chromium hoặc đặt CIVREG_CHROMIUM.")
    playwright_api: Any = importlib.import_module("playwright.sync_api")
    playwright_api.expect.set_options(timeout=15_000)
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser of another person (own cookies) in Vietnamese and Vietnamese time; closed after the test."""
    opened: list[BrowserContext] = []

    def make(*, width: int = 1280, height: int = 900, javascript: bool = True) -> BrowserContext:
        context = browser.new_context(
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
        )
        context.set_default_timeout(15_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """One page at 1280 px; `new_context(width=360)` gives a phone."""
    return new_context().new_page()


@pytest.fixture(scope="session")
def country_loaded(
    postgres: Cluster, clone_database: Callable[[], str], settings_for: Callable[[str], Settings]
) -> Iterator[tuple[Engine, tuple[LoadReport, ...]]]:
    name = clone_database()
    engine = create_engine(settings_for(name).database_url)
    try:
        with Session(engine) as session, transaction(session):
            reports = load_shipped(session)
        yield engine, reports
    finally:
        engine.dispose()
        postgres.drop_database(name)


@pytest.fixture
def country(
    country_loaded: tuple[Engine, tuple[LoadReport, ...]], keyring: crypto.Keyring
) -> Iterator[Session]:
    engine, _ = country_loaded
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
