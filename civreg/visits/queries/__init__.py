"""Đọc lịch đến nhà.

`plans`: the day, the visits of a case, free slots; `books`: sổ hộ tịch and where each one is; `missed`: xin lỗi vì lỡ
hẹn; `briefs`: when and who.
"""

from civreg.visits.queries.books import (
    NO_BOOK,
    BookRow,
    CarriedOn,
    LoanRow,
    book_page,
    books_for,
    books_late,
    books_of,
    open_books_by_unit,
)
from civreg.visits.queries.briefs import VisitBrief, past_visits_of, visit_briefs
from civreg.visits.queries.missed import (
    VisitApologyRow,
    apologised_visits,
    apology_of_visit,
    told_apology,
    visit_apologies_waiting,
)
from civreg.visits.queries.plans import (
    NO_VISIT,
    SEARCH_DAYS,
    VisitCaseRow,
    VisitRow,
    bookings_by_unit,
    day_plan,
    first_visit_of,
    free_slots,
    last_visit_made,
    next_visit,
    next_visits,
    opening_day,
    planned_visits_of,
    visit_page,
    visits_of_case,
    visits_to_record,
)

__all__ = [
    "NO_BOOK",
    "NO_VISIT",
    "SEARCH_DAYS",
    "BookRow",
    "CarriedOn",
    "LoanRow",
    "VisitApologyRow",
    "VisitBrief",
    "VisitCaseRow",
    "VisitRow",
    "apologised_visits",
    "apology_of_visit",
    "book_page",
    "bookings_by_unit",
    "books_for",
    "books_late",
    "books_of",
    "day_plan",
    "first_visit_of",
    "free_slots",
    "last_visit_made",
    "next_visit",
    "next_visits",
    "open_books_by_unit",
    "opening_day",
    "past_visits_of",
    "planned_visits_of",
    "told_apology",
    "visit_apologies_waiting",
    "visit_briefs",
    "visit_page",
    "visits_of_case",
    "visits_to_record",
]
