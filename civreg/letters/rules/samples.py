"""Ca mẫu khó: invented families on whom a text is tried before it is approved. Pure.

They are what breaks words: twins, one parent, a letter to mother and child, names of eight syllables, a day
nobody knows, every form of address, mother and child in one condolence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from civreg.letters.rules.facts import (
    ApologyFacts,
    BirthFacts,
    DeathFacts,
    Honorific,
    LetterFacts,
    LetterKind,
    MarriageFacts,
    Missed,
)
from civreg.shared.partial_date import PartialDate

_UNIT = "xã Trà Cú"
_LONG = "Nguyễn Thạch Thị Hoàng Ngọc Phương Khánh Quỳnh"
_BORN = PartialDate(2026, 1, 12)


@dataclass(frozen=True, slots=True)
class HardCase:
    """One case: `key` in addresses, `title` on the page."""

    key: str
    title: str
    facts: LetterFacts


_BIRTHS = (
    HardCase(
        "cha-me",
        "Cha và mẹ, một bé",
        BirthFacts(_UNIT, ("Kim Thạch Minh Khang",), "Thạch Thị Sa Rết", "Kim Văn Minh", _BORN),
    ),
    HardCase(
        "me-va-be",
        "Chỉ gửi mẹ và bé",
        BirthFacts(_UNIT, ("Lâm Bảo An",), "Lâm Thị Mỹ Duyên", born=_BORN, mother_and_child=True),
    ),
    HardCase(
        "sinh-doi",
        "Sinh đôi",
        BirthFacts(_UNIT, ("Sơn Bảo An", "Sơn Bảo Anh"), "Kiên Thị Hồng Đào", "Sơn Sa Vươn", _BORN),
    ),
    HardCase(
        "sinh-doi-me",
        "Sinh đôi, chỉ gửi mẹ và các bé",
        BirthFacts(_UNIT, ("Sơn Bảo An", "Sơn Bảo Anh"), "Kiên Thị Hồng Đào", born=_BORN),
    ),
    HardCase(
        "khong-ro-ngay",
        "Chỉ biết năm sinh",
        BirthFacts(_UNIT, ("Thạch Thị Ngọc",), "Thạch Thị Sô Phia", "Thạch Sa Rươn", PartialDate(2026)),
    ),
    HardCase(
        "ong-ba",
        "Cha mẹ lớn tuổi (ông, bà)",
        BirthFacts(
            _UNIT,
            ("Trần Quốc Ý",),
            "Đặng Thị Út",
            "Trần Văn Mười",
            _BORN,
            mother_title=Honorific.GRANDMOTHER,
            father_title=Honorific.GRANDFATHER,
        ),
    ),
    HardCase(
        "ten-dai",
        "Tên rất dài, sinh ba, đơn vị tên dài",
        BirthFacts(
            "xã Lưu Nghiệp Anh",
            (f"{_LONG} An", f"{_LONG} Anh", f"{_LONG} Ân"),
            _LONG,
            f"{_LONG} Bảo",
            _BORN,
        ),
    ),
)
_MARRIAGES = (
    HardCase(
        "anh-chi",
        "Anh và chị",
        MarriageFacts(_UNIT, "Sơn Sa Vươn", "Kiên Thị Hồng Đào", date(2026, 2, 5)),
    ),
    HardCase(
        "ong-ba",
        "Ông và bà",
        MarriageFacts(
            _UNIT,
            "Thạch Sa Rươn",
            "Kim Thị Sa Vi",
            date(2026, 11, 25),
            Honorific.GRANDFATHER,
            Honorific.GRANDMOTHER,
        ),
    ),
    HardCase(
        "ten-dai",
        "Tên rất dài, thị trấn trước 01/7/2025",
        MarriageFacts("thị trấn Định An", _LONG, f"{_LONG} Ba", date(2025, 6, 30)),
    ),
)
_DEATHS = (
    *(
        HardCase(
            f"{key}",
            f"Người mất được gọi là {title}",
            DeathFacts(_UNIT, name, title, PartialDate(2026, 2, 1)),
        )
        for key, title, name in (
            ("cu", Honorific.ELDER, "Thạch Thị Sa Rây"),
            ("ong", Honorific.GRANDFATHER, "Kim Văn Sơn"),
            ("ba", Honorific.GRANDMOTHER, "Lâm Thị Út"),
            ("anh", Honorific.BROTHER, "Sơn Minh Trí"),
            ("chi", Honorific.SISTER, "Kiên Thị Ngọc"),
            ("chau", Honorific.CHILD, "Thạch Bảo An"),
        )
    ),
    HardCase(
        "khong-ro-ngay",
        "Chỉ biết tháng mất",
        DeathFacts(_UNIT, "Thạch Sa Rươn", Honorific.ELDER, PartialDate(2026, 2)),
    ),
    HardCase(
        "me-va-be",
        "Mẹ và bé cùng mất",
        DeathFacts(_UNIT, "Kim Thị Sa Vi", Honorific.SISTER, PartialDate(2026, 2, 1), ("cháu Kim Na",)),
    ),
    HardCase(
        "ten-dai",
        "Tên rất dài",
        DeathFacts("xã Lưu Nghiệp Anh", _LONG, Honorific.ELDER, PartialDate(2026, 2, 1)),
    ),
)
_APOLOGIES = (
    HardCase(
        "tre-ket-qua",
        "Trễ ngày trả kết quả",
        ApologyFacts(
            _UNIT,
            "ông/bà Thạch Sa Rết",
            "đăng ký khai sinh",
            Missed.RESULT,
            date(2026, 11, 18),
            "phần mềm dùng chung tạm ngừng",
            date(2026, 11, 20),
            hotline="0294 3874 001",
        ),
    ),
    HardCase(
        "sap-tre",
        "Báo trước là sẽ trễ ngày trả kết quả",
        ApologyFacts(
            _UNIT,
            "ông/bà Sơn Thị Na",
            "đăng ký kết hôn",
            Missed.RESULT,
            date(2026, 11, 18),
            "phần mềm dùng chung tạm ngừng",
            date(2026, 11, 20),
            hotline="0294 3874 001",
            ahead=True,
        ),
    ),
    HardCase(
        "lo-chuyen",
        "Lỡ chuyến đến nhà",
        ApologyFacts(
            _UNIT,
            "ông/bà Kim Văn Sơn",
            "đăng ký khai tử",
            Missed.VISIT,
            date(2026, 11, 18),
            "mưa lớn, bến phà ngừng chạy",
            date(2026, 11, 19),
            "08 giờ 30",
            "14 giờ 00",
            "0294 3874 001",
        ),
    ),
    HardCase(
        "khong-so",
        "Đơn vị chưa có đường dây nóng, lý do dài",
        ApologyFacts(
            "xã Lưu Nghiệp Anh",
            f"ông/bà {_LONG}",
            "đăng ký khai sinh, đăng ký thường trú và cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
            Missed.RESULT,
            date(2026, 11, 18),
            "cơ quan bảo hiểm xã hội trả lại hồ sơ để kiểm tra thông tin, cán bộ phụ trách nghỉ ốm "
            "và đơn vị chưa kịp cử người thay",
            date(2026, 11, 23),
        ),
    ),
)
_CASES = {
    LetterKind.CONGRATULATION_BIRTH: _BIRTHS,
    LetterKind.CONGRATULATION_MARRIAGE: _MARRIAGES,
    LetterKind.CONDOLENCE: _DEATHS,
    LetterKind.APOLOGY: _APOLOGIES,
}


def hard_cases(kind: LetterKind) -> tuple[HardCase, ...]:
    """Return the cases an occasion's text is tried on, the plain one first."""
    return _CASES[kind]
