"""Lệnh về thủ tục và hạn: `due-date` and `procedures`, on the shipped catalogue and calendar, without a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast, get_args

import click

from civreg.cli.vietnamese import VietnameseCommand, VietnameseError, bad_input
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import FLAGS, AfterCutoff, due_dates, load_calendar, moment_words
from civreg.deadlines.rules.asked import due_as_json, parse_moments, quoted, without_parts
from civreg.procedures.catalogue import catalogue, version_on
from civreg.procedures.rules import limit_sentence
from civreg.shared.errors import InvalidInput, Refusal
from civreg.shared.text import format_date_vi, two_digits

_READINGS = get_args(AfterCutoff)


def answer_for(
    procedure: str,
    received: str,
    occurred: str | None,
    flags: tuple[str, ...],
    reading: AfterCutoff,
    without: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the answer of `due-date` for one case, as it is printed.

    Raises:
        InvalidInput: when something typed cannot be used.
    """
    received_at, occurred_on = parse_moments(received, occurred)
    try:
        version = version_on(quoted(procedure), received_at.date())
    except Refusal as refusal:
        raise InvalidInput(refusal.sentence, {refusal.field or "procedure": refusal.sentence}) from refusal
    due = due_dates(
        without_parts(version, without),
        received_at,
        occurred_on,
        flags,
        load_calendar(),
        bundle_after_cutoff=reading,
    )
    return {"procedure": version.procedure, **due_as_json(due)}


def _print_answer(answer: Mapping[str, Any]) -> None:
    click.echo(f"Ngày hẹn trả kết quả: {_spoken_due(answer)}")
    if len(answer["parts"]) > 1:
        for reason in answer["reasons"]:
            click.echo(f"    {reason}")
    for part in answer["parts"]:
        click.echo(f"- {part['title']} ({part['agency']}): {_spoken_due(part)}")
        for reason in part["reasons"]:
            click.echo(f"    {reason}")
        click.echo(f"    Căn cứ: {part['source']} (độ tin cậy {part['certainty']})")
    citizen = answer["citizen_deadline"]
    if citizen:
        late = {True: "đã quá hạn", False: "đúng hạn", None: "chưa xác nhận"}[citizen["late"]]
        if citizen["days_late"]:
            late = f"đã quá hạn {two_digits(citizen['days_late'])} ngày, vẫn đăng ký được"
        click.echo(
            f"Hạn của gia đình: {_spoken_day(citizen['due_on'])} ({late}). Căn cứ: {citizen['source']}"
        )


def _spoken_day(day: str | None) -> str:
    return format_date_vi(date.fromisoformat(day)) if day else "chưa xác nhận"


def _spoken_due(counted: Mapping[str, Any]) -> str:
    at = counted.get("due_at")
    return moment_words(datetime.fromisoformat(at)) if at else _spoken_day(counted["due_on"])


def _answer_lines(as_json: bool, reading: AfterCutoff) -> None:
    """Answer each line of standard input; a line that cannot be used answers with its error and the rest goes on."""
    failed = 0
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        line = raw.decode("utf-8-sig", errors="replace")
        if not line.strip():
            continue
        try:
            answer = _answer_line(line, reading)
        except InvalidInput as refusal:
            failed += 1
            click.echo(json.dumps({"line": number, "error": refusal.sentence}, ensure_ascii=False))
            continue
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            click.echo(f"{answer['procedure']}: {_spoken_due(answer)}")
    if failed:
        raise bad_input(
            f"Có {two_digits(failed)} dòng không tính được; mỗi dòng lỗi có câu giải thích ở kết quả."
        )


def _answer_line(line: str, reading: AfterCutoff) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        case = None
    if not isinstance(case, dict):
        raise InvalidInput("Mỗi dòng là một đối tượng JSON có procedure và received.")
    flags, without = case.get("flags") or [], case.get("without") or []
    lists = [*flags, *without] if isinstance(flags, list) and isinstance(without, list) else [None]
    texts = [case.get("procedure"), case.get("received"), *lists]
    if not all(isinstance(text, str) for text in texts) or not isinstance(case.get("occurred"), str | None):
        raise InvalidInput(
            "Dòng này cần procedure, received (và occurred, flags, without nếu có) viết bằng chữ."
        )
    return answer_for(
        case["procedure"], case["received"], case.get("occurred"), tuple(flags), reading, tuple(without)
    )


@click.command("due-date", cls=VietnameseCommand)
@click.option("--procedure", help="Mã thủ tục, ví dụ birth_mobile.")
@click.option("--received", help="Thời điểm nhận đủ giấy tờ, ví dụ 2026-11-17T09:00.")
@click.option("--occurred", help="Ngày sinh hoặc ngày mất, ví dụ 2026-09-25.")
@click.option("--flag", "flags", multiple=True, help=f"Trường hợp riêng: {', '.join(FLAGS)}.")
@click.option("--without", multiple=True, help="Phần của liên thông mà gia đình không làm, ví dụ residence.")
@click.option(
    "--after-cutoff",
    "reading",
    type=click.Choice(_READINGS),
    help="Liên thông nhận sau 15 giờ: ngày làm việc tiếp theo là ngày tiếp nhận (next_day_is_reception) hay là ngày đầu "
    "được tính (next_day_counts); mặc định theo CIVREG_BUNDLE_AFTER_CUTOFF.",
)
@click.option("--batch", is_flag=True, help="Đọc từ đầu vào chuẩn, mỗi dòng một hồ sơ dạng JSON.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def due_date(
    procedure: str | None,
    received: str | None,
    occurred: str | None,
    flags: tuple[str, ...],
    without: tuple[str, ...],
    reading: str | None,
    batch: bool,
    as_json: bool,
) -> None:
    """Tính ngày hẹn trả kết quả và hạn của gia đình."""
    after_cutoff = cast("AfterCutoff", reading) if reading else deadlines.after_cutoff_reading()
    if batch:
        _answer_lines(as_json, after_cutoff)
        return
    if procedure is None:
        raise bad_input("Còn thiếu tuỳ chọn --procedure. Xem các mã: flask --app app procedures")
    if received is None:
        raise bad_input("Còn thiếu tuỳ chọn --received. Ghi ngày và giờ, ví dụ 2026-11-17T09:00.")
    answer = answer_for(procedure, received, occurred, flags, after_cutoff, without)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print_answer(answer)


@click.command("procedures", cls=VietnameseCommand)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def procedures(as_json: bool) -> None:
    """Liệt kê thủ tục, các phiên bản theo ngày, thời hạn và căn cứ."""
    if as_json:
        listed = [procedure.model_dump(mode="json") for procedure in catalogue().values()]
        click.echo(json.dumps({"procedures": listed}, ensure_ascii=False))
        return
    for procedure in catalogue().values():
        click.echo(f"{procedure.code}: {procedure.title_vi}")
        for version in procedure.versions:
            end = f"đến {format_date_vi(version.effective_to)}" if version.effective_to else "trở đi"
            click.echo(
                f"  Từ {format_date_vi(version.effective_from)} {end} (độ tin cậy {version.certainty})"
            )
            for part in version.parts:
                click.echo(f"    {part.title_vi}, {part.agency}: {limit_sentence(part.limit)}")


commands: list[click.Command] = [due_date, procedures]

__all__ = ["VietnameseError", "answer_for", "commands"]
