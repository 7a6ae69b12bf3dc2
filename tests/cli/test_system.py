from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.accounts import queries
from civreg.accounts.rules import Role
from civreg.factory import create_app
from civreg.settings import load_settings
from civreg.shared import clock

PASSWORD = "con sông chảy qua trước nhà\n"
NEW = ["create-user", "--username", "thach.hanh", "--full-name", "Thạch Thị Mỹ Hạnh", "--role", "officer"]


@pytest.fixture
def session(fresh_app: Flask) -> Iterator[Session]:
    engine = create_engine(fresh_app.extensions["civreg_settings"].database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def run(app: Flask, *arguments: str, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(args=list(arguments), input=typed)


def counted(session: Session) -> dict[str, int]:
    session.rollback()
    return {
        table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        for table in ("unit", "unit_successor", "unit_snapshot", "calendar_day", "audit")
    }


def test_init_loads_the_country_and_again_changes_nothing(fresh_app: Flask, session: Session) -> None:
    first = run(fresh_app, "init", "--json")
    assert (first.exit_code, json.loads(first.stdout)) == (0, {"ready": True})
    loaded = counted(session)
    assert loaded["unit"] > 10_000
    assert loaded["calendar_day"] > 0
    assert run(fresh_app, "init").exit_code == 0
    assert counted(session) == loaded
    made = run(fresh_app, *NEW, "--unit", "29461", typed=PASSWORD)
    assert made.exit_code == 0
    assert "Xã Trà Cú" in made.stdout
    assert PASSWORD.strip() not in made.output
    session.rollback()
    user = queries.user_by_name(session, "thach.hanh")
    assert user is not None
    assert not user.must_change_password
    assert queries.actor_for(session, user.id, clock.today()).roles == {Role.OFFICER}
    checked = run(fresh_app, "verify-audit", "--json")
    assert json.loads(checked.stdout) == {"rows": counted(session)["audit"], "ok": True, "first_bad": None}


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        ([*NEW, "--unit", "00000"], PASSWORD, "không có đơn vị mã 00000"),
        ([*NEW, "--unit", "29461"], "", "Chưa có mật khẩu"),
        ([*NEW[:-1], "vua", "--unit", "29461"], PASSWORD, "Chọn một trong: officer"),
        (NEW, PASSWORD, "Còn thiếu tuỳ chọn --unit"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_status_two(
    fresh_app: Flask, arguments: list[str], typed: str, said: str
) -> None:
    refused = run(fresh_app, *arguments, typed=typed)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert refused.stdout == ""
    assert len(refused.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [["init"], ["verify-audit"], [*NEW, "--unit", "1"]])
def test_without_a_database_commands_say_how_to_start_it(tmp_path: Path, command: list[str]) -> None:
    app = create_app(load_settings(database_url="", redis_url="", var=tmp_path))
    refused = run(app, *command)
    assert refused.exit_code == 2
    assert "make run" in refused.stderr
    assert list(tmp_path.iterdir()) == []
