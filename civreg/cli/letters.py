"""Lệnh về thư: the print run of a commune as one file."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import with_appcontext

from civreg.accounts.rules import SYSTEM
from civreg.cli.system import require_database
from civreg.cli.vietnamese import VietnameseCommand, bad_input
from civreg.extensions import db
from civreg.letters import service
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound, Refusal
from civreg.units import queries as units

_ALL_STOPPED = (
    "Chưa in thư nào: {count} thư dừng lại vì có việc mới sau khi duyệt. "
    "Lãnh đạo đơn vị mở trang Thư, chọn “Dừng lại, chờ lãnh đạo” để quyết định."
)


@click.command("print-run", cls=VietnameseCommand)
@click.option("--unit", "code", required=True, metavar="MÃ", help="Mã đơn vị, ví dụ 29461.")
@click.option(
    "--out", "out", required=True, type=click.Path(path_type=Path), metavar="TỆP", help="Tệp PDF ghi ra."
)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def print_run_command(code: str, out: Path, as_json: bool) -> None:
    """In mọi thư đã cấp số của một đơn vị (và các đơn vị trực thuộc) vào một tệp PDF."""
    require_database()
    today = clock.today()
    if out.is_dir() or not out.parent.is_dir():
        raise bad_input(f"Không ghi được tệp {out}. Ông/bà kiểm tra lại thư mục và tên tệp.")
    with transaction(db.session()) as session:
        unit = units.unit_on(session, code, today)
        if unit is None:
            raise NotFound(f"Hôm nay không có đơn vị mã {code[:20]}. Ông/bà kiểm tra lại mã.")
        run = service.print_run(session, SYSTEM, units.descendant_ids(session, unit.id, today, today))
        try:
            if run.count:
                out.write_bytes(run.pdf)  # before the commit: what was not written is not printed
        except OSError:
            raise bad_input(f"Không ghi được tệp {out}. Ông/bà kiểm tra lại thư mục và tên tệp.") from None
    if not run.count:  # said after the commit: each letter keeps its reason
        raise Refusal(_ALL_STOPPED.format(count=run.stopped))
    if as_json:
        click.echo(
            json.dumps(
                {"run": str(run.id), "letters": run.count, "stopped": run.stopped, "file": str(out)},
                ensure_ascii=False,
            )
        )
    else:
        stopped = f" {run.stopped} thư dừng lại, chờ lãnh đạo quyết định." if run.stopped else ""
        click.echo(f"Đã ghi {run.count} thư vào {out}.{stopped}")


commands = [print_run_command]
