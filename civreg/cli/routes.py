"""Lệnh xếp đường đi: `plan-route` reads a day from standard input and prints who goes where; no database."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from civreg.cli.vietnamese import VietnameseCommand, bad_input
from civreg.visits.routing import plan_route, read_problem


@click.command("plan-route", cls=VietnameseCommand)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def plan_route_command(as_json: bool) -> None:
    """Xếp đường đi đến nhà trong ngày, đọc đề bài JSON từ đầu vào chuẩn."""
    try:
        table = json.loads(sys.stdin.buffer.read())
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise bad_input("Đầu vào phải là một đối tượng JSON có officers, durations và stops.")
    plan = plan_route(read_problem(table))
    if as_json:
        click.echo(json.dumps(asdict(plan), ensure_ascii=False))
        return
    for route in plan.routes:
        click.echo(f"{route.officer}: đi đường {route.travel} phút")
        for stop in route.stops:
            click.echo(f"  {_hour(stop.arrive)}–{_hour(stop.leave)}  {stop.id}")
    if plan.unserved:
        click.echo(f"Chưa xếp được: {', '.join(plan.unserved)}")


def _hour(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


commands: list[click.Command] = [plan_route_command]
