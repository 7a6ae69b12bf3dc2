"""What a family answers to every question that any service asks, by the name of the box."""

from __future__ import annotations

ASKED_BY = {"birth": "mother", "marriage": "groom", "death": "child", "tax": "owner", "assistance": "self"}


def typed(occasion: str) -> dict[str, str]:
    """Return an answer for every box that any service asks."""
    return {
        "requester_name": "Thạch Thị Sa Rết",
        "requester_relation": ASKED_BY[occasion],
        "phone_owner": "own",
        "phone": "0912 345 678",
        "reason_mobile": "far",
        "child_name": "Thạch Minh Khang",
        "child_sex": "male",
        **{"child_birth_day": "1", "child_birth_month": "11", "child_birth_year": "2026"},
        "birth_place": "home",
        "mother_name": "Thạch Thị Sa Rết",
        "mother_birth_year": "1999",
        "father_declared": "no",
        "part_residence": "parents",
        "part_health_insurance": "yes",
        "part_identity_card": "no",
        "groom_name": "Kim Ngọc Thạch",
        **{"groom_birth_day": "5", "groom_birth_month": "6", "groom_birth_year": "2000"},
        "groom_residence": "Ấp Chợ",
        "groom_marriage": "1",
        "bride_name": "Sơn Thị Đa",
        **{"bride_birth_day": "9", "bride_birth_month": "12", "bride_birth_year": "2004"},
        "bride_residence": "Ấp Chợ",
        "bride_marriage": "1",
        "deceased_name": "Thạch Sương",
        "deceased_sex": "male",
        "deceased_birth_year": "1940",
        **{"death_date_day": "10", "death_date_month": "11", "death_date_year": "2026"},
        "death_place": "home",
        "part_burial_support": "yes",
        "part_survivor_benefit": "no",
        "tax_help": "Giúp ghi tờ khai thuế xây dựng",
        "help_wanted": "Giúp làm thẻ bảo hiểm y tế cho bà ngoại",
        "hamlet": "Ấp Chợ",
        "address": "Nhà sau chùa",
        "interpreter": "no",
        "letter_consent": "yes",
    }
