"""Lệnh `load-demo`: dữ liệu mẫu, refused on a system that has real cases."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from civreg.accounts.rules import SYSTEM
from civreg.cases import queries as cases
from civreg.cli.demo.making import make_demo
from civreg.cli.demo.places import Account
from civreg.cli.system import require_database
from civreg.cli.vietnamese import RefusedError, VietnameseCommand
from civreg.extensions import db
from civreg.shared.database import transaction


@click.command("load-demo", cls=VietnameseCommand)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def load_demo(as_json: bool) -> None:
    """Nạp dữ liệu mẫu 14 tháng và in tài khoản mẫu một lần. Từ chối khi hệ thống đã có hồ sơ."""
    require_database()
    with transaction(db.session()) as session:
        if cases.find_cases(session, SYSTEM, limit=1).total:
            raise RefusedError(
                "Hệ thống đã có hồ sơ nên không nạp dữ liệu mẫu. Muốn thử, hãy đặt CIVREG_VAR là một thư mục mới."
            )
        accounts = make_demo(session)
    if as_json:
        click.echo(json.dumps({"accounts": [_row(account) for account in accounts]}, ensure_ascii=False))
        return
    click.echo("Tài khoản mẫu (mật khẩu chỉ in lần này):")
    for account in accounts:
        click.echo(f"  {account.username:<12} {account.password}   {account.role}, {account.place}")


def _row(account: Account) -> dict[str, str]:
    return {
        "username": account.username,
        "password": account.password,
        "role": account.role,
        "place": account.place,
    }


commands = [load_demo]
