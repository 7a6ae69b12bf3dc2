"""Hồ sơ on pages: the list, one case, and a page for each step that asks something."""

from civreg.web.cases import asking, changing, closing, listing, receiving, registering, showing
from civreg.web.cases.blueprint import blueprint

__all__ = ["asking", "blueprint", "changing", "closing", "listing", "receiving", "registering", "showing"]
