"""Bảng câu hỏi: every question a service may ask a family, one page each.

Which of them a service asks, and in which order, stands in the catalogue (`questions` of the version in force);
there is no code path per service. No personal number and no picture of an identity card is asked on the web.
"""

from __future__ import annotations

from collections.abc import Sequence

from civreg.web.forms.request import LINES_LIMIT, NAME_LIMIT, Box, Option, Question
from civreg.web.intake.babies import BABIES
from civreg.web.intake.bundles import CHILD_BUNDLE
from civreg.web.intake.deaths import DEATH_PAGES, DEATH_RELATIONS

_BOOKED_NAME = "Ghi như trên giấy tờ, đủ dấu. Tên người Khmer viết liền hay viết rời đều được."
_DATE_HINT = "Ví dụ: 25 9 2026. Không nhớ ngày thì để trống ô ngày; chỉ nhớ năm thì ghi năm."

_MARRIAGES = (
    Option("1", "Lần đầu"),
    Option("2", "Lần thứ hai"),
    Option("3", "Lần thứ ba trở lên"),
)


def _name(name: str, label: str, ask: str, *, required: bool = True, hint: str = _BOOKED_NAME) -> Box:
    return Box(name, label, "name", hint, required, ask, NAME_LIMIT)


def _spouse(role: str, who: str) -> tuple[Question, ...]:
    """Return the questions about one of the two people who marry; the wording differs by one word only."""
    upper = who[:1].upper() + who[1:]
    return (
        Question(
            role,
            f"{upper} tên là gì?",
            (_name(f"{role}_name", "Họ, chữ đệm và tên", f"Ông/bà ghi họ tên {who}."),),
            upper,
        ),
        Question(
            f"{role}_birth",
            f"{upper} sinh ngày nào?",
            (Box(f"{role}_birth", "Ngày sinh", "date", _DATE_HINT, ask=f"Ông/bà ghi ngày sinh của {who}."),),
            f"Ngày sinh {who}",
        ),
        Question(
            f"{role}_residence",
            f"{upper} đang ở đâu?",
            (
                Box(
                    f"{role}_residence",
                    "Nơi cư trú",
                    "text",
                    "Ấp hoặc khóm, xã, tỉnh. Ví dụ: ấp Chợ, xã Trà Cú, tỉnh Vĩnh Long.",
                    ask=f"Ông/bà ghi nơi {who} đang ở.",
                ),
            ),
            f"Nơi ở {who}",
        ),
        Question(
            f"{role}_marriage",
            f"Đây là lần kết hôn thứ mấy của {who}?",
            (Box(f"{role}_marriage", "Kết hôn lần", "choice", options=_MARRIAGES),),
            f"Lần kết hôn {who}",
            ("Câu này có trong tờ khai đăng ký kết hôn.",),
        ),
    )


_PLACE: tuple[Question, ...] = (
    Question(
        "commune",
        "Gia đình ở xã nào?",
        (
            Box(
                "commune", "Tên xã", "commune", "Ghi tên xã cũ hay tên xã mới, có dấu hay không dấu đều được."
            ),
        ),
        "Xã",
    ),
    Question(
        "address",
        "Nhà ở chỗ nào trong xã?",
        (
            Box(
                "hamlet",
                "Ấp hoặc khóm",
                "hamlet",
                ask="Ông/bà ghi tên ấp hoặc khóm.",
                limit=100,
            ),
            Box(
                "address",
                "Số nhà, đường, hoặc dấu hiệu dễ tìm",
                "text",
                "Ví dụ: nhà cạnh chùa, cách cầu sắt 200 mét.",
                ask="Ông/bà ghi địa chỉ hoặc một dấu hiệu gần nhà, để cán bộ tìm được.",
            ),
        ),
        "Chỗ ở",
        ("Cán bộ dùng chỉ dẫn này để đến nhà.",),
    ),
)

_CHILD: tuple[Question, ...] = (
    Question(
        "child_name",
        "Em bé tên là gì?",
        (
            _name("child_name", "Họ, chữ đệm và tên của bé", "", required=False),
            *BABIES,
        ),
        "Tên em bé",
        ("Chưa chọn được tên thì để trống, cán bộ sẽ hỏi lại khi gọi.",),
    ),
    Question(
        "child_sex",
        "Em bé là trai hay gái?",
        (
            Box(
                "child_sex",
                "Giới tính của bé",
                "choice",
                options=(Option("female", "Bé gái"), Option("male", "Bé trai")),
            ),
        ),
        "Giới tính",
    ),
    Question(
        "child_birth",
        "Em bé sinh ngày nào?",
        (
            Box("child_birth", "Ngày sinh", "date", _DATE_HINT, ask="Ông/bà ghi ngày sinh của bé."),
            Box(
                "birth_hour",
                "Giờ sinh (không bắt buộc)",
                "text",
                "Ví dụ: khoảng 3 giờ sáng.",
                required=False,
                limit=60,
            ),
        ),
        "Ngày sinh",
    ),
    Question(
        "birth_place",
        "Em bé sinh ở đâu?",
        (
            Box(
                "birth_place",
                "Nơi sinh",
                "choice",
                options=(
                    Option("facility", "Ở bệnh viện hoặc trạm y tế"),
                    Option("home", "Ở nhà"),
                    Option("elsewhere", "Ở nơi khác"),
                ),
            ),
            Box(
                "birth_place_name",
                "Tên và địa chỉ của nơi đó",
                "text",
                "Ví dụ: Trung tâm Y tế khu vực Trà Cú, xã Trà Cú.",
                ask="Ông/bà ghi tên bệnh viện, trạm y tế hoặc nơi sinh.",
                only_when=("birth_place", frozenset({"facility", "elsewhere"})),
            ),
        ),
        "Nơi sinh",
    ),
)

