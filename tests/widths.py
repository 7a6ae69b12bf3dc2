"""Whether a page fits the width of its screen, asked without a race against the page that is still coming."""

from __future__ import annotations

from playwright.sync_api import Error, Page

PHONE, DESK = 360, 1280
_FITS = "document.readyState === 'complete' && document.documentElement.scrollWidth <= window.innerWidth"


def fits(page: Page) -> bool:
    """Return whether nothing hangs over the side once the page is there (a click may still be on its way)."""
    try:
        page.wait_for_function(_FITS, timeout=10_000)
    except Error:
        return False
    return True
