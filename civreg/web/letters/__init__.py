"""Thư on pages: the list by step, one letter with every hand it passed through, and the clerk's print runs."""

from civreg.web.letters import (
    counting,
    deciding,
    giving,
    handing,
    keeping,
    listing,
    printing,
    reasoned,
    showing,
    speaking,
)
from civreg.web.letters.blueprint import blueprint

__all__ = [
    "blueprint",
    "counting",
    "deciding",
    "giving",
    "handing",
    "keeping",
    "listing",
    "printing",
    "reasoned",
    "showing",
    "speaking",
]