_PARENTS: tuple[Question, ...] = (
    Question(
        "mother",
        "Mẹ của bé là ai?",
        (
            _name("mother_name", "Họ, chữ đệm và tên của mẹ", "Ông/bà ghi họ tên mẹ của bé."),
            Box("mother_birth_year", "Năm sinh của mẹ", "year", "Không nhớ thì để trống.", required=False),
        ),
        "Mẹ",
    ),
    Question(
        "father",
        "Cha của bé là ai?",
        (
            Box(
                "father_declared",
                "Có khai tên cha trong giấy khai sinh không?",
                "choice",
                options=(
                    Option("yes", "Có khai tên cha"),
                    Option("no", "Không khai", "Phần ghi về cha sẽ để trống."),
                ),
            ),
            Box(
                "father_name",
                "Họ, chữ đệm và tên của cha",
                "name",
                _BOOKED_NAME,
                ask="Ông/bà ghi họ tên cha của bé.",
                limit=NAME_LIMIT,
                only_when=("father_declared", frozenset({"yes"})),
            ),
            Box(
                "father_birth_year",
                "Năm sinh của cha",
                "year",
                "Không nhớ thì để trống.",
                required=False,
                only_when=("father_declared", frozenset({"yes"})),
            ),
        ),
        "Cha",
        ("Cha mẹ chưa đăng ký kết hôn thì cứ khai như mong muốn; cán bộ sẽ hướng dẫn khi gọi.",),
    ),
)

_NO_PROXY = "Không cần giấy ủy quyền."

_RELATIONS: dict[str, tuple[Option, ...]] = {
    "birth": (
        Option("mother", "Mẹ của bé"),
        Option("father", "Cha của bé"),
        Option("grandparent", "Ông hoặc bà của bé", _NO_PROXY),
        Option("relative", "Người thân khác"),
        Option("other", "Người đang nuôi bé"),
    ),
    "marriage": (
        Option("groom", "Bên nam"),
        Option("bride", "Bên nữ"),
        Option("relative", "Người thân gửi giúp"),
    ),
    "death": DEATH_RELATIONS,
    "tax": (
        Option("owner", "Chủ nhà"),
        Option("relative", "Người thân gửi giúp"),
    ),
    "assistance": (
        Option("self", "Người cần giúp"),
        Option("relative", "Người thân gửi giúp"),
    ),
}
"""Who asks, by what happened in the family."""


def _requester(occasion: str, heading: str) -> Question:
    return Question(
        "requester",
        heading,
        (
            _name("requester_name", "Họ, chữ đệm và tên của ông/bà", "Ông/bà ghi họ tên của mình."),
            Box("requester_relation", "Ông/bà là", "choice", options=_RELATIONS[occasion]),
        ),
        "Người gửi yêu cầu",
    )


_REASON = Question(
    "reason_mobile",
    "Vì sao gia đình cần đăng ký tại nhà?",
    (
        Box(
            "reason_mobile",
            "Lý do",
            "choice",
            options=(
                Option("ill", "Có người khuyết tật hoặc đau ốm, không đi được"),
                Option("far", "Nhà xa, đi lại khó khăn"),
                Option("other", "Lý do khác"),
            ),
        ),
        Box(
            "reason_text",
            "Gia đình kể thêm (không bắt buộc)",
            "lines",
            required=False,
            limit=LINES_LIMIT,
        ),
    ),
    "Lý do đăng ký tại nhà",
    ("Trả lời thế nào xã cũng xem xét.",),
)

