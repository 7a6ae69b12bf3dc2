"""Thống kê on pages: the month of a unit, its figures opened to their cases, and the files to download."""

from civreg.web.statistics import behind, month
from civreg.web.statistics.blueprint import blueprint

__all__ = ["behind", "blueprint", "month"]
