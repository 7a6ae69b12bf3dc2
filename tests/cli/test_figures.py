"""`month`, `export-month`, `check-figures` and `print-run`, as others call them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from flask import Flask

from civreg import work
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from tests.letters.flow import handed_over, issued
from tests.shared.paper_reading import pages
from tests.succession.merged import small_merger
from tests.world import MARRIAGE, MONDAY, build_world


@pytest.fixture
def busy_app(fresh_app: Flask) -> Iterator[Flask]:
    """An office that has handed over one letter and has another ready for printing."""
    with fresh_app.app_context(), clock.travelling(MONDAY):
        with transaction(db.session()) as session:
            world = build_world(session)
            handed_over(session, world)
            issued(session, world, MARRIAGE)
        db.session.remove()
    with clock.travelling(MONDAY):
        yield fresh_app


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_month_of_a_commune_in_every_form(busy_app: Flask, tmp_path: Path) -> None:
    month = answer(run(busy_app, "month", "--month", "2026-11", "--unit", "29461", "--json"))
    assert month["unit"]["name"] == "Xã Trà Cú"
    assert month["period"] == {"from": "2026-11-01", "to": "2026-11-30", "words": "Tháng 11 năm 2026"}
    assert [row["procedure"] for row in month["services"]] == ["birth_at_home", "marriage_mobile"]
    assert month["total"]["registered"] == 2
    assert month["letters"] == {
        "letter_congratulation_birth": 1,
        "letter_congratulation_marriage": 0,
        "letter_condolence": 0,
        "total": 1,
    }
    assert "đã đăng ký 2" in run(busy_app, "month", "--month", "2026-11", "--unit", "86").stdout
    for kind in ("json", "csv", "xlsx"):
        out = tmp_path / f"month.{kind}"
        arguments = ("--month", "2026-11", "--unit", "29461", "--format", kind, "--out", str(out))
        assert run(busy_app, "export-month", *arguments).exit_code == 0
    assert json.loads((tmp_path / "month.json").read_text("utf-8")) == month
    assert "Xã Trà Cú" in (tmp_path / "month.csv").read_text("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO((tmp_path / "month.xlsx").read_bytes())).worksheets[0]
    assert sheet["B2"].value == "Xã Trà Cú"


def test_figures_are_checked_and_letters_printed_once(busy_app: Flask, tmp_path: Path) -> None:
    assert answer(run(busy_app, "check-figures", "--json")) == {"differences": [], "ok": True}
    out = tmp_path / "run.pdf"
    printed = answer(run(busy_app, "print-run", "--unit", "86", "--out", str(out), "--json"))
    assert printed["letters"] == 1
    assert "Sơn Thị Na" in pages(out.read_bytes())[0]
    again = run(busy_app, "print-run", "--unit", "86", "--out", str(out))
    assert (again.exit_code, again.stdout) == (1, "")
    assert "Chưa có thư nào chờ in" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("month", "--month", "2026-13", "--unit", "29461"), 2, "tháng"),
        (("month", "--month", "11/2026", "--unit", "29461"), 2, "2026-10"),
        (("month", "--month", "2026-11", "--unit", "99999"), 1, "99999"),
        (("month", "--unit", "29461"), 2, "--month"),
        (
            ("export-month", "--month", "2026-11", "--unit", "29461", "--format", "doc", "--out", "x"),
            2,
            "xlsx",
        ),
        (("print-run", "--unit", "29461", "--out", "/khong-co/x.pdf"), 2, "thư mục"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_vietnamese_sentence(
    busy_app: Flask, arguments: tuple[str, ...], status: int, words: str
) -> None:
    result = run(busy_app, *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_month_before_the_reform_grouped_to_todays_unit(fresh_app: Flask) -> None:
    with fresh_app.app_context(), clock.travelling(MONDAY):
        with transaction(db.session()) as session:
            small_merger(session, build_world(session), 2)
            work.run_waiting(session)
        db.session.remove()
    with clock.travelling(MONDAY):
        june = ("month", "--month", "2025-06", "--unit", "29461", "--json")
        assert run(fresh_app, *june).exit_code != 0
        grouped = answer(run(fresh_app, *june, "--as-of", "2026-11-16"))
    assert grouped["unit"]["name"] == "Xã Trà Cú"
    assert grouped["total"]["requested"] == 2