_CONTACT: tuple[Question, ...] = (
    Question(
        "phone",
        "Xã gọi lại số nào?",
        (
            Box(
                "phone_owner",
                "Số điện thoại",
                "choice",
                options=(
                    Option("own", "Số của gia đình"),
                    Option("neighbour", "Số của hàng xóm, người quen"),
                    Option("none", "Không có số nào", "Cán bộ sẽ nhờ trưởng ấp báo tin."),
                ),
            ),
            Box(
                "phone",
                "Số để gọi",
                "phone",
                "10 chữ số, ví dụ 0912 345 678.",
                ask="Ông/bà ghi số để xã gọi lại.",
                only_when=("phone_owner", frozenset({"own", "neighbour"})),
                autocomplete="tel",
            ),
            Box(
                "phone_neighbour",
                "Tên người có số đó, nếu là số của hàng xóm",
                "text",
                required=False,
                limit=100,
                only_when=("phone_owner", frozenset({"neighbour"})),
            ),
        ),
        "Số gọi lại",
    ),
    Question(
        "visit_wish",
        "Cán bộ đến lúc nào thì tiện?",
        (
            Box(
                "visit_wish",
                "Lúc tiện và điều muốn dặn (không bắt buộc)",
                "lines",
                "Ví dụ: buổi chiều, trừ thứ tư.",
                required=False,
                limit=LINES_LIMIT,
            ),
        ),
        "Lúc tiện đến nhà",
        ("Cán bộ sẽ gọi để hẹn đúng ngày giờ.",),
    ),
    Question(
        "interpreter",
        "Gia đình có cần người nói tiếng Khmer không?",
        (
            Box(
                "interpreter",
                "Người nói tiếng Khmer",
                "choice",
                options=(Option("no", "Không cần"), Option("yes", "Cần người nói tiếng Khmer")),
            ),
        ),
        "Người nói tiếng Khmer",
    ),
    Question(
        "letter_consent",
        "Gia đình có muốn nhận thư chúc mừng của Ủy ban nhân dân không?",
        (
            Box(
                "letter_consent",
                "Nhận thư chúc mừng",
                "choice",
                options=(
                    Option("yes", "Có"),
                    Option("no", "Không"),
                    Option("later", "Trả lời sau"),
                ),
            ),
        ),
        "Thư chúc mừng",
        (
            "Thư do lãnh đạo xã ký, cán bộ trao tận tay cùng giấy tờ.",
            "Trả lời thế nào cũng không ảnh hưởng đến việc đăng ký, và đổi ý lúc nào cũng được.",
        ),
    ),
)

_TAX_HELP = Question(
    "tax_help",
    "Gia đình cần giúp việc gì?",
    (
        Box(
            "tax_help",
            "Nhà đang xây và việc cần giúp",
            "lines",
            "Ví dụ: nhà cấp 4, cần giúp ghi tờ khai thuế xây dựng.",
            ask="Ông/bà ghi việc cần giúp.",
            limit=LINES_LIMIT,
        ),
    ),
    "Việc cần giúp",
)

_HELP_WANTED = Question(
    "help_wanted",
    "Gia đình cần giúp việc gì?",
    (
        Box(
            "help_wanted",
            "Việc cần giúp",
            "lines",
            "Ví dụ: bác 82 tuổi, đi lại khó, cần giúp ghi giấy tờ.",
            ask="Ông/bà ghi việc cần giúp.",
            limit=LINES_LIMIT,
        ),
    ),
    "Việc cần giúp",
)

_ASKED = {question.id: question for question in (*_PLACE, *_CHILD, *_PARENTS, *_CONTACT)}

PAGES: dict[str, tuple[Question, ...]] = {
    "commune": (_ASKED["commune"],),
    "requester_birth": (_requester("birth", "Ông/bà là ai?"), _ASKED["phone"]),
    "requester_marriage": (_requester("marriage", "Ai gửi yêu cầu này?"), _ASKED["phone"]),
    "requester_death": (_requester("death", "Ông/bà là ai?"), _ASKED["phone"]),
    "requester_assistance": (_requester("assistance", "Ông/bà là ai?"), _ASKED["phone"]),
    "requester_tax": (_requester("tax", "Ông/bà là ai?"), _ASKED["phone"]),
    "reason_mobile": (_REASON,),
    "child_name": (_ASKED["child_name"], _ASKED["child_sex"]),
    "child_birth": (_ASKED["child_birth"],),
    "birth_place": (_ASKED["birth_place"],),
    "mother": (_ASKED["mother"],),
    "father": (_ASKED["father"],),
    "groom": _spouse("groom", "bên nam"),
    "bride": _spouse("bride", "bên nữ"),
    "child_residence": CHILD_BUNDLE,
    "tax_help": (_TAX_HELP,),
    "help_wanted": (_HELP_WANTED,),
    **DEATH_PAGES,
    "address": (_ASKED["address"], _ASKED["visit_wish"], _ASKED["interpreter"]),
    "letter_consent": (_ASKED["letter_consent"],),
}
"""The pages behind each question of the catalogue; `name_occasion` where the wording depends on the occasion."""


def pages_of(names: Sequence[str], occasion: str) -> tuple[Question, ...] | None:
    """Return the pages of a service in the catalogue's order; None when a question has no page yet."""
    found: list[Question] = []
    for name in names:
        pages = PAGES.get(f"{name}_{occasion}") or PAGES.get(name)
        if pages is None:
            return None
        found += pages
    return tuple(found)


CALLBACK = Question(
    "goi-lai",
    "Để lại số, xã gọi lại",
    (
        _name("caller_name", "Họ tên của ông/bà", "Ông/bà ghi họ tên để xã biết gọi ai.", hint=""),
        *_ASKED["phone"].boxes,
        *_ASKED["commune"].boxes,
    ),
    "Gọi lại",
    ("Ông/bà không cần ghi gì thêm. Cán bộ gọi lại, hỏi và ghi giúp.",),
)
"""The one page of a request that leaves everything else to a call."""
