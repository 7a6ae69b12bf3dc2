"""The interface for machines: the promised day as slip and page say it, and a description that is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases.queries import case_page
from civreg.deadlines.queries import deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.procedures import service as procedures
from civreg.procedures.catalogue import catalogue
from civreg.procedures.service import Decision
from civreg.shared import clock
from civreg.web.api.blueprint import MOST_QUESTIONS
from tests.world import MARRIAGE, MONDAY, World, ask, build_world, receive

DUE = "/api/v1/due-date"
TUESDAY = {"procedure": "birth_mobile", "received": "2026-11-17T09:00"}
_TYPES = {
    "string": str,
    "array": list,
    "object": dict,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}


@pytest.fixture(autouse=True)
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        people = build_world(session)
        session.commit()
        yield people


@pytest.fixture
def described(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    return found


def shorten(session: Session, world: World) -> None:
    decision = Decision(3, "2661/QĐ-UBND", date(2026, 11, 10), date(2026, 11, 16))
    for procedure in ("birth_mobile", "marriage_mobile"):
        procedures.set_shorter_limit(
            session, world.administrator, unit_id=world.tra_cu, procedure=procedure, decision=decision
        )
    session.commit()


def fits(value: Any, schema: dict[str, Any], known: dict[str, Any], where: str = "") -> None:
    """Hold a value against a schema: the keywords that the description uses, and no other."""
    used = {"type", "properties", "required", "additionalProperties", "items", "enum", "oneOf", "$ref"}
    assert set(schema) <= {*used, "format", "description"}, (where, schema)
    if "$ref" in schema:
        return fits(value, known[schema["$ref"].removeprefix("#/components/schemas/")], known, where)
    if "oneOf" in schema:
        wanted = [one for one in schema["oneOf"] if (value is None) == (one.get("type") == "null")]
        assert len(wanted) == 1, where
        return fits(value, wanted[0], known, where)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(type(value) is _TYPES[kind] for kind in kinds), (where, value, kinds)
    assert "enum" not in schema or value in schema["enum"], (where, value)
    if isinstance(value, str) and "format" in schema:
        parse = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}[schema["format"]]
        parse(value)
    for item in value if isinstance(value, list) else ():
        fits(item, schema["items"], known, f"{where}[]")
    if isinstance(value, dict):
        named, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        assert set(schema.get("required", ())) <= set(value), where
        assert others or set(value) <= set(named), (where, set(value) - set(named))
        for name, inner in value.items():
            if name in named or isinstance(others, dict):
                fits(inner, named.get(name, others), known, f"{where}.{name}")
    return None


def answer_fits(described: dict[str, Any], path: str, status: int, body: Any) -> None:
    answers = described["paths"][path]["get"]["responses"]
    schema = answers[str(status)]["content"]["application/json"]["schema"]
    fits(body, schema, described["components"]["schemas"], path)


def test_every_address_of_the_interface_is_described_and_nothing_else(
    app: Flask, described: dict[str, Any]
) -> None:
    assert described["openapi"] == "3.1.0"
    (server,) = described["servers"]
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix(server["url"]), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(path, method) for path, methods in described["paths"].items() for method in methods}


def test_the_examples_of_the_description_are_answered_as_described(
    client: FlaskClient, described: dict[str, Any]
) -> None:
    for path, methods in described["paths"].items():
        parameters = methods["get"].get("parameters", ())
        required = {one["name"]: one["example"] for one in parameters if one["required"]}
        answer = client.get(f"/api/v1{path}", query_string=required)
        assert answer.status_code == 200, path
        answer_fits(described, path, 200, answer.get_json())
        for parameter in parameters:
            asked = required | {parameter["name"]: parameter["example"]}
            if parameter["name"] == "without":
                asked |= {"procedure": "birth_bundle"}
            answer = client.get(f"/api/v1{path}", query_string=asked)
            assert answer.status_code == 200, (path, parameter["name"])
            answer_fits(described, path, 200, answer.get_json())
        unknown = client.get(f"/api/v1{path}", query_string=required | {"recieved": "1"})
        if parameters:
            assert unknown.status_code == 422, "a misspelt parameter must not promise another day"
            answer_fits(described, path, 422, unknown.get_json())


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_procedure_is_answered_as_described(
    client: FlaskClient, described: dict[str, Any], code: str
) -> None:
    for received in ("2018-11-19T09:00", "2024-08-05T15:30", "2026-11-17T09:00", "2027-03-02T09:00"):
        answer = client.get(DUE, query_string={"procedure": code, "received": received})
        assert answer.status_code == 200
        answer_fits(described, "/due-date", 200, answer.get_json())
        for day in (received[:10], "2016-01-01"):
            listed = client.get("/api/v1/procedures", query_string={"on": day})
            answer_fits(described, "/procedures", 200, listed.get_json())


def test_law_md_vector_3_with_its_reasons(client: FlaskClient) -> None:
    answer = client.get(DUE, query_string=TUESDAY | {"occurred": "2026-09-25"}).get_json()
    (part,) = answer["parts"]
    assert (answer["version"], answer["unit"]) == ("birth_mobile@2026-01-14", None)
    assert (answer["due_on"], part["due_on"]) == ("2026-11-25", "2026-11-25")
    assert part["reasons"] == [
        "05 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (17/11/2026).",
        "Không tính Ngày Văn hóa Việt Nam (24/11/2026).",
    ]
    citizen = answer["citizen_deadline"]
    assert (citizen["due_on"], citizen["late"]) == ("2026-11-25", False)


def test_a_commune_answers_by_its_own_rules_as_its_slip_does(
    client: FlaskClient, session: Session, world: World
) -> None:
    shorten(session, world)
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    promised = case_page(session, world.officer, case_id).promised_on
    (deadline,) = [row for row in deadlines_of(session, case_id) if row.kind == "part"]
    session.commit()
    asked = {"procedure": "marriage_mobile", "received": "2026-11-16T08:00"}
    for unit in ("29461", "Xã Trà Cú"):
        answer = client.get(DUE, query_string=asked | {"unit": unit}).get_json()
        assert answer["unit"] == {"code": "29461", "name": "Xã Trà Cú"}
        assert answer["due_on"] == promised.isoformat() == "2026-11-19"  # type: ignore[union-attr]
        assert answer["parts"][0]["reasons"] == [reason_sentence(one) for one in deadline.reasons]
    assert client.get(DUE, query_string=asked | {"unit": "29491"}).get_json()["due_on"] == "2026-11-23"


def test_the_calendar_of_the_office_counts(client: FlaskClient, session: Session, world: World) -> None:
    session.execute(
        text(
            "INSERT INTO calendar_day (day, kind, name, source, certainty)"
            " VALUES ('2026-11-20', 'holiday', 'Nghỉ theo thông báo', 'TB 9/2026', 'A')"
        )
    )
    session.commit()
    assert client.get(DUE, query_string=TUESDAY).get_json()["due_on"] == "2026-11-26"


def test_a_bundle_without_a_part_has_the_day_of_what_is_left(client: FlaskClient) -> None:
    asked = {"procedure": "birth_bundle", "received": "2018-01-08T09:00"}
    days = [
        client.get(DUE, query_string=asked | given).get_json()["due_on"]
        for given in ({}, {"without": "residence"}, {"without": "health_insurance"})
    ]
    assert days == ["2018-02-05", "2018-01-29", "2018-02-05"]


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"procedure": ""}, "procedure", "Còn thiếu tham số procedure, ví dụ procedure=birth_mobile."),
        ({"received": ""}, "received", "Còn thiếu tham số received, ví dụ received=2026-11-17T09:00."),
        (
            {"received": "hôm qua"},
            "received",
            "Không đọc được thời điểm nhận “hôm qua”. Ghi ngày và giờ nhận đủ giấy tờ, ví dụ 2026-11-17T09:00.",
        ),
        (
            {"occurred": "2026-13-01"},
            "occurred",
            "Không đọc được ngày xảy ra “2026-13-01”. Ghi năm-tháng-ngày, ví dụ 2026-09-25.",
        ),
        (
            {"occurred": "2026-11-18"},
            "occurred",
            "Ngày xảy ra 18/11/2026 muộn hơn ngày nhận 17/11/2026. Ghi lại một trong hai ngày.",
        ),
        (
            {"procedure": "adoption"},
            "procedure",
            "Không có thủ tục “adoption”. Các mã dùng được: birth_at_home, birth_bundle, birth_mobile, "
            "construction_tax_support, death_at_home, death_bundle, death_mobile, marriage_mobile.",
        ),
        (
            {"flag": "tired"},
            "flags",
            "Không có trường hợp “tired”. Các trường hợp dùng được: verification, incomplete, remote, recognition.",
        ),
        ({"unit": "86"}, "unit", "Tỉnh Vĩnh Long còn có các đơn vị bên dưới. Ông/bà chọn xã, phường."),
        ({"without": "card"}, "without", "Thủ tục này không có phần “card”. Các phần: birth."),
        (
            {"without": "birth"},
            "without",
            "Đăng ký khai sinh lưu động luôn có trong thủ tục này. Ông/bà bỏ chọn phần khác.",
        ),
        (
            {"recieved": "2026-11-17"},
            "recieved",
            "Không có tham số “recieved”. Các tham số dùng được: procedure, received, occurred, flag, without, unit.",
        ),
    ],
)
def test_bad_input_is_a_sentence_that_says_what_to_do(
    client: FlaskClient, described: dict[str, Any], given: dict[str, str], field: str, sentence: str
) -> None:
    answer = client.get(DUE, query_string=TUESDAY | given)
    body = answer.get_json()
    assert (answer.status_code, body["error"], body["fields"]) == (422, sentence, {field: sentence})
    answer_fits(described, "/due-date", 422, body)


def test_who_asks_too_often_waits_a_minute(client: FlaskClient, described: dict[str, Any]) -> None:
    for _ in range(MOST_QUESTIONS):
        assert client.get("/api/v1/procedures").status_code == 200
    for path in ("/due-date", "/procedures"):
        answer = client.get(f"/api/v1{path}", query_string=TUESDAY if path == "/due-date" else {})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
        assert answer.get_json()["error"] == (
            "Từ mạng này vừa có quá nhiều câu hỏi. Xin chờ một phút rồi hỏi tiếp."
        )
        answer_fits(described, path, 429, answer.get_json())
    assert client.get("/api/v1/openapi.json").status_code == 200
