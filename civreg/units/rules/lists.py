"""Đọc danh mục: a list of units or of successors as typed in a CSV file, checked line by line.

Every problem is a sentence with its line number that says what to do; nothing is repaired in silence.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from civreg.units.rules.names import clean_name

_UNIT_COLUMNS = ("code", "name", "kind", "parent_code")
_SUCCESSOR_COLUMNS = ("old_code", "new_code", "old_is_split")
_CODE = re.compile(r"[0-9]{1,12}")
_KIND = re.compile(r"[a-z][a-z_]{1,39}")
_LONGEST_NAME = 120
_YES_NO: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """One line of a list of units (danh mục); `line` is its line in the file."""

    code: str
    name: str
    kind: str
    parent_code: str | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class ListedSuccessor:
    """One line of a successors file: the old unit went, wholly or in part, to the new one."""

    old_code: str
    new_code: str
    is_split: bool
    line: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that a person has to put right; line 0 is the file as a whole."""

    line: int
    sentence: str

    def __str__(self) -> str:
        """Return the sentence with its line number in front."""
        return f"Dòng {self.line}: {self.sentence}" if self.line else self.sentence


def _decode(content: bytes) -> str | Problem:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(
            line, "chữ không phải UTF-8. Mở tệp trong bảng tính, lưu lại kiểu “CSV UTF-8” rồi nạp lại."
        )
    if "\0" in text:
        return Problem(0, "Tệp không phải CSV. Xuất lại danh mục kiểu “CSV UTF-8” rồi nạp lại.")
    return text


def _lines(
    text: str, columns: Sequence[str], problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            wanted = ", ".join(columns)
            problems.append(Problem(1, f"thiếu cột {', '.join(missing)}. Tệp cần các cột {wanted}."))
            return
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                sentence = f"có {len(cells)} ô, cần {len(header)} ô như dòng tiêu đề."
                problems.append(Problem(reader.line_num, sentence))
                continue
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error:
        problems.append(Problem(reader.line_num, "không đọc được. Kiểm tra dấu ngoặc kép và độ dài của ô."))


def read_list(content: bytes) -> tuple[list[ListedUnit], list[Problem]]:
    """Return the units of a list (columns code, name, kind, parent_code) and what is wrong with the file."""
    text = _decode(content)
    if isinstance(text, Problem):
        return [], [text]
    problems: list[Problem] = []
    rows: list[ListedUnit] = []
    for line, cells in _lines(text, _UNIT_COLUMNS, problems):
        row = ListedUnit(
            cells["code"], clean_name(cells["name"]), cells["kind"], cells["parent_code"] or None, line
        )
        problems.extend(_row_problems(row))
        rows.append(row)
    if not rows and not problems:
        problems.append(Problem(0, "Tệp không có đơn vị nào. Chọn đúng tệp danh mục rồi nạp lại."))
    problems.extend(read_trees(rows))
    return rows, sorted(problems, key=lambda problem: problem.line)


def _row_problems(row: ListedUnit) -> Iterator[Problem]:
    if not _CODE.fullmatch(row.code):
        yield Problem(row.line, f"mã “{row.code[:40]}” không dùng được; mã đơn vị chỉ gồm chữ số.")
    if not row.name or len(row.name) > _LONGEST_NAME:
        yield Problem(row.line, f"ghi tên đơn vị, không quá {_LONGEST_NAME} chữ.")
    if not _KIND.fullmatch(row.kind):
        yield Problem(
            row.line, f"loại “{row.kind[:40]}” không dùng được; ghi chữ thường không dấu, ví dụ commune."
        )


def read_trees(rows: Sequence[ListedUnit]) -> list[Problem]:
    """Return what keeps the lines from forming trees: a code twice, an unknown parent, a circle of parents."""
    problems: list[Problem] = []
    by_code: dict[str, ListedUnit] = {}
    for row in rows:
        first = by_code.setdefault(row.code, row)
        if first is not row:
            problems.append(Problem(row.line, f"mã {row.code} đã có ở dòng {first.line}; giữ lại một dòng."))
    problems.extend(
        Problem(row.line, f"đơn vị cha {row.parent_code} của {row.name} không có trong tệp.")
        for row in rows
        if row.parent_code is not None and row.parent_code not in by_code
    )
    problems.extend(_circles(by_code))
    return problems


def _circles(by_code: Mapping[str, ListedUnit]) -> Iterator[Problem]:
    ends_well: set[str] = set()
    for row in by_code.values():
        path: dict[str, None] = {}
        code: str | None = row.code
        while code is not None and code in by_code and code not in ends_well and code not in path:
            path[code] = None
            code = by_code[code].parent_code
        if code is not None and code in path:
            yield Problem(row.line, f"{row.name} nằm dưới chính nó; sửa cột parent_code.")
        ends_well.update(path)


def read_successors(content: bytes) -> tuple[list[ListedSuccessor], list[Problem]]:
    """Return the lines of a successors file (old_code, new_code, old_is_split) and what is wrong with it."""
    text = _decode(content)
    if isinstance(text, Problem):
        return [], [text]
    problems: list[Problem] = []
    rows: list[ListedSuccessor] = []
    seen: dict[tuple[str, str], int] = {}
    for line, cells in _lines(text, _SUCCESSOR_COLUMNS, problems):
        old, new, split = cells["old_code"], cells["new_code"], cells["old_is_split"].lower()
        if not _CODE.fullmatch(old) or not _CODE.fullmatch(new):
            problems.append(Problem(line, "mã cũ và mã mới chỉ gồm chữ số."))
        elif split not in _YES_NO:
            problems.append(Problem(line, "cột old_is_split chỉ nhận true hoặc false."))
        elif (old, new) in seen:
            first = seen[old, new]
            problems.append(Problem(line, f"cặp {old} → {new} đã có ở dòng {first}; giữ lại một dòng."))
        else:
            seen[old, new] = line
            rows.append(ListedSuccessor(old, new, _YES_NO[split], line))
    return rows, problems
