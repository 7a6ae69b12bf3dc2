"""Tên người và nơi chốn của dữ liệu mẫu: invented Kinh and Khmer names as they are heard in Trà Vinh."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

KINH_FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Dương", "Lâm")
KHMER_FAMILIES = ("Thạch", "Kim", "Sơn", "Kiên", "Lâm", "Trương", "Danh")
KINH_WOMEN = (
    "Thị Thu Hường",
    "Thị Bích Trâm",
    "Ngọc Diễm",
    "Thị Mỹ Linh",
    "Thuý An",
    "Thị Kim Ngân",
    "Như Ý",
)
KINH_MEN = ("Văn Út", "Minh Khang", "Hoàng Phúc", "Văn Tâm", "Quốc Thái", "Hữu Nghĩa", "Thanh Bình")
KHMER_WOMEN = ("Thị Sa Rết", "Thị Sô Phia", "Thị Na Ry", "Thị Chanh Đa", "Sô Khane", "Thị Sa Ven", "Thị Rane")
KHMER_MEN = ("Sa Rinh", "Văn Sóc Kha", "Sô Thi", "Chanh Tha", "Văn Sà Rươne", "Ra Quyên", "Thanh Thi")
HAMLETS = ("Ấp Chợ", "Ấp Vàm", "Ấp Sóc Chà", "Ấp Đôn Chụm", "Ấp Leng", "Ấp Bến Thế", "Khóm 3", "Ấp Cây Da")
HOUSES = (
    "Nhà sau chùa",
    "Đối diện trường tiểu học",
    "Cạnh cầu sắt",
    "Số 45, đường bờ kè",
    "Hẻm bên nhà văn hoá ấp",
)
BIRTH_PLACES = ("Trung tâm Y tế khu vực Trà Cú", "Bệnh viện Sản – Nhi Trà Vinh", "Trạm y tế xã")


@dataclass(frozen=True)
class Family:
    """A household of the demo; a Khmer child may carry another family name than its father."""

    mother: str
    father: str
    daughter: str
    son: str
    ethnic_group: str
    hamlet: str
    house: str
    phone: str


def invent_family(random: Random) -> Family:
    """Return one household; the same random source gives the same households."""
    khmer = random.random() < 0.4
    families, women, men = (
        (KHMER_FAMILIES, KHMER_WOMEN, KHMER_MEN) if khmer else (KINH_FAMILIES, KINH_WOMEN, KINH_MEN)
    )
    father_family, mother_family = random.choice(families), random.choice(families)
    child_family = random.choice((father_family, mother_family)) if khmer else father_family
    return Family(
        mother=f"{mother_family} {random.choice(women)}",
        father=f"{father_family} {random.choice(men)}",
        daughter=f"{child_family} {random.choice(women)}",
        son=f"{child_family} {random.choice(men)}",
        ethnic_group="Khmer" if khmer else "Kinh",
        hamlet=random.choice(HAMLETS),
        house=random.choice(HOUSES),
        phone=f"09{random.randrange(10**8):08d}",
    )


def invent_staff(random: Random, women: bool = True) -> str:
    """Return the name of a member of staff."""
    khmer = random.random() < 0.3
    families = KHMER_FAMILIES if khmer else KINH_FAMILIES
    given = (KHMER_WOMEN if khmer else KINH_WOMEN) if women else (KHMER_MEN if khmer else KINH_MEN)
    return f"{random.choice(families)} {random.choice(given)}"
