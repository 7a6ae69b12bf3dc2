"""Câu hỏi khi có người qua đời: few, quiet, and none that the commune can answer itself.

Giấy báo tử is never asked for after a death at home: the commune issues it.
"""

from __future__ import annotations

from civreg.web.forms.request import NAME_LIMIT, Box, Option, Question

_WANTED = (
    Option("yes", "Có"),
    Option("no", "Không"),
    Option("unsure", "Chưa rõ, cán bộ hướng dẫn khi gọi"),
)

_DECEASED = Question(
    "deceased",
    "Người đã qua đời tên là gì?",
    (
        Box(
            "deceased_name",
            "Họ, chữ đệm và tên",
            "name",
            "Ghi như trên giấy tờ, đủ dấu.",
            ask="Ông/bà ghi họ tên người đã qua đời.",
            limit=NAME_LIMIT,
        ),
        Box("deceased_sex", "Giới tính", "choice", options=(Option("female", "Nữ"), Option("male", "Nam"))),
        Box(
            "deceased_birth",
            "Ngày sinh",
            "date",
            "Không nhớ ngày thì ghi năm; không nhớ cả năm thì để trống.",
            required=False,
        ),
        Box(
            "deceased_residence",
            "Nơi ở trước khi qua đời (không bắt buộc)",
            "text",
            "Ấp hoặc khóm, xã, tỉnh.",
            required=False,
        ),
    ),
    "Người đã qua đời",
)

_DAY = Question(
    "death_day",
    "Người thân qua đời ngày nào?",
    (
        Box(
            "death_date",
            "Ngày qua đời (dương lịch)",
            "date",
            "Ví dụ: 25 9 2026. Không nhớ ngày thì để trống ô ngày.",
            ask="Ông/bà ghi ngày qua đời.",
        ),
        Box(
            "death_hour",
            "Giờ (không bắt buộc)",
            "text",
            "Ví dụ: khoảng 3 giờ sáng.",
            required=False,
            limit=60,
        ),
    ),
    "Ngày qua đời",
)

_PLACE = Question(
    "death_place",
    "Người thân qua đời ở đâu?",
    (
        Box(
            "death_place",
            "Nơi qua đời",
            "choice",
            options=(
                Option("home", "Ở nhà", "Không cần giấy báo tử: xã tự cấp."),
                Option("facility", "Ở bệnh viện hoặc trạm y tế"),
                Option("elsewhere", "Ở nơi khác"),
            ),
        ),
        Box(
            "death_place_name",
            "Tên và địa chỉ của nơi đó",
            "text",
            ask="Ông/bà ghi tên bệnh viện, trạm y tế hoặc nơi qua đời.",
            only_when=("death_place", frozenset({"facility", "elsewhere"})),
        ),
    ),
    "Nơi qua đời",
)

_BENEFITS = Question(
    "death_benefits",
    "Gia đình có làm luôn các khoản hỗ trợ không?",
    (
        Box("part_burial_support", "Hỗ trợ mai táng", "choice", options=_WANTED),
        Box(
            "part_survivor_benefit",
            "Trợ cấp tử tuất (người đã qua đời có bảo hiểm xã hội)",
            "choice",
            options=_WANTED,
        ),
    ),
    "Các khoản hỗ trợ",
    ("Trả lời thế nào cũng không ảnh hưởng đến việc khai tử.",),
)

_CONDOLENCE = Question(
    "letter_consent",
    "Gia đình có muốn nhận thư chia buồn của Ủy ban nhân dân không?",
    (
        Box(
            "letter_consent",
            "Nhận thư chia buồn",
            "choice",
            options=(Option("yes", "Có"), Option("no", "Không"), Option("later", "Trả lời sau")),
        ),
    ),
    "Thư chia buồn",
    ("Trả lời thế nào cũng không ảnh hưởng đến việc khai tử, và đổi ý lúc nào cũng được.",),
)

DEATH_PAGES: dict[str, tuple[Question, ...]] = {
    "deceased": (_DECEASED,),
    "death_day": (_DAY,),
    "death_place": (_PLACE,),
    "death_benefits": (_BENEFITS,),
    "letter_consent_death": (_CONDOLENCE,),
}
"""The pages of the questions that only a death asks."""

DEATH_RELATIONS = (
    Option("spouse", "Vợ hoặc chồng của người đã qua đời"),
    Option("child", "Con của người đã qua đời"),
    Option("parent", "Cha hoặc mẹ của người đã qua đời"),
    Option("relative", "Người thân khác"),
    Option("representative", "Đại diện cơ quan, tổ chức hoặc người có liên quan"),
)
"""Who asks after a death."""
