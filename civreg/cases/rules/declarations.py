"""Tờ khai: what each declaration says, line by line, as data; `cases.export` fills it, `shared.paper` draws it.

Fields of law.md §9: khai sinh and khai tử after the appendix of TT 04/2020/TT-BTP (B, law portals), which TT 04/2024
replaced with small changes (residence only where no personal number is given); kết hôn: one joint form with a column
for each party (DVCQG 1.000894, A); the photographs of that form are only for marriages with a foreign element (B).
Which procedure uses which declaration stands in its catalogue file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """Một mục: its label and the fact that fills it ("child.name"); `blank_lines` to write on when it is unknown."""

    label: str
    fact: str
    blank_lines: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """Một phần: an introducing line and rows of entries that share a line.

    Attributes:
        opening: printed above, may be empty.
        rows: entries side by side.
        columns: heads of a table; the rows' facts then have the column's role put before them.
    """

    rows: tuple[tuple[Entry, ...], ...]
    opening: str = ""
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """Một mẫu tờ khai.

    Attributes:
        title: in capitals.
        sections: in the order of the form.
        pledge: what the signers affirm.
        signers: (role of who signs, words over the place to sign).
    """

    title: str
    sections: tuple[Section, ...]
    pledge: str
    signers: tuple[tuple[str, str], ...]


def _requester(relation: str) -> Section:
    return Section(
        rows=(
            (Entry("Họ, chữ đệm, tên người yêu cầu", "requester.name"),),
            (Entry("Nơi cư trú", "requester.residence", 2),),
            (Entry("Giấy tờ tùy thân", "requester.identity"),),
            (Entry(relation, "requester.relation"),),
        )
    )


def _parent(word: str, role: str) -> Section:
    return Section(
        rows=(
            (Entry(f"Họ, chữ đệm, tên người {word}", f"{role}.name"),),
            (
                Entry("Năm sinh", f"{role}.birth_year"),
                Entry("Dân tộc", f"{role}.ethnic_group"),
                Entry("Quốc tịch", f"{role}.nationality"),
            ),
            (Entry("Nơi cư trú", f"{role}.residence"),),
        )
    )


_KIND = ("Giới tính", "sex"), ("Dân tộc", "ethnic_group"), ("Quốc tịch", "nationality")

_BIRTH = Declaration(
    title="TỜ KHAI ĐĂNG KÝ KHAI SINH",
    sections=(
        _requester("Quan hệ với người được khai sinh"),
        Section(
            opening="Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:",
            rows=(
                (Entry("Họ, chữ đệm, tên", "child.name"),),
                (Entry("Ngày, tháng, năm sinh", "child.birth"),),
                (Entry("Ghi bằng chữ", "child.birth_in_words"),),
                tuple(Entry(label, f"child.{fact}") for label, fact in _KIND),
                (Entry("Nơi sinh", "event.place"),),
                (Entry("Quê quán", "child.origin"),),
            ),
        ),
        _parent("mẹ", "mother"),
        _parent("cha", "father"),
    ),
    pledge=(
        "Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, được sự thỏa thuận nhất trí của "
        "các bên liên quan theo quy định pháp luật, và chịu trách nhiệm trước pháp luật về cam đoan của mình."
    ),
    signers=(("requester", "Người yêu cầu"),),
)

_DEATH = Declaration(
    title="TỜ KHAI ĐĂNG KÝ KHAI TỬ",
    sections=(
        _requester("Quan hệ với người đã chết"),
        Section(
            opening="Đề nghị cơ quan đăng ký khai tử cho người có tên dưới đây:",
            rows=(
                (Entry("Họ, chữ đệm, tên", "deceased.name"),),
                (Entry("Ngày, tháng, năm sinh", "deceased.birth"),),
                tuple(Entry(label, f"deceased.{fact}") for label, fact in _KIND),
                (Entry("Nơi cư trú cuối cùng", "deceased.residence", 2),),
                (Entry("Giấy tờ tùy thân", "deceased.identity"),),
                (Entry("Đã chết vào lúc", "event.moment"),),
                (Entry("Nơi chết", "event.place"),),
                (Entry("Nguyên nhân chết", "event.cause"),),
                (
                    Entry("Số Giấy báo tử/giấy tờ thay thế Giấy báo tử", "event.paper"),
                    Entry("cấp ngày", "event.paper_day"),
                ),
                (Entry("Cơ quan cấp", "event.paper_issuer"),),
            ),
        ),
    ),
    pledge=(
        "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm trước pháp luật về cam đoan "
        "của mình."
    ),
    signers=(("requester", "Người yêu cầu"),),
)

_MARRIAGE = Declaration(
    title="TỜ KHAI ĐĂNG KÝ KẾT HÔN",
    sections=(
        Section(
            opening="Chúng tôi đề nghị cơ quan đăng ký kết hôn:",
            columns=(("Bên nữ", "bride"), ("Bên nam", "groom")),
            rows=(
                (Entry("Họ, chữ đệm, tên", "name"),),
                (Entry("Ngày, tháng, năm sinh", "birth"),),
                (Entry("Dân tộc", "ethnic_group"),),
                (Entry("Quốc tịch", "nationality"),),
                (Entry("Nơi cư trú", "residence", 3),),
                (Entry("Giấy tờ tùy thân", "identity", 3),),
                (Entry("Kết hôn lần thứ mấy", "marriage_ordinal"),),
            ),
        ),
    ),
    pledge=(
        "Chúng tôi cam đoan những lời khai trên đây là đúng sự thật; việc kết hôn là tự nguyện, không vi phạm quy định "
        "của Luật Hôn nhân và gia đình. Chúng tôi chịu trách nhiệm trước pháp luật về cam đoan của mình."
    ),
    signers=(("bride", "Bên nữ"), ("groom", "Bên nam")),
)

DECLARATIONS: Mapping[str, Declaration] = {"birth": _BIRTH, "death": _DEATH, "marriage": _MARRIAGE}
"""By the word a catalogue file names (`declaration`)."""
