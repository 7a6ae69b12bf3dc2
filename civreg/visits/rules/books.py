"""Sổ hộ tịch mang theo: which register book the second visit of mobile registration brings, and when it is due back.

The family checks and signs its entry in the book itself (TT 04/2020/TT-BTP arts 25-26), so the book of the case's
kind and year travels. A case registered in the ordinary form needs none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from civreg.deadlines.rules import VIETNAM
from civreg.procedures.rules import ProcedureVersion
from civreg.shared.errors import Conflict, InvalidInput
from civreg.shared.text import format_date_vi, format_moment_vi, nfc

BOOK_WORDS: Mapping[str, str] = {
    "birth": "Sổ đăng ký khai sinh",
    "marriage": "Sổ đăng ký kết hôn",
    "death": "Sổ đăng ký khai tử",
}
"""Kind of book → its name; the kinds are the occasions of procedures that registers are kept for."""

FIRST_YEAR = 1950
LONGEST_LABEL = 20
MOST_WRITTEN = 9_999
"""More pages or entries than a paper book can have."""


@dataclass(frozen=True)
class Book:
    """Một quyển sổ: kind, the year of its entries, số quyển as on its cover, whether it takes no more entries."""

    id: UUID
    kind: str
    year: int
    label: str
    closed: bool

    @property
    def title(self) -> str:
        """Return "Sổ đăng ký khai sinh năm 2026, quyển 01"."""
        return book_title(self.kind, self.year, self.label)

    def choice(self, need: BookNeed) -> str:
        """Return what a list under the words of `need` calls it: "Quyển 01", with the year when that is open."""
        year = "" if need.year else f", năm {self.year}"
        return f"Quyển {self.label}{year}{' (đã khóa)' if self.closed else ''}"


@dataclass(frozen=True)
class BookNeed:
    """Sổ cần mang: the kind and the year of registration; `year` is None while the case is not registered."""

    kind: str
    year: int | None

    @property
    def words(self) -> str:
        """Return "Sổ đăng ký khai sinh năm 2026"."""
        return f"{BOOK_WORDS[self.kind]} năm {self.year}" if self.year else BOOK_WORDS[self.kind]

    def met_by(self, kind: str, year: int) -> bool:
        """Tell whether a book of that kind and year is the one."""
        return self.kind == kind and self.year in (None, year)


class BookTaken(Conflict):
    """Another planned trip carries the book at that time; the page offers to join that trip (ghép chuyến).

    Attributes:
        visit_id: the trip that is in the way.
        starts_at: when it starts.
    """

    def __init__(self, title: str, visit_id: UUID, starts_at: datetime, officer: str, place: str) -> None:
        start = starts_at.astimezone(VIETNAM)
        where = f" ({place})" if place else ""
        super().__init__(
            f"Lúc {format_moment_vi(start)} {officer} mang {title} đi chuyến khác{where}. "
            "Ông/bà chọn quyển khác, chọn giờ khác, hoặc ghép chuyến hồ sơ này vào lịch đó."
        )
        self.visit_id = visit_id
        self.starts_at = start


def book_need(rules: ProcedureVersion, registered_at: datetime | None) -> BookNeed | None:
    """Return which book the visit that brings the result of a case has to carry; None when it needs none.

    Both answers are data of the catalogue: the form in which the law registers, and the occasion.
    """
    if rules.form != "mobile" or rules.occasion not in BOOK_WORDS:
        return None
    return BookNeed(rules.occasion, registered_at.astimezone(VIETNAM).year if registered_at else None)


def book_title(kind: str, year: int, label: str) -> str:
    """Return "Sổ đăng ký khai sinh năm 2026, quyển 01"."""
    return f"{BOOK_WORDS[kind]} năm {year}, quyển {label}"


def likely_book(books: Sequence[Book], register_book: str = "") -> Book | None:
    """Return the book to offer first: the one whose number was typed with the register number, else the newest open one.

    Args:
        books: those that would do, in any order.
        register_book: "Quyển số" as typed from the Ministry's software ("01/2026"), may be empty.
    """
    typed = nfc(register_book).casefold()
    for book in books:
        if typed and typed in (book.label.casefold(), f"{book.label}/{book.year}".casefold()):
            return book
    return max(books, key=lambda book: (not book.closed, book.year, book.label), default=None)


def check_book(kind: str, year: int | None, label: str, today: date) -> tuple[int, str]:
    """Return year and label of a book to open as they are stored.

    Raises:
        InvalidInput: each field with what to do.
    """
    problems: dict[str, str] = {}
    line = nfc(label)
    if kind not in BOOK_WORDS:
        problems["kind"] = "Ông/bà chọn loại sổ: khai sinh, kết hôn hoặc khai tử."
    if year is None or not FIRST_YEAR <= year <= today.year + 1:
        problems["year"] = f"Ông/bà ghi năm của sổ, từ {FIRST_YEAR} đến {today.year + 1}."
    if not line:
        problems["label"] = "Ông/bà ghi số quyển như trên bìa sổ, ví dụ 01."
    elif len(line) > LONGEST_LABEL:
        problems["label"] = (
            f"Ông/bà ghi số quyển không quá {LONGEST_LABEL} ký tự (đang có {len(line)}), ví dụ 01."
        )
    if problems or year is None:
        raise InvalidInput("Chưa mở được sổ. Ông/bà sửa những chỗ được nêu dưới đây.", problems)
    return year, line


def check_closing(
    year: int, *, full: bool, total_pages: int | None, total_events: int | None, today: date
) -> None:
    """Refuse closing a book before its time, or with totals that cannot be.

    A book is closed on the last day of its year, or, when its pages are used up earlier, with the last entry
    (Luật Hộ tịch 2014 art 58; TT 04/2020/TT-BTP, read through third-party notes: certainty C).

    Raises:
        InvalidInput: each field with what to do.
    """
    problems: dict[str, str] = {}
    last_day = date(year, 12, 31)
    if today < last_day and not full:
        problems["full"] = (
            f"Sổ năm {year} khóa vào ngày cuối năm, {format_date_vi(last_day)}. "
            "Nếu sổ đã viết hết trang, ông/bà đánh dấu ô này để khóa sớm rồi mở quyển tiếp theo."
        )
    for field, total in (("total_pages", total_pages), ("total_events", total_events)):
        if total is not None and not 0 <= total <= MOST_WRITTEN:
            problems[field] = f"Ông/bà ghi một số từ 0 đến {MOST_WRITTEN}."
    if problems:
        raise InvalidInput("Chưa khóa được sổ. Ông/bà sửa những chỗ được nêu dưới đây.", problems)


def is_overdue(due_on: date, today: date) -> bool:
    """Tell whether a book that is out should have been back: it returns on the day of its visit."""
    return today > due_on
