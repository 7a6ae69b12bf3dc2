"""Mô tả giao diện: what OpenAPI 3.1 says of every address under /api/v1; a test holds it against routes and answers."""

from __future__ import annotations

from typing import Any

from civreg.deadlines.rules import FLAGS

_DAY = {"type": "string", "format": "date"}
_DAY_OR_NONE = {"type": ["string", "null"], "format": "date"}
_MOMENT = {"type": "string", "format": "date-time"}
_SENTENCES = {"type": "array", "items": {"type": "string"}}
_CERTAINTY = {
    "type": "string",
    "enum": ["A", "B", "C", "D"],
    "description": "A: văn bản gốc hoặc cổng chính thức; B: trang luật, báo; C: nơi khác trích dẫn; D: chưa xác nhận.",
}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        **more,
    }


_COUNTED = {
    "due_on": _DAY_OR_NONE | {"description": "Hạn; null khi chưa xác nhận được, lý do nói vì sao."},
    "due_at": _MOMENT | {"description": "Giờ, khi thời hạn tính bằng giờ."},
    "reasons": _SENTENCES | {"description": "Vì sao là ngày này, mỗi câu một lý do."},
    "source": {"type": "string"},
    "certainty": {"$ref": "#/components/schemas/Certainty"},
}
_PART = {"part": {"type": "string"}, "title": {"type": "string"}, "agency": {"type": "string"}}

_SCHEMAS: dict[str, Any] = {
    "Certainty": _CERTAINTY,
    "PartDue": _object({**_PART, **_COUNTED}, ("due_at",)),
    "CitizenDeadline": _object(
        {
            "due_on": _DAY_OR_NONE,
            "late": {"type": ["boolean", "null"]},
            "days_late": {"type": ["integer", "null"]},
            "reasons": _SENTENCES,
            "source": {"type": "string"},
            "certainty": {"$ref": "#/components/schemas/Certainty"},
        },
        description="Ngày cuối để gia đình đăng ký đúng hạn; quá ngày vẫn đăng ký được.",
    ),
    "DueDate": _object(
        {
            "procedure": {"type": "string"},
            "unit": {
                "oneOf": [
                    {"type": "null"},
                    _object({"code": {"type": "string"}, "name": {"type": "string"}}),
                ]
            },
            "version": {"type": "string", "description": "Phiên bản quy định của ngày nhận."},
            "received_at": _MOMENT,
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/PartDue"}},
            **_COUNTED,
            "citizen_deadline": {
                "oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/CitizenDeadline"}]
            },
        },
        ("due_at",),
    ),
    "Procedures": _object(
        {
            "on": _DAY,
            "procedures": {"type": "array", "items": {"$ref": "#/components/schemas/Procedure"}},
        }
    ),
    "Procedure": _object(
        {
            "code": {"type": "string"},
            "title": {"type": "string"},
            "official_name": {"type": "string"},
            "version": {"type": "string"},
            "effective_from": _DAY,
            "effective_to": _DAY_OR_NONE,
            "portal_codes": _SENTENCES | {"description": "Mã trên Cổng Dịch vụ công quốc gia."},
            "flags": {"type": "array", "items": {"type": "string", "enum": sorted(FLAGS)}},
            "source": {"type": "string"},
            "certainty": {"$ref": "#/components/schemas/Certainty"},
            "parts": {
                "type": "array",
                "items": _object(
                    {
                        **_PART,
                        "optional": {"type": "boolean"},
                        "limit": {"type": "string"},
                        "source": {"type": "string"},
                        "certainty": {"$ref": "#/components/schemas/Certainty"},
                    }
                ),
            },
        }
    ),
    "Refusal": _object(
        {
            "error": {"type": "string", "description": "Một câu tiếng Việt nói phải làm gì."},
            "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            "request_id": {"type": "string"},
        }
    ),
}


def _answer(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


_REFUSALS = {
    "422": _answer("Tham số không dùng được.", "Refusal"),
    "429": _answer("Hỏi quá nhiều; chờ một phút.", "Refusal"),
    "503": _answer("Cơ sở dữ liệu đang không trả lời.", "Refusal"),
}


def _parameter(
    name: str, description: str, example: str, *, required: bool = False, many: dict[str, Any] | None = None
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "items": many} if many else {"type": "string"}
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": schema,
        **({"style": "form", "explode": True, "example": [example]} if many else {"example": example}),
    }


DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Đăng ký hộ tịch tại nhà",
        "version": "1",
        "summary": "Thủ tục và ngày hẹn trả kết quả theo quy định của từng ngày.",
        "description": "Chỉ đọc, không cần đăng nhập, không có dữ liệu của gia đình nào. Mỗi mạng hỏi được 120 lần một phút.",
    },
    "servers": [{"url": "/api/v1"}],
    "paths": {
        "/due-date": {
            "get": {
                "operationId": "due_date",
                "summary": "Ngày hẹn trả kết quả và lý do",
                "parameters": [
                    _parameter("procedure", "Mã thủ tục.", "birth_mobile", required=True),
                    _parameter(
                        "received",
                        "Ngày giờ nhận đủ giấy tờ; không ghi múi giờ là giờ Việt Nam.",
                        "2026-11-17T09:00",
                        required=True,
                    ),
                    _parameter("occurred", "Ngày sinh hoặc ngày mất.", "2026-09-25"),
                    _parameter(
                        "flag",
                        "Trường hợp làm thời hạn khác đi.",
                        "verification",
                        many={"type": "string", "enum": sorted(FLAGS)},
                    ),
                    _parameter(
                        "without",
                        "Phần của liên thông mà gia đình không làm.",
                        "residence",
                        many={"type": "string"},
                    ),
                    _parameter(
                        "unit",
                        "Mã hoặc tên xã, phường của ngày nhận: tính theo cả quy định riêng ở đó.",
                        "29461",
                    ),
                ],
                "responses": {"200": _answer("Mọi hạn, mỗi hạn có lý do.", "DueDate"), **_REFUSALS},
            }
        },
        "/procedures": {
            "get": {
                "operationId": "procedures",
                "summary": "Các thủ tục của một ngày",
                "parameters": [_parameter("on", "Ngày; không ghi là hôm nay.", "2026-11-24")],
                "responses": {"200": _answer("Thủ tục theo danh mục giao kèm.", "Procedures"), **_REFUSALS},
            }
        },
        "/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "Mô tả này",
                "responses": {
                    "200": {
                        "description": "OpenAPI 3.1",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
    },
    "components": {"schemas": _SCHEMAS},
}
