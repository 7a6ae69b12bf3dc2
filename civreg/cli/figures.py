"""Lệnh về số liệu: the month of a unit on the screen and as a file, and the check that facts equal counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from civreg.accounts.rules import SYSTEM
from civreg.cli.system import require_database
from civreg.cli.units import Day
from civreg.cli.vietnamese import VietnameseCommand, bad_input
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound
from civreg.statistics import export, queries, service
from civreg.statistics.queries import MonthFigures
from civreg.statistics.rules import Period, month_from
from civreg.units import queries as units


def _with_month_and_unit(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--unit", "code", required=True, metavar="MÃ", help="Mã đơn vị, ví dụ 29461."),
        click.option("--month", "month", required=True, metavar="THÁNG", help="Tháng, ví dụ 2026-10."),
        click.option("--as-of", type=Day(), help="Gom số của đơn vị đã kết thúc về đơn vị của ngày này."),
    ):
        command = option(command)
    return command


@click.command("month", cls=VietnameseCommand)
@_with_month_and_unit
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def month_command(month: str, code: str, as_of: date | None, as_json: bool) -> None:
    """Số liệu một tháng của một đơn vị và mọi đơn vị trực thuộc."""
    figures = _figures(month, code, as_of)
    if as_json:
        click.echo(json.dumps(as_json_object(figures), ensure_ascii=False))
        return
    click.echo(f"{figures.place} - {figures.period.words}")
    for row in (*figures.services, figures.total):
        numbers = ", ".join(f"{cell.words.lower()} {cell.count}" for cell in row.figures if cell.count)
        click.echo(f"{row.title}: {numbers or 'không có'}")
    for letter in figures.letters:
        click.echo(f"{letter.words}: {letter.count}")


@click.command("export-month", cls=VietnameseCommand)
@_with_month_and_unit
@click.option(
    "--format",
    "kind",
    required=True,
    type=click.Choice(["xlsx", "csv", "json"]),
    metavar="xlsx|csv|json",
    help="Loại tệp.",
)
@click.option(
    "--out", "out", required=True, type=click.Path(path_type=Path), metavar="TỆP", help="Tệp ghi ra."
)
@with_appcontext
def export_month_command(month: str, code: str, as_of: date | None, kind: str, out: Path) -> None:
    """Ghi số liệu một tháng ra tệp."""
    figures = _figures(month, code, as_of)
    if kind == "json":
        content = json.dumps(as_json_object(figures), ensure_ascii=False, indent=1).encode()
    else:
        bundles = queries.bundles(db.session(), SYSTEM, figures.unit_id, figures.period, as_of=as_of)
        content = (
            export.month_xlsx(figures, bundles=bundles)
            if kind == "xlsx"
            else export.month_csv(figures, bundles=bundles)
        )
    try:
        out.write_bytes(content)
    except OSError:
        raise bad_input(f"Không ghi được tệp {out}. Ông/bà kiểm tra lại thư mục và tên tệp.") from None
    click.echo(f"Đã ghi {figures.period.words.lower()} của {figures.unit_name} vào {out}.")


@click.command("check-figures", cls=VietnameseCommand)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def check_figures_command(as_json: bool) -> None:
    """Cộng lại mọi số liệu ngày từ các sự kiện đã ghi; sửa chỗ lệch và in ra."""
    require_database()
    with transaction(db.session()) as session:
        differences = service.rebuild(session)
    if as_json:
        rows = [{**asdict(found), "day": found.day.isoformat()} for found in differences]
        click.echo(json.dumps({"differences": rows, "ok": not rows}, ensure_ascii=False))
    elif differences:
        click.echo(f"Đã sửa {len(differences)} số liệu ngày lệch với sự kiện.")
    else:
        click.echo("Số liệu ngày khớp với sự kiện.")


def as_json_object(figures: MonthFigures) -> dict[str, Any]:
    """Return the figures as other software reads them; counts by the code of their line."""

    def counts(cells: tuple[queries.Figure, ...]) -> dict[str, int]:
        return {cell.line.value: cell.count for cell in cells}

    return {
        "unit": {
            "id": figures.unit_id,
            "code": figures.unit_code,
            "name": figures.unit_name,
            "path": figures.place,
        },
        "period": {
            "from": figures.period.from_on.isoformat(),
            "to": figures.period.to_on.isoformat(),
            "words": figures.period.words,
        },
        "services": [
            {"procedure": row.procedure, "title": row.title, "figures": counts(row.figures)}
            for row in figures.services
        ],
        "total": counts(figures.total.figures),
        "letters": {**counts(figures.letters), "total": figures.letters_handed_over},
    }


def _figures(month: str, code: str, as_of: date | None) -> MonthFigures:
    """Return the figures of the unit that held the code at the month's end, or within it; grouped, on the other day.

    Raises:
        NotFound: nobody held the code then.
    """
    period = month_from(month)
    require_database()
    session = db.session()
    days = (period.to_on, period.from_on) if as_of is None else (as_of, period.to_on)
    unit = next((found for day in days if (found := units.unit_on(session, code, day))), None)
    if unit is None:
        raise NotFound(
            f"Không có đơn vị mã {code[:20]} trong {_spoken(period)}. Ông/bà kiểm tra lại mã hoặc tháng."
        )
    return queries.over(session, SYSTEM, unit.id, period, as_of=as_of)


def _spoken(period: Period) -> str:
    return period.words.lower()


commands = [month_command, export_month_command, check_figures_command]
