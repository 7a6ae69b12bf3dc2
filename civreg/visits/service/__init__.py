"""Việc với lịch đến nhà: `booking` (hẹn, ghép, chuyển, huỷ), `recording` (ghi kết quả), `books` (sổ hộ tịch), `missed` (xin lỗi vì lỡ hẹn).

`holding` says what is locked, `carrying` which books a trip has with it, `together` books linked cases at once.
"""

from civreg.visits.service.booking import book_visit, cancel_visit, join_visit, move_visit, release_case
from civreg.visits.service.books import bring_back, choose_books, close_book, open_book, take_out
from civreg.visits.service.missed import (
    draft_missed,
    send_visit_apology,
    settle_visit_told_by_letter,
    sign_visit_apology,
)
from civreg.visits.service.recording import phones_of_visit, record_past_visit, record_visit
from civreg.visits.service.succeeding import close_books_of, hand_over_visits
from civreg.visits.service.together import add_twin, link_cases, start_marriage

__all__ = [
    "add_twin",
    "book_visit",
    "bring_back",
    "cancel_visit",
    "choose_books",
    "close_book",
    "close_books_of",
    "draft_missed",
    "hand_over_visits",
    "join_visit",
    "link_cases",
    "move_visit",
    "open_book",
    "phones_of_visit",
    "record_past_visit",
    "record_visit",
    "release_case",
    "send_visit_apology",
    "settle_visit_told_by_letter",
    "sign_visit_apology",
    "start_marriage",
    "take_out",
]
