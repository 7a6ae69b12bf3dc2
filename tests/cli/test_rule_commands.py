"""Run as a stranger would: another process, an empty environment, no database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from civreg import cli

PROJECT = Path(__file__).resolve().parents[2]
RECEIVED = "Ghi ngày và giờ nhận đủ giấy tờ, ví dụ 2026-11-17T09:00."
CODES = (
    "birth_at_home, birth_bundle, birth_mobile, construction_tax_support, death_at_home, death_bundle, "
    "death_mobile, marriage_mobile"
)


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    app = Flask("civreg")
    cli.init_app(app)
    return CliRunner().invoke(app.cli, arguments, input=given, prog_name="flask")


def answer(*arguments: str, given: str | bytes | None = None) -> dict[str, object]:
    result = run(*arguments, given=given)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_due_date_in_an_empty_environment() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "due-date", "--procedure", "birth_mobile",
         "--received", "2026-11-17T09:00", "--occurred", "2026-09-25", "--flag", "verification", "--json"],
        cwd=PROJECT, env={}, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    found = json.loads(done.stdout)
    assert found["procedure"] == "birth_mobile"
    assert found["version"] == "birth_mobile@2026-01-14"
    assert found["due_on"] == "2026-11-25"
    assert found["parts"] == [
        {
            "part": "birth",
            "title": "Đăng ký khai sinh lưu động",
            "agency": "Ủy ban nhân dân cấp xã",
            "due_on": "2026-11-25",
            "reasons": [
                "05 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (17/11/2026).",
                "Không tính Ngày Văn hóa Việt Nam (24/11/2026).",
            ],
            "source": "Thông tư số 04/2020/TT-BTP điều 25; Cổng Dịch vụ công quốc gia, thủ tục 1.003583; đọc ở mục "
            "thời hạn của Cổng; lời văn điều 25 chưa đọc",
            "certainty": "A",
        }
    ]
    assert found["citizen_deadline"]["due_on"] == "2026-11-25"
    assert found["citizen_deadline"]["late"] is False
    assert found["citizen_deadline"]["source"] == "Luật Hộ tịch số 60/2014/QH13 điều 15 khoản 1"


@pytest.mark.parametrize(
    ("procedure", "received", "due_on"),
    [
        ("birth_mobile", "2026-11-17T09:00", "2026-11-25"),
        ("birth_at_home", "2026-11-23T15:30", "2026-11-25"),
        ("birth_at_home", "2026-11-23T14:59", "2026-11-23"),
        ("birth_at_home", "2026-11-23T08:30:00Z", "2026-11-25"),
        ("birth_at_home", "2026-01-09T16:00", "2026-01-10"),
        ("birth_bundle", "2026-11-20T15:30", "2026-11-27"),
        ("death_bundle", "2026-11-20T09:00", None),
    ],
)
def test_due_dates_of_the_law_document(procedure: str, received: str, due_on: str | None) -> None:
    assert answer("due-date", "--procedure", procedure, "--received", received, "--json")["due_on"] == due_on


def test_the_other_reading_of_a_bundle_is_a_choice() -> None:
    arguments = ("due-date", "--procedure", "birth_bundle", "--received", "2026-11-20T15:30", "--json")
    assert answer(*arguments, "--after-cutoff", "next_day_counts")["due_on"] == "2026-11-26"


def test_without_the_day_of_the_event_the_family_deadline_is_null() -> None:
    found = answer("due-date", "--procedure", "death_at_home", "--received", "2026-11-17T09:00", "--json")
    assert found["citizen_deadline"] is None


def test_plain_text_reads_in_vietnamese() -> None:
    result = run(
        "due-date",
        "--procedure",
        "death_at_home",
        "--received",
        "2026-11-23T09:00",
        "--occurred",
        "2026-11-09",
    )
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Ngày hẹn trả kết quả: 23/11/2026",
        "- Đăng ký khai tử (Ủy ban nhân dân cấp xã): 23/11/2026",
        "    Nhận đủ giấy tờ trước 15 giờ ngày 23/11/2026: trả kết quả ngay trong ngày.",
        "    Căn cứ: Luật Hộ tịch số 60/2014/QH13 điều 5 khoản 3, điều 34 khoản 2; Cổng Dịch vụ công quốc gia, "
        "thủ tục 1.000656 (độ tin cậy A)",
        "Hạn của gia đình: 25/11/2026 (đúng hạn). Căn cứ: Luật Hộ tịch số 60/2014/QH13 điều 33 khoản 1",
    ]


GOOD = ("due-date", "--procedure", "birth_mobile", "--received", "2026-11-17T09:00")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("due-date",), "Còn thiếu tuỳ chọn --procedure. Xem các mã: flask --app app procedures"),
        (("due-date", "--procedure", "birth_mobile"), "Còn thiếu tuỳ chọn --received. Ghi ngày và giờ, ví dụ 2026-11-17T09:00."),
        (("due-date", "--procedure", "x", "--received", "2026-11-17T09:00"), f"Không có thủ tục “x”. Các mã dùng được: {CODES}."),
        (("due-date", "--procedure", "birth_mobile", "--received", "hôm qua"), f"Không đọc được thời điểm nhận “hôm qua”. {RECEIVED}"),
        (("due-date", "--procedure", "birth_mobile", "--received", "2026-02-30T09:00"), f"Không đọc được thời điểm nhận “2026-02-30T09:00”. {RECEIVED}"),
        (("due-date", "--procedure", "birth_mobile", "--received", "2026-11-17"), f"Thời điểm nhận “2026-11-17” thiếu giờ. {RECEIVED}"),
        (("due-date", "--procedure", "birth_mobile", "--received", "9999-12-31T23:00"), f"Không đọc được thời điểm nhận “9999-12-31T23:00”. {RECEIVED}"),
        (("due-date", "--procedure", "birth_mobile", "--received", "0001-01-01T00:00+14:00"), f"Không đọc được thời điểm nhận “0001-01-01T00:00+14:00”. {RECEIVED}"),
        ((*GOOD, "--occurred", "25/9/2026"), "Không đọc được ngày xảy ra “25/9/2026”. Ghi năm-tháng-ngày, ví dụ 2026-09-25."),
        ((*GOOD, "--occurred", "2026-11-18"), "Ngày xảy ra 18/11/2026 muộn hơn ngày nhận 17/11/2026. Ghi lại một trong hai ngày."),
        ((*GOOD, "--flag", "urgent"), "Không có trường hợp “urgent”. Các trường hợp dùng được: verification, incomplete, remote, recognition."),
        ((*GOOD, "--nope"), "Không có tuỳ chọn --nope. Xem cách dùng: flask due-date --help"),
        ((*GOOD, "thừa"), "Dòng lệnh có phần thừa hoặc thiếu. Xem cách dùng: flask due-date --help"),
        (("due-date", "--received"), "Tuỳ chọn --received cần một giá trị đi kèm. Xem cách dùng: lệnh --help"),
        ((*GOOD, "--after-cutoff", "x"), "Giá trị của tuỳ chọn --after-cutoff không dùng được. Chọn một trong: next_day_is_reception, next_day_counts. Xem cách dùng: flask due-date --help"),
        (("name-match", "Lê An"), "Còn thiếu phần TÊN_2. Xem cách dùng: flask name-match --help"),
        (("nothing", "--here"), "Không có lệnh “nothing”. Xem các lệnh: flask --app app --help"),
    ],
)  # fmt: skip
def test_bad_arguments_are_one_vietnamese_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", sentence + "\n")


def test_a_reception_before_the_procedure_existed_is_bad_input() -> None:
    result = run("due-date", "--procedure", "birth_mobile", "--received", "2015-12-31T09:00")
    assert result.exit_code == 2
    assert result.stderr == (
        "Thủ tục “Đăng ký khai sinh lưu động” chưa có quy định cho ngày 31/12/2015. Ông/bà chọn ngày từ 1/1/2016.\n"
    )


def test_a_batch_answers_line_by_line_and_keeps_going() -> None:
    lines = [
        '{"procedure": "birth_at_home", "received": "2026-11-23T15:30", "occurred": "2026-09-25"}',
        "không phải JSON",
        "",
        '{"procedure": "birth_bundle", "received": "2026-08-03T09:00", "flags": ["verification"]}',
        '{"procedure": 7, "received": "2026-08-03T09:00"}',
        '{"procedure": "birth_at_home", "received": "\\ud800"}',
    ]
    result = run("due-date", "--batch", "--json", given="\n".join(lines))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("due_on") for one in answers] == ["2026-11-25", None, "2026-08-10", None, None]
    assert [(one["line"], one["error"]) for one in answers if "error" in one] == [
        (2, "Mỗi dòng là một đối tượng JSON có procedure và received."),
        (5, "Dòng này cần procedure, received (và occurred, flags, without nếu có) viết bằng chữ."),
        (6, f"Không đọc được thời điểm nhận “”. {RECEIVED}"),
    ]
    assert result.exit_code == 2
    assert result.stderr == "Có 03 dòng không tính được; mỗi dòng lỗi có câu giải thích ở kết quả.\n"


def test_bytes_that_are_no_text_are_one_bad_line() -> None:
    result = run("due-date", "--batch", "--json", given=b"\xff\xfe\n")
    assert json.loads(result.stdout) == {
        "line": 1,
        "error": "Mỗi dòng là một đối tượng JSON có procedure và received.",
    }
    assert result.exit_code == 2


def test_a_clean_batch_ends_well() -> None:
    result = run(
        "due-date", "--batch", given='{"procedure": "birth_at_home", "received": "2026-11-23T09:00"}'
    )
    assert (result.exit_code, result.stdout, result.stderr) == (0, "birth_at_home: 23/11/2026\n", "")


def test_name_match_as_in_the_interface() -> None:
    found = answer("name-match", "NGUYEN THI THU HUONG", "Nguyễn Thị Thu Hường", "--json")
    assert found == {"score": 0.97, "same_folded": True, "reasons": ["Cùng chữ cái, một bên viết không dấu."]}


def test_name_match_in_words() -> None:
    result = run("name-match", "Thạch Sa Rết", "Thạch Sarết")
    assert result.stdout.splitlines() == [
        "Mức giống nhau: 0,95",
        "Cùng tên, khác cách viết liền hay rời các âm tiết.",
    ]


def test_procedures_lists_versions_parts_and_sources() -> None:
    found = answer("procedures", "--json")["procedures"]
    assert isinstance(found, list)
    assert len(found) == 8
    for procedure in found:
        for version in procedure["versions"]:
            assert version["effective_from"]
            assert all(part["source"] and part["certainty"] in "ABCD" for part in version["parts"])
            assert all(text["address"].startswith("https://") for text in version["legal_basis"])


def test_procedures_in_words() -> None:
    lines = run("procedures").stdout.splitlines()
    assert lines[0] == "birth_at_home: Giấy khai sinh tại nhà"
    assert lines[1] == "  Từ 1/1/2016 đến 15/7/2020 (độ tin cậy A)"


PROBLEM = {
    "seconds": 0.3,
    "officers": [{"id": "Lan", "start": 450, "end": 1020, "skills": []}],
    "depot": 0,
    "durations": [[0, 10], [10, 0]],
    "stops": [
        {"id": "a", "location": 1, "service": 20, "window": [480, 690], "skills": [], "officers_needed": 1},
        {
            "id": "b",
            "location": 1,
            "service": 20,
            "window": [480, 690],
            "skills": ["khmer"],
            "officers_needed": 1,
        },
    ],
}


def test_plan_route_as_in_the_interface() -> None:
    assert answer("plan-route", "--json", given=json.dumps(PROBLEM)) == {
        "routes": [{"officer": "Lan", "stops": [{"id": "a", "arrive": 480, "leave": 500}], "travel": 20}],
        "unserved": ["b"],
        "travel": 20,
    }


def test_plan_route_in_words() -> None:
    assert run("plan-route", given=json.dumps(PROBLEM)).stdout.splitlines() == [
        "Lan: đi đường 20 phút",
        "  08:00–08:20  a",
        "Chưa xếp được: b",
    ]


@pytest.mark.parametrize("given", ["", "[]", "{", "null", "[" * 100_000, b"\xff\xfe\x00"])
def test_plan_route_needs_an_object(given: str | bytes) -> None:
    result = run("plan-route", "--json", given=given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Đầu vào phải là một đối tượng JSON có officers, durations và stops.\n"


def test_help_is_vietnamese() -> None:
    text = run("due-date", "--help").stdout
    assert text.startswith("Cách dùng: flask due-date [TUỲ CHỌN]\n")
    assert "Hiện hướng dẫn này rồi thôi." in text
    assert "Usage" not in text
    assert "Options" not in text


def test_the_route_solver_is_loaded_only_when_used() -> None:
    code = "import sys; from flask import Flask; from civreg import cli; cli.init_app(Flask('x')); print('pyvrp' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, check=True, timeout=120
    )
    assert done.stdout == b"False\n"


def test_a_late_family_hears_how_many_days_and_that_it_is_taken_all_the_same() -> None:
    arguments = ("due-date", "--procedure", "death_at_home", "--received", "2026-12-25T09:00")
    said = run(*arguments, "--occurred", "2026-11-09").stdout
    assert said.splitlines()[-1] == (
        "Hạn của gia đình: 25/11/2026 (đã quá hạn 30 ngày, vẫn đăng ký được). "
        "Căn cứ: Luật Hộ tịch số 60/2014/QH13 điều 33 khoản 1"
    )
    told = answer(*arguments, "--occurred", "2026-11-09", "--json")["citizen_deadline"]
    assert isinstance(told, dict)
    assert (told["late"], told["days_late"]) == (True, 30)


def test_the_reasons_of_a_whole_bundle_are_read_out_before_its_parts() -> None:
    said = run(
        "due-date", "--procedure", "birth_bundle", "--received", "2026-11-20T15:30"
    ).stdout.splitlines()
    assert said[0] == "Ngày hẹn trả kết quả: 27/11/2026"
    assert said[1] == (
        "    Nhận sau 15 giờ hoặc ngoài ngày làm việc (20/11/2026): ngày làm việc tiếp theo (23/11/2026) là ngày tiếp nhận."
    )
    assert "    Không tính Ngày Văn hóa Việt Nam (24/11/2026)." in said


def test_a_bundle_without_a_part_has_the_day_of_what_is_left() -> None:
    """TTLT 05/2015: the three together 20 working days, birth and card 15."""
    asked = ("due-date", "--procedure", "birth_bundle", "--received", "2018-01-08T09:00", "--json")
    assert answer(*asked)["due_on"] == "2018-02-05"
    assert answer(*asked, "--without", "residence")["due_on"] == "2018-01-29"
    case = {"procedure": "birth_bundle", "received": "2018-01-08T09:00", "without": ["residence"]}
    assert answer("due-date", "--batch", "--json", given=json.dumps(case))["due_on"] == "2018-01-29"
    both = run(*asked, "--without", "residence", "--without", "health_insurance")
    assert (both.exit_code, both.stdout) == (2, "")
    assert "Chỉ cần khai sinh thì chọn dịch vụ khai sinh tại nhà." in both.stderr
