"""Việc với lịch đến nhà: `booking` (hẹn, ghép, chuyển, huỷ), `recording` (ghi kết quả), `holding` (what is locked)."""

from civreg.visits.service.booking import book_visit, cancel_visit, join_visit, move_visit, release_case
from civreg.visits.service.recording import phones_of_visit, record_past_visit, record_visit
from civreg.visits.service.succeeding import close_books_of, hand_over_visits

__all__ = [
    "book_visit",
    "cancel_visit",
    "close_books_of",
    "hand_over_visits",
    "join_visit",
    "move_visit",
    "phones_of_visit",
    "record_past_visit",
    "record_visit",
    "release_case",
]
