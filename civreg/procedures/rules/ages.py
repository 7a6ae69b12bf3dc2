"""Tuổi tròn: from which day a person has reached a full age.

Luật Hôn nhân và gia đình 2014 art 8: a man from 20 full years, a woman from 18.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

Sex = Literal["male", "female"]

MARRIAGE_AGE: dict[Sex, int] = {"male": 20, "female": 18}
"""Full years from which a person may marry (tuổi kết hôn)."""


def full_age_on(born: date, years: int) -> date:
    """Return the first day on which a person born on `born` is `years` full years old (đủ tuổi).

    Somebody born on 29 February reaches the age on 1 March of a common year: on 28 February the last year is
    not yet complete.
    """
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def marriage_possible_from(sex: Sex, born: date) -> date:
    """Return the first day on which that person may marry."""
    return full_age_on(born, MARRIAGE_AGE[sex])
