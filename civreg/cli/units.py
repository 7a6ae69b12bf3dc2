"""Lệnh về đơn vị: look a unit up on a day, and load a new list of units."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from civreg.cli.system import require_database
from civreg.cli.vietnamese import VietnameseCommand, bad_input
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound
from civreg.shared.text import format_date_vi
from civreg.units import queries, service

_LARGEST_FILE = 20_000_000
_SHOWN_CHANGES = 20
_CODE = re.compile(r"[0-9]{1,12}")


class Day(click.ParamType[date]):
    """Ngày: a day as YYYY-MM-DD."""

    name = "ngày"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or stop with a Vietnamese sentence."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"Ngày “{value}” không đọc được; ghi năm-tháng-ngày, ví dụ 2026-04-30.", param, ctx)


@click.command("unit", cls=VietnameseCommand)
@click.argument("code", metavar="MÃ")
@click.option("--on", type=Day(), help="Ngày xem (mặc định hôm nay).")
@click.option("--as-of", type=Day(), help="Ngày khác: lúc đó nó là đơn vị nào.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def unit_command(code: str, on: date | None, as_of: date | None, as_json: bool) -> None:
    """Đơn vị giữ một mã vào một ngày, các cấp trên của nó và nó đã thành đơn vị nào."""
    if not _CODE.fullmatch(code):
        raise bad_input(f"Mã đơn vị “{code[:40]}” không đúng; mã chỉ gồm chữ số, ví dụ 29461.")
    require_database()
    session = db.session()
    answer = _describe(session, code, on or clock.today(), as_of)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"{answer['unit']['path']} (mã {code}, ngày {format_date_vi(on or clock.today())})")
    if answer["note"]:
        click.echo(answer["note"])
    for label, key in (
        ("Nay là", "successors"),
        ("Các xã đã về", "parts_went_to"),
        ("Trước là", "predecessors"),
    ):
        if answer[key]:
            click.echo(f"{label}: " + "; ".join(f"{one['path']} ({one['code']})" for one in answer[key]))


def _describe(session: Session, code: str, on: date, as_of: date | None) -> dict[str, Any]:
    """Return what `unit` prints: the unit of the day, its parents, and what it is on the other day.

    Raises:
        NotFound: nobody held the code on that day; the sentence says what became of its last holder.
    """
    unit = queries.unit_on(session, code, on)
    if unit is None:
        raise NotFound(_nobody(session, code, on))
    after: list[queries.UnitRow] = []
    parts: list[queries.UnitRow] = []
    before: list[queries.UnitRow] = []
    if as_of is not None and not unit.holds_on(as_of):
        if as_of < unit.valid_from:
            before = queries.predecessors(session, unit.id, as_of)
        else:
            after = queries.successors(session, unit.id, as_of)
            parts = [] if after else queries.parts_went_to(session, unit, as_of)
    return {
        "on": on.isoformat(),
        "unit": _unit_json(session, unit, on),
        "note": _note(unit, on),
        "parents": [_unit_json(session, one, on) for one in queries.parents(session, unit, on)],
        "as_of": as_of.isoformat() if as_of else None,
        "holds_as_of": unit.holds_on(as_of) if as_of else None,
        "successors": [_unit_json(session, one, as_of or on) for one in after],
        "parts_went_to": [_unit_json(session, one, as_of or on) for one in parts],
        "predecessors": [_unit_json(session, one, as_of or on) for one in before],
    }


def _unit_json(session: Session, unit: queries.UnitRow, day: date) -> dict[str, Any]:
    return {
        "id": unit.id,
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent_code": unit.parent_code,
        "valid_from": unit.valid_from.isoformat(),
        "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
        "known_from": unit.known_from.isoformat(),
        "since_before": unit.since_before,
        "ended_after": unit.ended_after.isoformat() if unit.ended_after else None,
        "path": queries.tree_path(session, unit, day),
    }


def _note(unit: queries.UnitRow, on: date) -> str | None:
    if on < unit.known_from:
        return f"Được biết từ {format_date_vi(unit.known_from)}; danh mục không ghi đơn vị có từ ngày nào."
    if unit.ended_after is not None and unit.valid_to is not None and on > unit.ended_after:
        seen, gone = format_date_vi(unit.ended_after), format_date_vi(unit.valid_to)
        return f"Danh mục ngày {seen} còn ghi, danh mục ngày {gone} không còn; không rõ thay đổi ngày nào."
    return None


def _nobody(session: Session, code: str, on: date) -> str:
    day = format_date_vi(on)
    last = queries.code_held_before(session, code, on)
    if last is None:
        return f"Không có đơn vị nào mang mã {code} ngày {day}. Kiểm tra lại mã hoặc chọn ngày khác."
    names = ", ".join(f"{one.spoken} ({one.code})" for one in queries.successors(session, last.id, on))
    became = f", nay là {names}" if names else ""
    ended = format_date_vi(last.valid_to or on)
    return f"Ngày {day} không còn đơn vị mang mã {code}: {last.spoken} kết thúc ngày {ended}{became}."


def _read(path: str) -> bytes:
    """Return a file's bytes, or stop with a Vietnamese sentence."""
    file = Path(path)
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise bad_input(f"Tệp {path} quá lớn; danh mục cả nước chỉ khoảng 400 KB.")
        return file.read_bytes()
    except OSError:
        raise bad_input(f"Không đọc được tệp {path}. Kiểm tra đường dẫn.") from None


