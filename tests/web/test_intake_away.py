"""PostgreSQL stops while a family writes: nothing typed is lost, and the same POST afterwards makes one request."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command as alembic
from alembic.config import Config
from flask import Flask
from sqlalchemy import text

from civreg.settings import Settings
from civreg.shared.database import transaction
from civreg.stack.postgres import EmbeddedPostgres
from tests.live_stack import PROJECT
from tests.web.family import BIRTH, Family, tell_birth
from tests.world import World, build_world

AWAY = "Hệ thống tạm thời chưa ghi nhận được, nhưng những gì ông/bà đã ghi vẫn còn trên trang này."


def said(page: str) -> str:
    """Return what an error summary says, for a test that fails."""
    return page[page.find("error-summary") :][:600]


def in_database(app: Flask, statement: str) -> int:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        found = int(session.execute(text(statement)).scalar_one())
        session.rollback()
        return found


def settle(app: Flask) -> World:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session()
        with transaction(session):
            return build_world(session)


@pytest.fixture
def own_postgres(short_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server that only this test stops."""
    with EmbeddedPostgres(Path(tempfile.mkdtemp(dir=short_folder))) as server:
        yield server


@pytest.fixture
def away_app(own_postgres: EmbeddedPostgres, settings_for: Callable[[str], Settings]) -> Iterator[Flask]:
    migrations = PROJECT / "migrations"
    configuration = Config(str(migrations / "alembic.ini"))
    configuration.set_main_option("script_location", str(migrations))
    configuration.attributes["url"] = own_postgres.url("owner", "civreg")
    alembic.upgrade(configuration, "head")
    settings = settings_for("civreg").model_copy(update={"database_url": own_postgres.url("app", "civreg")})
    app: Flask = importlib.import_module("civreg.factory").create_app(settings, {"TESTING": True})
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].session.remove()
        app.extensions["sqlalchemy"].engine.dispose()


def test_the_last_step_survives_a_stopped_database(own_postgres: EmbeddedPostgres, away_app: Flask) -> None:
    world = settle(away_app)
    family = Family(away_app.test_client())
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))

    own_postgres.stop(immediate=True)
    refused = family.client.post(f"{BIRTH}/xem-lai", data=body)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "60"
    assert AWAY in refused.text
    kept = family.body(refused.text)
    assert {**kept, "csrf_token": ""} == {**body, "csrf_token": ""}
    assert family.client.get(BIRTH).status_code == 200
    assert family.client.get(f"{BIRTH}/child_name").status_code == 503

    own_postgres.start()
    for _ in range(2):
        sent = family.client.post(f"{BIRTH}/xem-lai", data=kept)
        assert sent.status_code == 303, said(sent.text)
    assert in_database(away_app, "SELECT count(*) FROM case_file") == 1
    assert "Xã Trà Cú" in family.open("/yeu-cau/da-gui")


def test_a_question_survives_a_stopped_database(own_postgres: EmbeddedPostgres, away_app: Flask) -> None:
    world = settle(away_app)
    family = Family(away_app.test_client())
    family.answer(f"{BIRTH}/commune", commune=str(world.tra_cu))
    body = family.body(family.open(f"{BIRTH}/child_name"))
    callback = family.body(family.open(f"{BIRTH}/goi-lai"))

    own_postgres.stop(immediate=True)
    refused = family.client.post(f"{BIRTH}/child_name", data={**body, "child_name": "Thạch Minh Khang"})
    assert refused.status_code == 503
    assert AWAY in refused.text
    assert 'value="Thạch Minh Khang"' in refused.text
    back = family.client.post(f"{BIRTH}/child_name", data={**body, "child_name": "Thạch", "go": "back"})
    assert (back.status_code, 'value="Thạch"' in back.text) == (503, True)
    searched = family.client.post(
        f"{BIRTH}/goi-lai", data={**callback, "caller_name": "Sơn Thị Lành", "commune_search": "Đại An"}
    )
    assert searched.status_code == 503
    assert 'value="Sơn Thị Lành"' in searched.text
    assert 'value="Đại An"' in searched.text
    assert family.body(searched.text)["request_key"] == callback["request_key"]

    own_postgres.start()
    again = family.client.post(f"{BIRTH}/child_name", data={**body, "child_name": "Thạch Minh Khang"})
    assert again.status_code == 303


def test_fifty_sendings_at_once_make_one_request(fresh_app: Flask) -> None:
    world = settle(fresh_app)
    family = Family(fresh_app.test_client())
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    cookies = {cookie.key: cookie.value for cookie in family.client._cookies.values() if cookie.path == "/"}

    def send(_: int) -> int:
        client = fresh_app.test_client()
        for name, value in cookies.items():
            client.set_cookie(name, value)
        return client.post(f"{BIRTH}/xem-lai", data=body).status_code

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert set(answers) <= {303, 503}
    assert answers.count(303) >= 1
    assert family.client.post(f"{BIRTH}/xem-lai", data=body).status_code == 303
    assert in_database(fresh_app, "SELECT count(*) FROM case_file") == 1
