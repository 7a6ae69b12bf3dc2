"""What a list of units may look like, and what is said about one that cannot be used: pure, no database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.units.rules import KnownUnit, ListedUnit, plan_list, read_list, read_successors

HEADER = "code,name,kind,parent_code\n"


def sentences(content: str | bytes) -> list[str]:
    raw = content if isinstance(content, bytes) else content.encode()
    return [str(problem) for problem in read_list(raw)[1]]


def test_a_good_list_is_read_with_line_numbers_and_clean_names() -> None:
    rows, problems = read_list(
        ("\ufeff" + HEADER + "86,Tỉnh Vĩnh Long,province,\n\n29461, Xã  Trà Cú ,commune,86\n").encode()
    )
    assert problems == []
    assert rows == [
        ListedUnit("86", "Tỉnh Vĩnh Long", "province", None, 2),
        ListedUnit("29461", "Xã Trà Cú", "commune", "86", 4),
    ]


def test_columns_in_another_order_are_fine() -> None:
    rows, problems = read_list("Kind,parent_code,code,name\nprovince,,86,Tỉnh Vĩnh Long\n".encode())
    assert problems == []
    assert rows[0].code == "86"


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (HEADER + "86,Tỉnh Vĩnh Long,province,\n86,Tỉnh Khác,province,\n", 3, "mã 86 đã có ở dòng 2"),
        (HEADER + "29461,Xã Trà Cú,commune,86\n", 2, "đơn vị cha 86 của Xã Trà Cú không có trong tệp"),
        (HEADER + "1,A,x_y,2\n2,B,x_y,1\n", 2, "nằm dưới chính nó"),
        (HEADER + "1,A,x_y,1\n", 2, "nằm dưới chính nó"),
        (HEADER + "86x,Tỉnh Vĩnh Long,province,\n", 2, "mã đơn vị chỉ gồm chữ số"),
        (HEADER + "86,,province,\n", 2, "ghi tên đơn vị"),
        (HEADER + f"86,{'a' * 121},province,\n", 2, "không quá 120 chữ"),
        (HEADER + "86,Tỉnh Vĩnh Long,Tỉnh,\n", 2, "loại “Tỉnh” không dùng được"),
        (HEADER + "86,Tỉnh Vĩnh Long,province\n", 2, "có 3 ô, cần 4 ô"),
        ("code,name,kind\n86,A,province\n", 1, "thiếu cột parent_code"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(content: str, line: int, words: str) -> None:
    found = sentences(content)
    assert found
    assert found[0].startswith(f"Dòng {line}: ")
    assert words in found[0]


def test_an_empty_list_is_refused() -> None:
    assert sentences(HEADER) == ["Tệp không có đơn vị nào. Chọn đúng tệp danh mục rồi nạp lại."]
    assert "thiếu cột" in sentences("")[0]


def test_other_encodings_are_named_with_the_first_line_that_fails() -> None:
    found = sentences(HEADER.encode() + b"01,A,province,\n86,V\xfdnh Long,province,\n")
    assert found == [
        "Dòng 3: chữ không phải UTF-8. Mở tệp trong bảng tính, lưu lại kiểu “CSV UTF-8” rồi nạp lại."
    ]
    assert "không phải CSV" in sentences(b"PK\0\0")[0]


def test_an_endless_cell_is_named() -> None:
    assert "không đọc được" in sentences(HEADER + '86,"' + "a" * 200_000 + '",province,\n')[0]


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_sentences(content: bytes) -> None:
    rows, problems = read_list(content)
    assert rows or problems


def test_successors_are_read() -> None:
    rows, problems = read_successors(b"old_code,new_code,old_is_split\n29462,29491,false\n00007,00025,True\n")
    assert problems == []
    assert [(row.old_code, row.new_code, row.is_split) for row in rows] == [
        ("29462", "29491", False),
        ("00007", "00025", True),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("29462,29491,maybe", "true hoặc false"),
        ("abc,29491,false", "chỉ gồm chữ số"),
        ("29462,29491,false\n29462,29491,false", "đã có ở dòng 2"),
    ],
)
def test_a_successor_line_that_cannot_be_used_is_named(line: str, words: str) -> None:
    _, problems = read_successors(f"old_code,new_code,old_is_split\n{line}\n".encode())
    assert len(problems) == 1
    assert words in problems[0].sentence


def test_a_plan_tells_apart_what_a_list_does() -> None:
    known = {
        unit.code: unit
        for unit in (
            KnownUnit(1, "84", "Tỉnh Trà Vinh", "province", None),
            KnownUnit(2, "849", "Huyện Trà Cú", "district", "84"),
            KnownUnit(3, "29461", "Thị trấn Trà Cú", "township", "849"),
            KnownUnit(4, "29467", "Xã Tập Sơn", "commune", "849"),
            KnownUnit(5, "86", "Tỉnh Vĩnh Long", "province", None),
        )
    }
    rows = [
        ListedUnit("86", "Tỉnh Vĩnh Long", "province", None),
        ListedUnit("29461", "Xã Trà Cú", "commune", "86"),
        ListedUnit("29467", "Xã Tập Sơn", "commune", "86"),
        ListedUnit("29999", "Xã Mới", "commune", "86"),
    ]
    plan = plan_list(known, rows)
    assert [row.code for row in plan.added] == ["29999"]
    assert {unit.code for unit in plan.ended} == {"84", "849"}
    assert [old.code for old, _ in plan.renamed] == ["29461"]
    assert [old.code for old, _ in plan.moved] == ["29467"]
    assert plan.unchanged == 1
