"""Câu hỏi của liên thông khai sinh: what the family does together with the birth, one question a page.

A box named `part_…` answered "no" leaves that part out (`answers.request_form`).
"""

from __future__ import annotations

from civreg.web.forms.request import Box, Option, Question

CHILD_BUNDLE: tuple[Question, ...] = (
    Question(
        "child_residence",
        "Bé nhập hộ khẩu ở đâu?",
        (
            Box(
                "part_residence",
                "Nơi thường trú của bé",
                "choice",
                options=(
                    Option("parents", "Theo cha mẹ, hoặc theo cha hay mẹ"),
                    Option("elsewhere", "Nơi khác", "Cần chủ hộ ở đó đồng ý."),
                    Option("no", "Chưa nhập lần này", "Gia đình tự làm sau."),
                ),
            ),
            Box(
                "child_home_address",
                "Địa chỉ nơi đó",
                "text",
                ask="Ông/bà ghi địa chỉ nơi bé sẽ nhập hộ khẩu.",
                only_when=("part_residence", frozenset({"elsewhere"})),
            ),
        ),
        "Hộ khẩu của bé",
    ),
    Question(
        "child_insurance",
        "Gia đình có làm luôn thẻ bảo hiểm y tế cho bé không?",
        (
            Box(
                "part_health_insurance",
                "Thẻ bảo hiểm y tế cho bé",
                "choice",
                options=(Option("yes", "Có"), Option("no", "Không, để sau")),
            ),
        ),
        "Thẻ bảo hiểm y tế",
        ("Thẻ của trẻ dưới 6 tuổi không mất tiền.",),
    ),
    Question(
        "child_card",
        "Gia đình có làm luôn thẻ căn cước cho bé không?",
        (
            Box(
                "part_identity_card",
                "Thẻ căn cước cho bé",
                "choice",
                options=(Option("no", "Không, để sau"), Option("yes", "Có")),
            ),
        ),
        "Thẻ căn cước",
        ("Không bắt buộc đối với trẻ dưới 6 tuổi.",),
    ),
)
"""Residence, insurance card, identity card."""
