"""`flask --app app unit` and `load-units`, as others call them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from civreg.extensions import db
from civreg.factory import create_app
from civreg.settings import Settings
from civreg.shared.database import transaction
from civreg.stack.cluster import Cluster
from civreg.units.service import load_shipped

HEADER = "code,name,kind,parent_code\n"
FIRST_LIST = HEADER + "86,Tỉnh Vĩnh Long,province,\n29461,Xã Trà Cú,commune,86\n29491,Xã Đại An,commune,86\n"
SECOND_LIST = HEADER + "86,Tỉnh Vĩnh Long,province,\n29461,Phường Trà Cú,ward,86\n"


@pytest.fixture(scope="module")
def country_app(
    postgres: Cluster, clone_database: Callable[[], str], settings_for: Callable[[str], Settings]
) -> Iterator[Flask]:
    """The application on a database with the shipped lists; its tests only read."""
    name = clone_database()
    app = create_app(settings_for(name))
    with app.app_context():
        with transaction(db.session()) as session:
            load_shipped(session)
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()
    postgres.drop_database(name)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refusal(result: Result, status: int) -> str:
    assert result.exit_code == status, result.output
    assert result.stdout == ""
    return result.stderr.strip()


class TestUnit:
    def test_the_unit_of_a_day_and_its_successor_on_another(self, country_app: Flask) -> None:
        found = answer(
            run(country_app, "unit", "29461", "--on", "2021-06-01", "--as-of", "2026-01-01", "--json")
        )
        assert found["unit"]["name"] == "Thị trấn Trà Cú"
        assert found["unit"]["path"] == "Thị trấn Trà Cú, huyện Trà Cú, tỉnh Trà Vinh"
        assert [one["name"] for one in found["parents"]] == ["Huyện Trà Cú", "Tỉnh Trà Vinh"]
        assert [one["path"] for one in found["successors"]] == ["Xã Trà Cú, tỉnh Vĩnh Long"]
        assert found["note"].startswith("Được biết từ 1/11/2021")
        assert (found["holds_as_of"], found["predecessors"]) == (False, [])

    def test_two_old_units_went_into_one(self, country_app: Flask) -> None:
        for code in ("29462", "29491"):
            found = answer(
                run(country_app, "unit", code, "--on", "2025-06-30", "--as-of", "2025-07-01", "--json")
            )
            assert [one["code"] for one in found["successors"]] == ["29491"]

    def test_a_unit_of_today_before_it_was(self, country_app: Flask) -> None:
        found = answer(
            run(country_app, "unit", "29491", "--on", "2026-01-01", "--as-of", "2025-06-30", "--json")
        )
        assert {one["name"] for one in found["predecessors"]} >= {
            "Thị trấn Định An",
            "Xã Định An",
            "Xã Đại An",
        }
        assert all(one["valid_to"] == "2025-07-01" for one in found["predecessors"])

    def test_a_province_and_a_district_that_ended(self, country_app: Flask) -> None:
        province = answer(
            run(country_app, "unit", "84", "--on", "2025-01-01", "--as-of", "2026-01-01", "--json")
        )
        assert [one["code"] for one in province["successors"]] == ["86"]
        district = answer(
            run(country_app, "unit", "849", "--on", "2025-01-01", "--as-of", "2026-01-01", "--json")
        )
        assert district["successors"] == []
        assert len(district["parts_went_to"]) == 6

    def test_a_unit_that_still_holds_has_no_successor(self, country_app: Flask) -> None:
        found = answer(
            run(country_app, "unit", "86", "--on", "2021-06-01", "--as-of", "2026-01-01", "--json")
        )
        assert (found["holds_as_of"], found["successors"], found["parents"]) == (True, [], [])

    def test_an_end_between_two_lists_is_noted(self, country_app: Flask) -> None:
        found = answer(run(country_app, "unit", "29245", "--on", "2024-01-01", "--json"))
        assert "Danh mục ngày 1/11/2021 còn ghi, danh mục ngày 1/3/2025 không còn" in found["note"]

    def test_words_for_people(self, country_app: Flask) -> None:
        result = run(country_app, "unit", "29462", "--on", "2025-01-01", "--as-of", "2026-01-01")
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            "Thị trấn Định An, huyện Trà Cú, tỉnh Trà Vinh (mã 29462, ngày 1/1/2025)",
            "Nay là: Xã Đại An, tỉnh Vĩnh Long (29491)",
        ]

    def test_a_vanished_code_says_what_it_became(self, country_app: Flask) -> None:
        sentence = refusal(run(country_app, "unit", "29479", "--on", "2026-01-01", "--json"), 1)
        assert sentence == (
            "Ngày 1/1/2026 không còn đơn vị mang mã 29479: xã Ngãi Xuyên kết thúc ngày 1/7/2025, "
            "nay là xã Trà Cú (29461)."
        )

    def test_an_unknown_code_is_refused(self, country_app: Flask) -> None:
        assert "Không có đơn vị nào mang mã 99999" in refusal(run(country_app, "unit", "99999", "--json"), 1)

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["unit", "29461", "--on", "2025-02-30"], "Ngày “2025-02-30” không đọc được"),
            (["unit", "29461", "--on", "hôm qua"], "ghi năm-tháng-ngày"),
            (["unit", "Trà Cú"], "mã chỉ gồm chữ số"),
            (["unit"], "Còn thiếu"),
            (["unit", "29461", "--today"], "Không có tuỳ chọn --today"),
        ],
    )
    def test_bad_arguments_end_with_status_2(
        self, country_app: Flask, arguments: list[str], words: str
    ) -> None:
        assert words in refusal(run(country_app, *arguments), 2)


class TestLoadUnits:
    @pytest.fixture
    def first_list(self, fresh_app: Flask, tmp_path: Path) -> Path:
        path = tmp_path / "first.csv"
        path.write_text(FIRST_LIST, encoding="utf-8")
        answer(run(fresh_app, "load-units", str(path), "--effective", "2026-01-01", "--json"))
        return path

    @pytest.mark.usefixtures("first_list")
    def test_check_then_load_then_load_again(self, fresh_app: Flask, tmp_path: Path) -> None:
        second, links = tmp_path / "second.csv", tmp_path / "links.csv"
        second.write_text(SECOND_LIST, encoding="utf-8")
        links.write_text(
            "old_code,new_code,old_is_split\n29461,29461,false\n29491,29461,false\n", encoding="utf-8"
        )
        load = ["load-units", str(second), "--effective", "2026-04-30", "--successors", str(links), "--json"]
        checked = answer(run(fresh_app, *load, "--check"))
        assert (checked["check"], checked["ended"], checked["new_kinds"]) == (True, ["29491"], ["ward"])
        assert checked["merged"] == [{"code": "29491", "before": "Xã Đại An", "after": ["Phường Trà Cú"]}]
        unchanged = answer(run(fresh_app, "unit", "29491", "--on", "2026-05-01", "--json"))
        assert unchanged["unit"]["valid_to"] is None
        assert answer(run(fresh_app, *load)) == checked | {"check": False}
        loaded = answer(
            run(fresh_app, "unit", "29491", "--on", "2026-04-29", "--as-of", "2026-05-01", "--json")
        )
        assert [one["name"] for one in loaded["successors"]] == ["Phường Trà Cú"]
        assert answer(run(fresh_app, *load))["already_loaded"] is True

    def test_words_for_people(self, fresh_app: Flask, first_list: Path, tmp_path: Path) -> None:
        second = tmp_path / "second.csv"
        second.write_text(SECOND_LIST, encoding="utf-8")
        result = run(fresh_app, "load-units", str(second), "--effective", "2026-04-30", "--check")
        assert result.stdout.splitlines() == [
            "Danh mục ngày 30/4/2026: 2 đơn vị, giữ nguyên 1, thêm 0, kết thúc 1, đổi tên hoặc loại 1, "
            "chuyển cấp trên 0, nhập vào đơn vị khác 0.",
            "Đổi tên hoặc loại: Xã Trà Cú (29461) → Phường Trà Cú.",
            "Chưa rõ đơn vị kế tiếp: 29491.",
            "Loại đơn vị mới: ward.",
            "Mới kiểm tra, chưa ghi gì.",
        ]
        again = run(fresh_app, "load-units", str(first_list), "--effective", "2026-01-01")
        assert again.stdout == "Danh mục ngày 1/1/2026 đã được nạp; không có gì thay đổi.\n"

    def test_of_a_long_list_of_changes_the_first_are_named(self, fresh_app: Flask, tmp_path: Path) -> None:
        paths = []
        for place, day in (("Xã", "2026-01-01"), ("Phường", "2026-04-30")):
            rows = "".join(f"{code},{place} Số {code},commune,86\n" for code in range(1, 24))
            path = tmp_path / f"{day}.csv"
            path.write_text(f"{HEADER}86,Tỉnh Vĩnh Long,province,\n{rows}", encoding="utf-8")
            paths.append((str(path), day))
        for path_text, day in paths:
            result = run(fresh_app, "load-units", path_text, "--effective", day)
        said = result.stdout.splitlines()[1]
        assert said.startswith("Đổi tên hoặc loại: Xã Số 1 (1) → Phường Số 1; ")
        assert said.endswith("; và 3 đơn vị khác, xem đủ với --json.")
        assert said.count("→") == 20

    def test_an_older_list_is_a_refused_action(self, fresh_app: Flask, first_list: Path) -> None:
        result = run(fresh_app, "load-units", str(first_list), "--effective", "2025-01-01", "--json")
        assert "Đã có danh mục ngày 1/1/2026" in refusal(result, 1)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"code,name\n1,A\n", "Dòng 1: thiếu cột kind, parent_code"),
            ((HEADER + "29461,Xã Trà Cú,commune,86\n").encode(), "Dòng 2: đơn vị cha 86"),
            (HEADER.encode() + b"86,V\xfdnh Long,province,\n", "Dòng 2: chữ không phải UTF-8"),
            (b"", "thiếu cột"),
        ],
    )
    def test_a_file_with_mistakes_is_bad_input(
        self, fresh_app: Flask, tmp_path: Path, content: bytes, words: str
    ) -> None:
        path = tmp_path / "bad.csv"
        path.write_bytes(content)
        result = run(fresh_app, "load-units", str(path), "--effective", "2026-01-01", "--json")
        assert words in refusal(result, 2)

    def test_a_missing_file_or_date_is_bad_input(self, fresh_app: Flask, tmp_path: Path) -> None:
        missing = str(tmp_path / "nothing.csv")
        result = run(fresh_app, "load-units", missing, "--effective", "2026-01-01")
        assert f"Không đọc được tệp {missing}" in refusal(result, 2)
        assert "Còn thiếu tuỳ chọn --effective" in refusal(run(fresh_app, "load-units", missing), 2)
