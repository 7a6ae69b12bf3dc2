"""Lệnh về hệ thống: `init` prepares the database, `create-user` makes a member of staff, `verify-audit` checks the log."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from alembic import command as alembic
from alembic.config import Config
from flask import current_app
from flask.cli import with_appcontext

from civreg.accounts import service as accounts
from civreg.accounts.rules import ROLE_WORDS, SYSTEM, Role
from civreg.cli.vietnamese import VietnameseCommand, bad_input
from civreg.deadlines import service as deadlines
from civreg.extensions import db
from civreg.settings import Settings, SettingsRefused
from civreg.shared import audit, clock
from civreg.shared.database import transaction
from civreg.units import queries as units
from civreg.units import service as units_service

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrate_database(owner_url: str, revision: str = "head") -> None:
    """Bring a database to the newest migration (or to `revision`), as its owner; again changes nothing."""
    configuration = Config(str(MIGRATIONS / "alembic.ini"))
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = owner_url
    alembic.upgrade(configuration, revision)


def require_database() -> Settings:
    """Return the settings when the database answers.

    Raises:
        VietnameseError: saying how to start it (status 2).
    """
    settings: Settings = current_app.extensions["civreg_settings"]
    try:
        settings.refuse_if_silent()
    except SettingsRefused as refusal:
        raise bad_input(refusal.sentence) from refusal
    return settings


@click.command("init", cls=VietnameseCommand)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def init(as_json: bool) -> None:
    """Chuẩn bị cơ sở dữ liệu: bảng, đơn vị cả nước, lịch làm việc. Chạy lại không đổi gì."""
    settings = require_database()
    migrate_database(settings.owner_database_url)
    with transaction(db.session()) as session:
        units_service.load_shipped(session)
    with transaction(db.session()) as session:
        deadlines.load_calendar(session)
    if as_json:
        click.echo(json.dumps({"ready": True}))
    else:
        click.echo("Cơ sở dữ liệu đã sẵn sàng.")


@click.command("create-user", cls=VietnameseCommand)
@click.option("--username", required=True, help="Tên đăng nhập, ví dụ nguyen.van.an.")
@click.option("--full-name", required=True, help="Họ tên đầy đủ.")
@click.option("--title", default="", help="Chức danh.")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="; ".join(f"{role.value} = {ROLE_WORDS[role]}" for role in Role) + ".",
)
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị nơi giữ vai trò, ví dụ 29461.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def create_user(username: str, full_name: str, title: str, role: str, unit_code: str, as_json: bool) -> None:
    """Tạo tài khoản cán bộ; mật khẩu được hỏi, không ghi trên dòng lệnh."""
    require_database()
    password = _ask_password()
    today = clock.today()
    with transaction(db.session()) as session:
        unit = units.unit_on(session, unit_code, today)
        if unit is None:
            raise bad_input(f"Hôm nay không có đơn vị mã {unit_code}. Hãy kiểm tra lại mã.")
        user_id = accounts.create_user(
            session,
            SYSTEM,
            username=username,
            full_name=full_name,
            title=title,
            password=password,
            must_change=False,
        )
        accounts.grant_role(session, SYSTEM, user_id, unit.id, Role(role), today)
    if as_json:
        click.echo(
            json.dumps({"user_id": str(user_id), "username": username, "unit": unit.name}, ensure_ascii=False)
        )
    else:
        click.echo(f"Đã tạo tài khoản {username}: {ROLE_WORDS[Role(role)]}, {unit.name}.")


def _ask_password() -> str:
    """Ask twice at a keyboard; take one line where the input is not a keyboard (scripts)."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise bad_input("Chưa có mật khẩu ở đầu vào. Hãy gõ mật khẩu rồi bấm Enter.")
        return password
    password = str(click.prompt("Mật khẩu (ít nhất 12 ký tự)", hide_input=True))
    if password != click.prompt("Nhập lại mật khẩu", hide_input=True):
        raise bad_input("Hai lần nhập mật khẩu chưa giống nhau. Hãy chạy lại lệnh.")
    return password


@click.command("verify-audit", cls=VietnameseCommand)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def verify_audit(as_json: bool) -> None:
    """Kiểm tra nhật ký: có dòng nào bị sửa, mất hoặc cắt đuôi không."""
    require_database()
    with transaction(db.session()) as session:
        report = audit.verify(session)
    if as_json:
        click.echo(json.dumps({"rows": report.rows, "ok": report.ok, "first_bad": report.first_bad}))
    elif report.ok:
        click.echo(f"Nhật ký nguyên vẹn: {report.rows} dòng.")
    else:
        click.echo(f"Nhật ký KHÔNG nguyên vẹn, từ dòng: {report.first_bad}. Hãy báo ngay người phụ trách.")
    if not report.ok:
        sys.exit(1)


commands: list[click.Command] = [init, create_user, verify_audit]
