"""Lệnh so tên: `name-match` says how alike two written names are, and why; no database."""

from __future__ import annotations

import json

import click

from civreg.cli.vietnamese import VietnameseCommand
from civreg.shared.text import name_match


@click.command("name-match", cls=VietnameseCommand)
@click.argument("first", metavar="TÊN_1")
@click.argument("second", metavar="TÊN_2")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def match_names(first: str, second: str, as_json: bool) -> None:
    """So hai họ tên, bỏ qua dấu, cách viết liền hay rời và lỗi gõ."""
    match = name_match(first, second)
    if as_json:
        answer = {"score": match.score, "same_folded": match.same_folded, "reasons": list(match.reasons)}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"Mức giống nhau: {match.score:.2f}".replace(".", ","))
    for reason in match.reasons:
        click.echo(reason)


commands: list[click.Command] = [match_names]
