"""Hồ sơ on pages: the list, one case, and a page for each step that asks something."""

from civreg.web.cases import (
    afterwards,
    apologies,
    asking,
    changing,
    circumstances,
    closing,
    copying,
    linking,
    listing,
    outside,
    parts,
    printing,
    receiving,
    registering,
    showing,
    supplements,
    tidings,
)
from civreg.web.cases.blueprint import blueprint

__all__ = [
    "afterwards",
    "apologies",
    "asking",
    "blueprint",
    "changing",
    "circumstances",
    "closing",
    "copying",
    "linking",
    "listing",
    "outside",
    "parts",
    "printing",
    "receiving",
    "registering",
    "showing",
    "supplements",
    "tidings",
]
