"""Chữ tiếng Việt: one way to clean, fold, sort, spell out and compare what people type.

Everything here is pure. Other packages import from `civreg.shared.text`; the modules below are its rooms.
"""

from civreg.shared.text.letters import capitals, fold, fold_joined, in_sentence, nfc, strip_accents
from civreg.shared.text.name_matching import NameMatch, name_match
from civreg.shared.text.ordering import sort_key_vi
from civreg.shared.text.phones import phone_digits
from civreg.shared.text.wording import (
    date_in_words,
    date_line,
    format_date_vi,
    format_moment_vi,
    month_in_words,
    number_in_words,
    percent,
    thousands,
    two_digits,
)

__all__ = [
    "NameMatch",
    "capitals",
    "date_in_words",
    "date_line",
    "fold",
    "fold_joined",
    "format_date_vi",
    "format_moment_vi",
    "in_sentence",
    "month_in_words",
    "name_match",
    "nfc",
    "number_in_words",
    "percent",
    "phone_digits",
    "sort_key_vi",
    "strip_accents",
    "thousands",
    "two_digits",
]
