"""Việc với lịch đến nhà: `booking` (hẹn, ghép, chuyển, huỷ), `recording` (ghi kết quả), `holding` (what is locked), `together` (linked cases)."""

from civreg.visits.service.booking import book_visit, cancel_visit, join_visit, move_visit, release_case
from civreg.visits.service.recording import phones_of_visit, record_past_visit, record_visit
from civreg.visits.service.succeeding import (
    bookings_by_unit,
    close_books_of,
    hand_over_visits,
    open_books_by_unit,
)
from civreg.visits.service.together import add_twin, link_cases, start_marriage

__all__ = [
    "add_twin",
    "book_visit",
    "bookings_by_unit",
    "cancel_visit",
    "close_books_of",
    "hand_over_visits",
    "join_visit",
    "link_cases",
    "move_visit",
    "open_books_by_unit",
    "phones_of_visit",
    "record_past_visit",
    "record_visit",
    "release_case",
    "start_marriage",
]