@click.command("load-units", cls=VietnameseCommand)
@click.argument("snapshot", metavar="DANH_MỤC.csv")
@click.option("--effective", required=True, type=Day(), help="Ngày danh mục có hiệu lực.")
@click.option("--successors", help="Tệp CSV: mã cũ, mã mới, có bị chia không.")
@click.option("--check", is_flag=True, help="Chỉ kiểm tra và cho biết thay đổi, không ghi.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def load_units_command(
    snapshot: str, effective: date, successors: str | None, check: bool, as_json: bool
) -> None:
    """Nạp danh mục đơn vị cả nước có hiệu lực từ một ngày, hoặc cho biết danh mục sẽ thay đổi gì."""
    rows, links = service.check_files(_read(snapshot), _read(successors) if successors else None)
    require_database()
    with transaction(db.session()) as session:
        report = service.load_snapshot(
            session, rows, effective, successors=links, source=Path(snapshot).name, check=check
        )
    if as_json:
        click.echo(json.dumps({"check": check, **asdict(report)}, ensure_ascii=False, default=str))
        return
    for line in _sentences(report, check):
        click.echo(line)


def _sentences(report: service.LoadReport, check: bool) -> list[str]:
    day = format_date_vi(report.effective_on)
    if report.already_loaded:
        return [f"Danh mục ngày {day} đã được nạp; không có gì thay đổi."]
    lines = [
        f"Danh mục ngày {day}: {report.rows} đơn vị, giữ nguyên {report.unchanged}, thêm {len(report.added)}, "
        f"kết thúc {len(report.ended)}, đổi tên hoặc loại {len(report.renamed)}, "
        f"chuyển cấp trên {report.moved}, nhập vào đơn vị khác {len(report.merged)}.",
    ]
    lines += _changes("Đổi tên hoặc loại", report.renamed) + _changes("Nhập vào", report.merged)
    open_questions = (
        ("Bị chia cho nhiều đơn vị", report.split),
        ("Chưa rõ đơn vị kế tiếp", report.without_successor),
        ("Chưa rõ đơn vị trước đó", report.without_predecessor),
        ("Đang tham gia chương trình mà kết thúc, cần mở cho đơn vị kế tiếp", report.participating_ended),
        ("Loại đơn vị mới", report.new_kinds),
    )
    lines += [f"{label}: {', '.join(codes)}." for label, codes in open_questions if codes]
    lines.append("Mới kiểm tra, chưa ghi gì." if check else "Đã nạp.")
    return lines


def _changes(label: str, changes: Sequence[service.Change]) -> list[str]:
    """Return the changes one by one, the first of a long list only: a reform has ten thousand (`--json` has all)."""
    if not changes:
        return []
    shown = [f"{one.before} ({one.code}) → {', '.join(one.after)}" for one in changes[:_SHOWN_CHANGES]]
    more = len(changes) - _SHOWN_CHANGES
    if more > 0:
        shown.append(f"và {more} đơn vị khác, xem đủ với --json")
    return [f"{label}: {'; '.join(shown)}."]


commands: list[click.Command] = [unit_command, load_units_command]
"""What the factory adds to `flask --app app`."""
